"""Fine-tuning on toy rows: it learns, keeps its best epoch, and does the same again."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
import torch

from evaluation.metrics import label_numbers, macro_f1
from training.config import TextConfig
from training.text.answers import answers_of
from training.text.examples import labelled_examples
from training.text.fit import Fitted, TextTrainer
from triage.corpus import LabelledAlert, Split
from triage.taxonomy import HEADS, Taxonomy

Rows = list[LabelledAlert]
Logits = dict[Any, np.ndarray]


class Run:
    """One fit, with what it said after each epoch."""

    def __init__(self, tiny: Any, taxonomy: Taxonomy, config: TextConfig, train: Rows, validation: Rows) -> None:
        self.network, self.tokenizer = tiny.network, tiny.tokenizer()
        self.trainer = TextTrainer(tiny.network, self.tokenizer, taxonomy, config)
        self.epochs: list[int] = []
        self.metrics: list[dict[str, float]] = []
        self.after_epoch: list[Logits] = []
        self._texts = [row.masked_text for row in validation]
        self.fitted: Fitted = self.trainer.fit(labelled_examples(train, taxonomy), validation, self._note)

    def _note(self, metrics: dict[str, float], epoch: int) -> None:
        self.epochs.append(epoch)
        self.metrics.append(metrics)
        self.after_epoch.append(self.logits())

    @property
    def scores(self) -> list[float]:
        return [metrics["validation_score"] for metrics in self.metrics]

    def logits(self, texts: Sequence[str] | None = None) -> Logits:
        return answers_of(self.network, self.tokenizer, texts or self._texts).logits


@pytest.fixture(scope="module")
def train(toy_rows: Callable[[Split, int], Rows]) -> Rows:
    return toy_rows(Split.TRAIN, 60)


@pytest.fixture(scope="module")
def validation(toy_rows: Callable[[Split, int], Rows]) -> Rows:
    return toy_rows(Split.VALIDATION, 21)


@pytest.fixture(scope="module")
def run(make_tiny: Any, taxonomy: Taxonomy, tiny_config: TextConfig, train: Rows, validation: Rows) -> Run:
    return Run(make_tiny(), taxonomy, tiny_config, train, validation)


def test_fitting_lowers_the_loss_and_learns_the_rows(run: Run) -> None:
    losses = [metrics["train_loss"] for metrics in run.metrics]
    assert losses[-1] < 0.5 * losses[0]
    assert run.fitted.score > 0.9


def test_each_epoch_is_told_once_with_all_its_figures(run: Run) -> None:
    assert run.epochs == list(range(1, len(run.epochs) + 1))
    names = {"train_loss", "validation_score", *(f"validation_{head}_macro_f1" for head in HEADS)}
    assert all(set(metrics) == names for metrics in run.metrics)


def test_the_score_is_the_mean_over_the_heads(run: Run) -> None:
    for metrics in run.metrics:
        mean = np.mean([metrics[f"validation_{head}_macro_f1"] for head in HEADS])
        assert metrics["validation_score"] == pytest.approx(mean)


def test_the_first_of_the_best_epochs_is_named(run: Run) -> None:
    assert run.fitted.epoch == int(np.argmax(run.scores)) + 1
    assert run.fitted.score == max(run.scores)


def test_training_stops_when_patience_is_used_up(run: Run, tiny_config: TextConfig) -> None:
    assert len(run.epochs) == min(tiny_config.epochs, run.fitted.epoch + tiny_config.patience)
    assert run.fitted.epoch < len(run.epochs), "the toy rows should be learnt before the last epoch"


def test_the_network_holds_the_best_epoch_afterwards(run: Run, validation: Rows, taxonomy: Taxonomy) -> None:
    found = run.logits()
    for head in HEADS:
        np.testing.assert_allclose(found[head], run.after_epoch[run.fitted.epoch - 1][head], atol=1e-5)
        assert not np.allclose(found[head], run.after_epoch[-1][head], atol=1e-3)
    scores = [macro_f1(label_numbers(validation, head, taxonomy), found[head].argmax(axis=1)) for head in HEADS]
    assert np.mean(scores) == pytest.approx(run.fitted.score)


def test_the_network_is_left_ready_to_answer(run: Run) -> None:
    assert not run.network.training


def test_the_same_seed_gives_the_same_result(
    make_tiny: Any, taxonomy: Taxonomy, tiny_config: TextConfig, train: Rows, validation: Rows
) -> None:
    config = tiny_config.model_copy(update={"epochs": 2, "augment": True})
    one, two = (Run(make_tiny(), taxonomy, config, train, validation) for _ in range(2))
    assert one.fitted == two.fitted
    for mine, theirs in zip(one.metrics, two.metrics, strict=True):
        assert mine == pytest.approx(theirs)
    for head in HEADS:
        np.testing.assert_allclose(one.logits()[head], two.logits()[head], atol=1e-5)


def test_another_seed_gives_another_result(
    make_tiny: Any, taxonomy: Taxonomy, tiny_config: TextConfig, train: Rows, validation: Rows
) -> None:
    configs = [tiny_config.model_copy(update={"epochs": 1, "seed": seed}) for seed in (1, 2)]
    one, two = (Run(make_tiny(), taxonomy, config, train, validation) for config in configs)
    assert not np.allclose(one.logits()["category"], two.logits()["category"], atol=1e-4)


def test_a_head_without_weight_learns_nothing(
    make_tiny: Any, taxonomy: Taxonomy, tiny_config: TextConfig, train: Rows, validation: Rows
) -> None:
    weights = {"category": 1.0, "department": 1.0, "priority": 0.0}
    tiny = make_tiny()
    before = tiny.network.heads["priority"].bias.detach().clone()
    config = tiny_config.model_copy(update={"epochs": 1, "head_weights": weights, "weight_decay": 0.0})
    Run(tiny, taxonomy, config, train, validation)
    assert torch.equal(tiny.network.heads["priority"].bias, before)


def test_a_frozen_table_is_not_trained(
    make_tiny: Any, taxonomy: Taxonomy, tiny_config: TextConfig, train: Rows, validation: Rows
) -> None:
    tiny = make_tiny()
    table = tiny.network.encoder.embeddings.word_embeddings.weight.requires_grad_(False)
    before = table.detach().clone()
    Run(tiny, taxonomy, tiny_config.model_copy(update={"epochs": 1}), train, validation)
    assert torch.equal(tiny.network.encoder.embeddings.word_embeddings.weight, before)


def test_logits_keep_the_order_of_the_texts(run: Run) -> None:
    texts = ["tag mur", "lampe noir rue casse vite danger ici encore", "trou"]
    forward, backward = run.logits(texts), run.logits(texts[::-1])
    for head in HEADS:
        np.testing.assert_allclose(forward[head], backward[head][::-1], atol=1e-5)


def test_logits_of_many_texts_are_those_of_each_alone(run: Run) -> None:
    texts = ["lampe " + "noir " * (number % 60) for number in range(70)]
    together = run.logits(texts)
    for number in (0, 33, 69):
        np.testing.assert_allclose(together["category"][number], run.logits([texts[number]])["category"][0], atol=1e-4)


def test_training_reads_the_masked_text(
    make_tiny: Any, taxonomy: Taxonomy, tiny_config: TextConfig, validation: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    from models.tokenization import TextTokenizer

    read: list[str] = []
    encode = TextTokenizer.encode

    def recording(self: TextTokenizer, texts: list[str]) -> list[list[int]]:
        read.extend(texts)
        return encode(self, texts)

    monkeypatch.setattr(TextTokenizer, "encode", recording)
    rows = [row.model_copy(update={"text": f"{row.text} AB-123-CD 06 12 34 56 78"}) for row in validation]
    Run(make_tiny(), taxonomy, tiny_config.model_copy(update={"epochs": 1}), rows, rows)
    assert read
    assert not any("123" in text or "34 56" in text for text in read)
    assert all("<PLAQUE>" in text and "<TEL>" in text for text in read)
