"""Fine-tunes the text network on labelled alerts, keeping the best epoch on validation."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from torch import Tensor, nn

from evaluation.metrics import label_numbers, macro_f1
from models.networks.text import TextNetwork
from models.tokenization import TextTokenizer
from training.augmentation import augment
from training.config import TextConfig
from training.text.answers import TeacherAnswers, answers_of
from training.text.examples import Example, WordSalads
from training.text.losses import Targets, TrainingLoss
from training.text.schedule import Schedule
from triage.corpus import LabelledAlert
from triage.taxonomy import HEADS, Taxonomy

MetricSink = Callable[[dict[str, float], int], None]


@dataclass(frozen=True, slots=True)
class Fitted:
    """The best epoch, counted from 1, and its mean macro-F1 over the heads on validation."""

    epoch: int
    score: float


class TextTrainer:
    """Fits one network; everything random comes from the configuration's seed."""

    def __init__(
        self,
        network: TextNetwork,
        tokenizer: TextTokenizer,
        taxonomy: Taxonomy,
        config: TextConfig,
        teacher: TeacherAnswers | None = None,
    ) -> None:
        self._network = network
        self._tokenizer = tokenizer
        self._config = config
        self._taxonomy = taxonomy
        self._teacher = teacher
        self._device = training_device()
        self._network.to(self._device)
        # A step takes about half the time where the processor multiplies bfloat16.
        self._bfloat16 = self._device.type != "cpu" or torch.cpu.get_capabilities().get("avx512_bf16", False)
        self._loss = TrainingLoss(config, taxonomy)
        self._salads = WordSalads() if config.salad_share else None

    def fit(self, train: Sequence[Example], validation: Sequence[LabelledAlert], sink: MetricSink) -> Fitted:
        """Train until the validation score stops rising; the network then holds the best epoch.

        Args:
            train: examples to fit.
            validation: rows that choose the epoch.
            sink: receives the metrics of each epoch and its number, for tracking.
        """
        config = self._config
        torch.manual_seed(config.seed)
        generator = random.Random(config.seed)
        steps = len(self._shuffled_batches(train, random.Random(0)))
        schedule = Schedule.of(self._network, config, steps * config.epochs)
        best = Fitted(0, -1.0)
        best_state: dict[str, Tensor] = {}
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns) as progress:
            task = progress.add_task("fine-tuning", total=steps * config.epochs)
            for epoch in range(1, config.epochs + 1):
                loss = self._train_epoch(train, generator, schedule, lambda: progress.advance(task))
                metrics = score(schedule.averaged, self._tokenizer, self._taxonomy, validation)
                sink({"train_loss": loss, **metrics}, epoch)
                reached = metrics["validation_score"]
                progress.update(task, description=f"epoch {epoch}: loss {loss:.2f}, validation {reached:.3f}")
                if reached > best.score:
                    best = Fitted(epoch, reached)
                    best_state = {name: value.clone() for name, value in schedule.averaged.state_dict().items()}
                elif epoch - best.epoch >= config.patience:
                    break
        self._network.load_state_dict(best_state)
        self._network.to("cpu").eval()
        return best

    def _train_epoch(
        self,
        examples: Sequence[Example],
        generator: random.Random,
        schedule: Schedule,
        advance: Callable[[], None],
    ) -> float:
        self._network.train()
        total = 0.0
        batches = self._shuffled_batches(examples, generator)
        for batch in batches:
            schedule.optimizer.zero_grad()
            loss = self._batch_loss(batch, generator)
            torch.autograd.backward(loss)
            nn.utils.clip_grad_norm_(self._network.parameters(), 1.0)
            schedule.step()
            total += loss.item()
            advance()
        return total / len(batches)

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
