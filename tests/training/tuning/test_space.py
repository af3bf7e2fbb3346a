"""The search space: read strictly, drawn within its bounds, and refused before the first trial where it cannot be."""

from pathlib import Path
from typing import Any

import optuna
import pytest
import yaml

from training.config import TextConfig, load_config
from training.tuning.pipeline import write_best
from training.tuning.space import SMOKE_CONFIG, TUNING_CONFIG, draw_values, load_tuning_config, with_values
from triage.errors import InvalidConfiguration
from triage.settings import PROJECT_ROOT


def write(folder: Path, **changes: Any) -> Path:
    fields = yaml.safe_load(SMOKE_CONFIG.read_text(encoding="utf-8")) | changes
    path = folder / "tune.yaml"
    path.write_text(yaml.safe_dump(fields), encoding="utf-8")
    return path


@pytest.fixture
def base() -> TextConfig:
    return load_config()


@pytest.mark.parametrize("path", [TUNING_CONFIG, SMOKE_CONFIG], ids=lambda path: path.name)
def test_every_shipped_search_can_be_tried_on_its_base(path: Path) -> None:
    tuning = load_tuning_config(path)
    base = load_config(PROJECT_ROOT / tuning.base)
    for trial in drawn_trials(5):
        values = draw_values(trial, tuning.search)
        assert with_values(base, values) != base


def drawn_trials(count: int) -> list[optuna.Trial]:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=1))
    return [study.ask() for _ in range(count)]


def test_values_are_drawn_within_their_bounds_and_whole_where_both_ends_are(tmp_path: Path) -> None:
    search = {
        "epochs": {"low": 2, "high": 4},
        "dropout": {"low": 0.1, "high": 0.2},
        "augment": {"choices": [True, False]},
    }
    tuning = load_tuning_config(write(tmp_path, search=search))
    drawn = [draw_values(trial, tuning.search) for trial in drawn_trials(40)]
    assert {values["epochs"] for values in drawn} == {2, 3, 4}
    assert {values["augment"] for values in drawn} == {True, False}
    assert all(0.1 <= float(values["dropout"]) <= 0.2 for values in drawn)


@pytest.mark.parametrize(
    ("search", "named"),
    [
        ({}, "search"),
        ({"epochs": {"low": 4, "high": 2}}, "high"),
        ({"epochs": {"low": 0, "high": 2, "log": True}}, "log"),
        ({"epochs": {"choices": [1]}}, "choices"),
        ({"epochs": {"choices": [1, 2], "log": True}}, "beside it"),
        ({"epochs": {"low": 1}}, "high"),
        ({"epochs": {"from": 1}}, "epochs.from"),
    ],
)
def test_a_faulty_search_is_named(tmp_path: Path, search: Any, named: str) -> None:
    with pytest.raises(InvalidConfiguration, match=named):
        load_tuning_config(write(tmp_path, search=search))


def test_values_take_the_place_of_choices_of_weights_of_heads_and_of_corpora(base: TextConfig) -> None:
    changed = with_values(base, {"epochs": 2, "head_weights.department": 0.9, "corpora.datasets/other_cities": 0.5})
    assert changed.epochs == 2
    assert changed.head_weights["department"] == 0.9
    assert changed.head_weights["category"] == base.head_weights["category"]
    assert [choice.weight for choice in changed.corpora] == [0.5]
    assert base.corpora[0].weight == 1.0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("learningrate", 0.1),
        ("dropout", 1.5),
        ("epochs.deep", 1),
        ("head_weights.colour", 1.0),
        ("corpora.nowhere", 1.0),
        ("corpora", 1.0),
    ],
)
def test_what_cannot_be_searched_is_refused_by_name(base: TextConfig, name: str, value: float) -> None:
    with pytest.raises(InvalidConfiguration, match=name.split(".", maxsplit=1)[0]):
        with_values(base, {name: value})


def test_the_best_choices_are_a_configuration_that_can_be_read_again(base: TextConfig, tmp_path: Path) -> None:
    chosen = with_values(base, {"learning_rate": 1 / 3e4, "corpora.datasets/other_cities": 0.5})
    write_best(chosen, 0.876, tmp_path / "best.yaml")
    assert load_config(tmp_path / "best.yaml") == chosen
    text = (tmp_path / "best.yaml").read_text(encoding="utf-8")
    assert "0.876" in text
    assert str(PROJECT_ROOT) not in text
