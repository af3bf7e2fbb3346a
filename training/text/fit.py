"""Fine-tunes the text network on labelled alerts, keeping the best epoch on validation."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from torch import Tensor, nn

from evaluation.metrics import label_numbers, macro_f1
from models.networks.text import TextNetwork
from models.tokenization import TextTokenizer
from training.augmentation import augment
from training.config import TextConfig
from triage.corpus import LabelledAlert
from triage.taxonomy import HEADS, Head, Taxonomy

EVALUATION_TOKENS = 2048

MetricSink = Callable[[dict[str, float], int], None]
Logits = dict[Head, np.ndarray]


@dataclass(frozen=True, slots=True)
class Fitted:
    """The best epoch, counted from 1, and its mean macro-F1 over the heads on validation."""

    epoch: int
    score: float


class TextTrainer:
    """Fits one network; everything random comes from the configuration's seed."""

    def __init__(self, network: TextNetwork, tokenizer: TextTokenizer, taxonomy: Taxonomy, config: TextConfig) -> None:
        self._network = network
        self._tokenizer = tokenizer
        self._config = config
        self._taxonomy = taxonomy
        # A step takes about half the time where the processor multiplies bfloat16.
        self._bfloat16 = torch.cpu.get_capabilities().get("avx512_bf16", False)
        self._loss = nn.CrossEntropyLoss(label_smoothing=config.label_smoothing)

    def fit(self, train: Sequence[LabelledAlert], validation: Sequence[LabelledAlert], sink: MetricSink) -> Fitted:
        """Train until the validation score stops rising; the network then holds the best epoch.

        Args:
            train: rows to fit.
            validation: rows that choose the epoch.
            sink: receives the metrics of each epoch and its number, for tracking.
        """
        config = self._config
        torch.manual_seed(config.seed)
        generator = random.Random(config.seed)
        steps = -(-len(train) // config.batch_size)
        optimizer = self._optimizer()
        scheduler = self._scheduler(optimizer, steps * config.epochs)
        best = Fitted(0, -1.0)
        best_state: dict[str, Tensor] = {}
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns) as progress:
            task = progress.add_task("fine-tuning", total=steps * config.epochs)
            for epoch in range(1, config.epochs + 1):
                loss = self._train_epoch(train, generator, optimizer, scheduler, lambda: progress.advance(task))
                metrics = self._score(validation)
                sink({"train_loss": loss, **metrics}, epoch)
                score = metrics["validation_score"]
                progress.update(task, description=f"epoch {epoch}: loss {loss:.2f}, validation {score:.3f}")
                if score > best.score:
                    best = Fitted(epoch, score)
                    best_state = {name: value.clone() for name, value in self._network.state_dict().items()}
                elif epoch - best.epoch >= config.patience:
                    break
        self._network.load_state_dict(best_state)
        self._network.eval()
        return best

    def logits(self, texts: Sequence[str]) -> Logits:
        """Logits per head, shape (texts, codes), without dropout."""
        self._network.eval()
        rows = self._tokenizer.encode(texts)
        codes = {head: len(self._taxonomy.codes(head)) for head in HEADS}
        collected: Logits = {head: np.empty((len(texts), codes[head]), np.float32) for head in HEADS}
        with torch.inference_mode():
            for batch in self._tokenizer.batches(rows, EVALUATION_TOKENS):
                outputs = self._network(torch.from_numpy(batch.ids), torch.from_numpy(batch.mask))
                for head, values in zip(HEADS, outputs, strict=False):
                    collected[head][batch.positions] = values.numpy()
        return collected

    def _train_epoch(
        self,
        rows: Sequence[LabelledAlert],
        generator: random.Random,
        optimizer: torch.optim.Optimizer,
        scheduler: torch.optim.lr_scheduler.LRScheduler,
        advance: Callable[[], None],
    ) -> float:
        self._network.train()
        total = 0.0
        batches = self._shuffled_batches(rows, generator)
        for batch in batches:
            optimizer.zero_grad()
            loss = self._batch_loss(batch, generator)
            torch.autograd.backward(loss)
            nn.utils.clip_grad_norm_(self._network.parameters(), 1.0)
            optimizer.step()
            scheduler.step()
            total += loss.item()
            advance()
        return total / len(batches)

    def _shuffled_batches(self, rows: Sequence[LabelledAlert], generator: random.Random) -> list[list[LabelledAlert]]:
        # Rows of similar length share a batch, which halves the padding; the order stays random.
        order = sorted(rows, key=lambda row: len(row.text) * generator.uniform(0.7, 1.3))
        size = self._config.batch_size
        batches = [order[start : start + size] for start in range(0, len(order), size)]
        generator.shuffle(batches)
        return batches

    def _batch_loss(self, rows: Sequence[LabelledAlert], generator: random.Random) -> Tensor:
        texts = [row.masked_text for row in rows]
        if self._config.augment:
            texts = [augment(text, generator) for text in texts]
        token_rows = self._tokenizer.encode(texts)
        batch = next(self._tokenizer.batches(token_rows, max_batch_tokens=1_000_000))
        ordered = [rows[position] for position in batch.positions]
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self._bfloat16):
            outputs = self._network(torch.from_numpy(batch.ids), torch.from_numpy(batch.mask))
        losses = []
        for head, values in zip(HEADS, outputs, strict=False):
            truth = torch.from_numpy(label_numbers(ordered, head, self._taxonomy))
            losses.append(self._config.head_weights[head] * self._loss(values.float(), truth))
        return torch.stack(losses).sum()

    def _score(self, rows: Sequence[LabelledAlert]) -> dict[str, float]:
        logits = self.logits([row.masked_text for row in rows])
        scores = {
            f"validation_{head}_macro_f1": macro_f1(
                label_numbers(rows, head, self._taxonomy), logits[head].argmax(axis=1)
            )
            for head in HEADS
        }
        return {**scores, "validation_score": sum(scores.values()) / len(scores)}

    def _optimizer(self) -> torch.optim.Optimizer:
        config = self._config
        layers = self._network.encoder.encoder.layer
        groups = [{"params": list(self._network.heads.parameters()), "lr": config.head_learning_rate}]
        # Lower layers hold what all languages share, so they move less (Howard and Ruder, 2018).
        for depth, layer in enumerate(reversed(layers)):
            groups.append({"params": list(layer.parameters()), "lr": config.learning_rate * config.layer_decay**depth})
        embeddings = [value for value in self._network.encoder.embeddings.parameters() if value.requires_grad]
        groups.append({"params": embeddings, "lr": config.learning_rate * config.layer_decay ** len(layers)})
        return torch.optim.AdamW(groups, weight_decay=config.weight_decay)

    def _scheduler(self, optimizer: torch.optim.Optimizer, steps: int) -> torch.optim.lr_scheduler.LRScheduler:
        warmup = max(1, round(steps * self._config.warmup_share))
        return torch.optim.lr_scheduler.LambdaLR(
            optimizer, lambda step: min((step + 1) / warmup, max(0.02, (steps - step) / max(1, steps - warmup)))
        )
