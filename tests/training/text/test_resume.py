"""A fit that was stopped goes on as if it had not been: the same weights, bit by bit, and every epoch told once."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from training.checkpoint import Checkpoint, InvalidCheckpoint
from training.config import TextConfig
from training.text.examples import labelled_examples
from training.text.fit import Fitted, TextTrainer
from training.text.state import Ending
from triage.corpus import LabelledAlert, Split
from triage.taxonomy import Taxonomy

Rows = list[LabelledAlert]


class Stopped(Exception):
    """What a test stops a fit with."""


class Fit:
    """Fits a new tiny network on the same rows each time."""

    def __init__(self, make_tiny: Any, taxonomy: Taxonomy, rows: Callable[[Split, int], Rows]) -> None:
        self._make_tiny = make_tiny
        self._taxonomy = taxonomy
        self._train = labelled_examples(rows(Split.TRAIN, 60), taxonomy)
        self._validation = rows(Split.VALIDATION, 21)
        self.epochs: list[int] = []
        self.network: Any = None

    def __call__(
        self,
        config: TextConfig,
        checkpoint: Checkpoint | None = None,
        stop_in: int | None = None,
        clock: Callable[[], float] | None = None,
    ) -> Fitted:
        """Fit; stops before the checkpoint of one epoch is written, as a kill in that epoch would."""
        tiny = self._make_tiny(dropout=0.2)
        tiny.network.encoder.embeddings.word_embeddings.weight.requires_grad_(False)
        self.network = tiny.network

        def tell(_: dict[str, float], epoch: int) -> None:
            if epoch == stop_in:
                raise Stopped
            self.epochs.append(epoch)

        more = {"clock": clock} if clock else {}
        trainer = TextTrainer(tiny.network, tiny.tokenizer(), self._taxonomy, config, **more)
        return trainer.fit(self._train, self._validation, tell, checkpoint)

    def weights(self) -> dict[str, torch.Tensor]:
        return {name: value.clone() for name, value in self.network.state_dict().items()}


@pytest.fixture
def fit(make_tiny: Any, taxonomy: Taxonomy, toy_rows: Callable[[Split, int], Rows]) -> Fit:
    return Fit(make_tiny, taxonomy, toy_rows)


@pytest.fixture(scope="module")
def config(tiny_config: TextConfig) -> TextConfig:
    """All that draws random numbers is on: noise of typing, word salads, dropout."""
    changes = {"epochs": 4, "patience": 4, "augment": True, "salad_share": 0.1, "dropout": 0.2, "learning_rate": 1e-3}
    return tiny_config.model_copy(update=changes)


@pytest.fixture
def checkpoint(tmp_path: Path) -> Checkpoint:
    return Checkpoint(tmp_path / "seed-0.safetensors")


@pytest.mark.parametrize("average_decay", [0.0, 0.8])
@pytest.mark.parametrize("stop_in", [2, 4])
def test_a_resumed_fit_gives_the_same_weights_as_an_uninterrupted_one(
    fit: Fit, config: TextConfig, checkpoint: Checkpoint, average_decay: float, stop_in: int
) -> None:
    chosen = config.model_copy(update={"average_decay": average_decay})
    expected = fit(chosen)
    weights = fit.weights()
    fit.epochs.clear()
    with pytest.raises(Stopped):
        fit(chosen, checkpoint, stop_in)
    torch.rand(3)  # whatever else the process does meanwhile
    assert fit(chosen, checkpoint) == expected
    assert fit.epochs == [1, 2, 3, 4]
    found = fit.weights()
    assert all(torch.equal(found[name], value) for name, value in weights.items())


def test_a_fit_that_is_stopped_in_its_first_epoch_begins_anew(
    fit: Fit, config: TextConfig, checkpoint: Checkpoint
) -> None:
    with pytest.raises(Stopped):
        fit(config, checkpoint, 1)
    assert checkpoint.read() is None
    fit(config, checkpoint)
    assert fit.epochs == [1, 2, 3, 4]


def test_a_fit_that_had_ended_is_not_fitted_again(fit: Fit, config: TextConfig, checkpoint: Checkpoint) -> None:
    expected = fit(config, checkpoint)
    weights = fit.weights()
    fit.epochs.clear()
    assert fit(config, checkpoint) == expected
    assert fit.epochs == []
    assert all(torch.equal(fit.weights()[name], value) for name, value in weights.items())


def test_patience_counts_the_epochs_before_the_interruption(
    fit: Fit, config: TextConfig, checkpoint: Checkpoint
) -> None:
    hopeless = config.model_copy(
        update={"learning_rate": 1e-12, "head_learning_rate": 1e-12, "epochs": 12, "patience": 3}
    )
    expected = fit(hopeless)
    assert expected.ending is Ending.PATIENCE
    last = fit.epochs[-1]
    fit.epochs.clear()
    with pytest.raises(Stopped):
        fit(hopeless, checkpoint, last)
    assert fit(hopeless, checkpoint) == expected
    assert fit.epochs[-1] == last


def test_a_checkpoint_of_another_network_is_refused(fit: Fit, config: TextConfig, checkpoint: Checkpoint) -> None:
    fit(config.model_copy(update={"epochs": 1}), checkpoint)
    saved = checkpoint.read()
    assert saved is not None
    name = next(name for name in saved.tensors if name.startswith("network.") and name.endswith("weight"))
    saved.tensors[name] = torch.zeros(3)
    checkpoint.write(saved)
    with pytest.raises(InvalidCheckpoint, match="--fresh"):
        fit(config, checkpoint)


# Budgets


def test_a_budget_of_steps_ends_the_fit_within_an_epoch_and_says_so(fit: Fit, config: TextConfig) -> None:
    per_epoch = -(-66 // config.batch_size)
    fitted = fit(config.model_copy(update={"budget_steps": per_epoch + 2}))
    assert fit.epochs == [1, 2]
    assert fitted.ending is Ending.STEPS


def test_a_budget_of_minutes_ends_the_fit_and_says_so(fit: Fit, config: TextConfig) -> None:
    seconds = iter(range(0, 100_000, 30))
    fitted = fit(config.model_copy(update={"budget_minutes": 1.5}), clock=lambda: float(next(seconds)))
    assert fit.epochs == [1]
    assert fitted.ending is Ending.MINUTES


def test_minutes_of_before_the_interruption_count(fit: Fit, config: TextConfig, checkpoint: Checkpoint) -> None:
    per_epoch = -(-66 // config.batch_size)
    chosen = config.model_copy(update={"budget_minutes": (per_epoch + 3) * 0.5})
    seconds = iter(range(0, 100_000, 30))
    with pytest.raises(Stopped):
        fit(chosen, checkpoint, 2, clock=lambda: float(next(seconds)))
    fitted = fit(chosen, checkpoint, clock=lambda: float(next(seconds)))
    assert fitted.ending is Ending.MINUTES
    assert fit.epochs == [1, 2]


def test_a_budget_that_is_not_used_up_changes_nothing(fit: Fit, config: TextConfig) -> None:
    expected = fit(config)
    weights = fit.weights()
    assert fit(config.model_copy(update={"budget_steps": 10_000, "budget_minutes": 600.0})) == expected
    assert all(torch.equal(fit.weights()[name], value) for name, value in weights.items())
