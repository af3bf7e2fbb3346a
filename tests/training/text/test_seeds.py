"""One seed or several from one start: what is logged, and which network ships."""

from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import mean, pstdev
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_model
from tokenizers import Tokenizer

from models.bundle import digest
from training.config import TextConfig
from training.data import TrainingData
from training.encoder.source import EncoderSource
from training.text.answers import answers_of
from training.text.fit import TextTrainer, score
from training.text.losses import Targets
from training.text.network import BuiltNetwork
from training.text.seeds import Start, average, fit_seeds, starting_point
from training.text.teacher import write_teacher
from training.tracking import RunTracker
from triage.corpus import LabelledAlert, Split
from triage.errors import InvalidBundle
from triage.taxonomy import Taxonomy


class Notes(RunTracker):
    """Keeps the figures in place of MLflow."""

    def __init__(self) -> None:
        super().__init__("notes")
        self.tags: dict[str, str] = {}
        self.history: dict[str, list[tuple[int | None, float]]] = {}
        self.parameters: dict[str, Any] = {}

    def log_parameters(self, parameters: Mapping[str, Any]) -> None:
        self.parameters |= parameters

    def log_tags(self, tags: Mapping[str, str]) -> None:
        self.tags |= tags

    def log_metrics(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        for name, value in metrics.items():
            self.history.setdefault(name, []).append((step, value))

    def values(self, name: str) -> list[float]:
        return [value for _, value in self.history[name]]


FitSeeds = Callable[[int], tuple[BuiltNetwork, Notes]]


@pytest.fixture(scope="module")
def data(toy_rows: Callable[[Split, int], list[LabelledAlert]]) -> TrainingData:
    rows = [row for split, count in zip(Split, (48, 15, 3), strict=True) for row in toy_rows(split, count)]
    return TrainingData(tuple(rows), {}, ("lampe sans etiquette",))


@pytest.fixture(scope="module")
def config(tiny_config: TextConfig) -> TextConfig:
    # Few epochs, so that the seeds end at different scores.
    return tiny_config.model_copy(update={"epochs": 3})


@pytest.fixture
def built(make_tiny: Any) -> BuiltNetwork:
    tiny = make_tiny()
    source = EncoderSource("package", "tiny", "0" * 64)
    return BuiltNetwork(tiny.network, Tokenizer.from_file(str(tiny.tokenizer_file)), source)


@pytest.fixture
def fit(built: BuiltNetwork, config: TextConfig, data: TrainingData, taxonomy: Taxonomy) -> FitSeeds:
    def run(seeds: int) -> tuple[BuiltNetwork, Notes]:
        notes = Notes()
        chosen = config.model_copy(update={"seeds": seeds})
        return fit_seeds(Start(built, None), chosen, data, taxonomy, notes), notes

    return run


def weights(built: BuiltNetwork) -> dict[str, torch.Tensor]:
    return built.network.state_dict()


def test_one_seed_gives_the_network_that_it_trained(
    fit: FitSeeds, make_tiny: Any, config: TextConfig, data: TrainingData, taxonomy: Taxonomy
) -> None:
    fitted, notes = fit(1)
    alone = make_tiny()
    trainer = TextTrainer(alone.network, alone.tokenizer(), taxonomy, config)
    best = trainer.fit(data.examples(taxonomy), data.split(Split.VALIDATION), lambda *_: None)
    for name, values in alone.network.state_dict().items():
        torch.testing.assert_close(weights(fitted)[name], values)
    assert notes.values("best_validation_score") == [pytest.approx(best.score)]
    assert notes.values("best_epoch") == [best.epoch]
    assert "average_validation_score" not in notes.history


def test_of_several_seeds_and_their_average_the_best_on_validation_ships(
    fit: FitSeeds, data: TrainingData, taxonomy: Taxonomy
) -> None:
    fitted, notes = fit(3)
    scores = notes.values("best_validation_score")
    (averaged,) = notes.values("average_validation_score")
    shipped = score(fitted.network, fitted.text_tokenizer(), taxonomy, data.split(Split.VALIDATION))
    assert len(set(scores)) > 1, "seeds that end alike do not show which one ships"
    assert shipped["validation_score"] == pytest.approx(max(*scores, averaged))


def test_the_spread_of_the_seeds_is_logged(fit: FitSeeds) -> None:
    _, notes = fit(2)
    scores = notes.values("best_validation_score")
    assert notes.history["best_validation_score"] == list(enumerate(scores))
    assert notes.values("seeds_mean_score") == [pytest.approx(mean(scores))]
    assert notes.values("seeds_score_deviation") == [pytest.approx(pstdev(scores))]


def test_each_seed_has_curves_of_its_own(fit: FitSeeds) -> None:
    _, notes = fit(2)
    for name in ("train_loss", "train_loss_seed_1", "validation_score_seed_1"):
        assert [step for step, _ in notes.history[name]] == [1, 2, 3]
    assert notes.history["train_loss"] != notes.history["train_loss_seed_1"]


def test_the_start_is_left_as_it_was_and_the_result_is_ready_to_answer(fit: FitSeeds, built: BuiltNetwork) -> None:
    before = {name: values.clone() for name, values in weights(built).items()}
    fitted, _ = fit(2)
    assert all(torch.equal(values, weights(built)[name]) for name, values in before.items())
    assert not fitted.network.training
    assert fitted.source == built.source
    assert fitted.tokenizer is built.tokenizer


def test_the_average_is_the_mean_of_each_weight() -> None:
    one = {"a": torch.tensor([1.0, 2.0]), "b": torch.tensor(3)}
    two = {"a": torch.tensor([3.0, 8.0]), "b": torch.tensor(4)}
    found = average([one, two])
    assert found["a"].tolist() == [2.0, 5.0]
    assert found["b"].item() == 3.5
    assert average([one])["a"].tolist() == [1.0, 2.0]


def test_a_student_starts_with_fewer_layers_and_all_of_its_teachers_answers(
    built: BuiltNetwork, config: TextConfig, data: TrainingData, taxonomy: Taxonomy, tmp_path: Path
) -> None:
    write_teacher(tmp_path / "teacher", built, taxonomy, [], "run")
    chosen, notes = config.model_copy(update={"teacher": tmp_path / "teacher", "layers": 1}), Notes()
    start = starting_point(chosen, data, taxonomy, notes)
    assert notes.parameters["teacher.run_id"] == "run"
    assert start.built.size().layers == 1
    assert start.teacher is not None
    texts = [data.train[0].masked_text, *data.texts]
    unknown = Targets({}, torch.zeros(2))
    taught = start.teacher.add_to(unknown, texts).taught
    assert taught is not None
    expected = answers_of(built.network, built.text_tokenizer(), texts)
    np.testing.assert_allclose(taught["category"], expected.logits["category"], atol=2e-3)


def test_a_student_goes_on_from_the_weights_it_is_given(
    make_tiny: Any, built: BuiltNetwork, config: TextConfig, data: TrainingData, taxonomy: Taxonomy, tmp_path: Path
) -> None:
    write_teacher(tmp_path / "teacher", built, taxonomy, [], "run")
    earlier = make_tiny(seed=31).network
    save_model(earlier, str(tmp_path / "network.safetensors"))
    places = {"teacher": tmp_path / "teacher", "start": tmp_path / "network.safetensors"}
    notes = Notes()
    start = starting_point(config.model_copy(update=places), data, taxonomy, notes)
    for name, values in earlier.state_dict().items():
        torch.testing.assert_close(weights(start.built)[name], values)
    assert notes.parameters["start.sha256"] == digest(places["start"])


def test_a_missing_teacher_is_refused(
    config: TextConfig, data: TrainingData, taxonomy: Taxonomy, tmp_path: Path
) -> None:
    with pytest.raises(InvalidBundle, match="triage train teacher"):
        starting_point(config.model_copy(update={"teacher": tmp_path / "nowhere"}), data, taxonomy, Notes())
