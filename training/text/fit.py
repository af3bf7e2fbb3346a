"""Fine-tunes the text network on labelled alerts, keeping the best epoch on validation."""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from torch import Tensor, nn

from evaluation.metrics import label_numbers, macro_f1
from models.networks.text import TextNetwork
from models.tokenization import TextTokenizer
from training.augmentation import augment
from training.checkpoint import Checkpoint
from training.config import TextConfig
from training.text.answers import TeacherAnswers, answers_of
from training.text.examples import Example, WordSalads
from training.text.losses import Targets, TrainingLoss
from training.text.schedule import Schedule
from training.text.state import Ending, FitState
from triage.corpus import LabelledAlert
from triage.taxonomy import HEADS, Taxonomy

MetricSink = Callable[[dict[str, float], int], None]


@dataclass(frozen=True, slots=True)
class Fitted:
    """The best epoch, counted from 1, its mean macro-F1 over the heads on validation, and why the fit ended."""

    epoch: int
    score: float
    ending: Ending = Ending.EPOCHS


class TextTrainer:
    """Fits one network; everything random comes from the configuration's seed."""

    def __init__(
        self,
        network: TextNetwork,
        tokenizer: TextTokenizer,
        taxonomy: Taxonomy,
        config: TextConfig,
        teacher: TeacherAnswers | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._network = network
        self._tokenizer = tokenizer
        self._config = config
        self._taxonomy = taxonomy
        self._teacher = teacher
        self._clock = clock
        self._device = training_device()
        self._network.to(self._device)
        # A step takes about half the time where the processor multiplies bfloat16.
        self._bfloat16 = self._device.type != "cpu" or torch.cpu.get_capabilities().get("avx512_bf16", False)
        self._loss = TrainingLoss(config, taxonomy)
        self._salads = WordSalads() if config.salad_share else None

    def fit(
        self,
        train: Sequence[Example],
        validation: Sequence[LabelledAlert],
        sink: MetricSink,
        checkpoint: Checkpoint | None = None,
    ) -> Fitted:
        """Train until the validation score stops rising or the budget ends; the network then holds the best epoch.

        Args:
            train: examples to fit.
            validation: rows that choose the epoch.
            sink: receives the metrics of each epoch and its number, for tracking.
            checkpoint: written after each epoch; where there is one already, the fit goes on from it.

        Raises:
            InvalidCheckpoint: the checkpoint is damaged, cannot be written, or belongs to another network.
        """
        config = self._config
        torch.manual_seed(config.seed)
        per_epoch = len(self._shuffled_batches(train, random.Random(0)))
        steps = min(per_epoch * config.epochs, config.budget_steps or per_epoch * config.epochs)
        state = FitState(Schedule.of(self._network, config, steps), random.Random(config.seed))
        if checkpoint:
            state.restore(checkpoint)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True)) as progress:
            task = progress.add_task("fine-tuning", total=steps, completed=state.steps)
            while state.ending is None:
                loss = self._train_epoch(train, state, lambda: progress.advance(task))
                metrics = score(state.schedule.averaged, self._tokenizer, self._taxonomy, validation)
                reached = metrics["validation_score"]
                state.note(reached)
                state.ending = state.ending or self._ending(state)
                sink({"train_loss": loss, **metrics}, state.epoch)
                progress.update(task, description=f"epoch {state.epoch}: loss {loss:.2f}, validation {reached:.3f}")
                if checkpoint:
                    state.save(checkpoint)
            progress.print(f"Fine-tuning ended after epoch {state.epoch}: {state.ending}.", highlight=False)
        self._network.load_state_dict(state.best)
        self._network.to("cpu").eval()
        return Fitted(state.best_epoch, state.best_score, state.ending)

    def _ending(self, state: FitState) -> Ending | None:
        if state.epoch >= self._config.epochs:
            return Ending.EPOCHS
        if state.epoch - state.best_epoch >= self._config.patience:
            return Ending.PATIENCE
        return None

    def _train_epoch(self, examples: Sequence[Example], state: FitState, advance: Callable[[], None]) -> float:
        """The mean loss of an epoch, which is cut short where a budget ends."""
        self._network.train()
        losses: list[float] = []
        before, started = state.seconds, self._clock()
        for batch in self._shuffled_batches(examples, state.generator):
            state.schedule.optimizer.zero_grad()
            loss = self._batch_loss(batch, state.generator)
            torch.autograd.backward(loss)
            nn.utils.clip_grad_norm_(self._network.parameters(), 1.0)
            state.schedule.step()
            losses.append(loss.item())
            advance()
            state.steps += 1
            state.seconds = before + self._clock() - started
            state.ending = self._budget_used(state)
            if state.ending:
                break
        return sum(losses) / len(losses)

    def _budget_used(self, state: FitState) -> Ending | None:
        config = self._config
        if config.budget_steps and state.steps >= config.budget_steps:
            return Ending.STEPS
        if config.budget_minutes and state.seconds >= config.budget_minutes * 60:
            return Ending.MINUTES
        return None

    def _shuffled_batches(self, examples: Sequence[Example], generator: random.Random) -> list[list[Example]]:
        count = round(self._config.salad_share * len(examples))
        drawn = [*examples, *(self._salads.draw(count, generator) if self._salads else ())]
        # Rows of similar length share a batch, which halves the padding; the order stays random.
        order = sorted(drawn, key=lambda example: len(example.text) * generator.uniform(0.7, 1.3))
        size = self._config.batch_size
        batches = [order[start : start + size] for start in range(0, len(order), size)]
        generator.shuffle(batches)
        return batches

    def _batch_loss(self, examples: Sequence[Example], generator: random.Random) -> Tensor:
        texts = [example.text for example in examples]
        if self._config.augment:
            texts = [augment(text, generator) for text in texts]
        token_rows = self._tokenizer.encode(texts)
        batch = next(self._tokenizer.batches(token_rows, max_batch_tokens=1_000_000))
        ordered = [examples[position] for position in batch.positions]
        ids, mask = (torch.from_numpy(values).to(self._device) for values in (batch.ids, batch.mask))
        with torch.autocast(self._device.type, dtype=torch.bfloat16, enabled=self._bfloat16):
            outputs = self._network(ids, mask)
        targets = Targets.of(ordered)
        if self._teacher:
            # The teacher read the text as it was typed, so the student learns to see through the changes.
            targets = self._teacher.add_to(targets, [example.text for example in ordered])
        return self._loss(outputs, targets.to(self._device))


def training_device() -> torch.device:
    """The graphics card if there is one that torch can use, else the processor."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def score(
    network: TextNetwork, tokenizer: TextTokenizer, taxonomy: Taxonomy, rows: Sequence[LabelledAlert]
) -> dict[str, float]:
    """Macro-F1 of each head on labelled rows, and their mean."""
    logits = answers_of(network, tokenizer, [row.masked_text for row in rows]).logits
    scores = {
        f"validation_{head}_macro_f1": macro_f1(label_numbers(rows, head, taxonomy), logits[head].argmax(axis=1))
        for head in HEADS
    }
    return {**scores, "validation_score": sum(scores.values()) / len(scores)}
