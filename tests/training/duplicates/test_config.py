"""Configurations: the shipped ones are whole, and a wrong one is refused by its field."""

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from training.duplicates.config import DEFAULT_CONFIG, DuplicateConfig, load_duplicate_config
from triage.errors import InvalidConfiguration

Load = Callable[..., DuplicateConfig]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Loads the shipped configuration with changes."""

    def read(**changes: object) -> DuplicateConfig:
        path = tmp_path / "mine.yaml"
        content = yaml.safe_load(DEFAULT_CONFIG.read_text(encoding="utf-8")) | changes
        path.write_text(yaml.safe_dump({name: value for name, value in content.items() if value != "gone"}))
        return load_duplicate_config(path)

    return read


def test_the_shipped_configuration_is_read(load: Load) -> None:
    assert load() == load_duplicate_config()
    assert load().least_precision > 0.5


def test_the_smoke_configuration_needs_no_real_reports(duplicate_config: DuplicateConfig) -> None:
    assert duplicate_config.reports is None
    assert duplicate_config.epochs == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("layers", []),
        ("narrow", 3),
        ("dropout", 1.0),
        ("epochs", 0),
        ("scenes", 0),
        ("learning_rate", 0),
        ("learning_rate", float("nan")),
        ("weight_decay", -1),
        ("strangers", -0.1),
        ("real_weight", -1),
        ("folds", 1),
        ("steps", 1),
        ("interactions", -1),
        ("bags", 0),
        ("meaning", [0.0]),
        ("least_precision", 1.0),
        ("seed", "gone"),
        ("reports", "gone"),
        ("photos", {}),
        ("colour", "red"),
    ],
)
def test_a_wrong_choice_is_refused_by_its_field(load: Load, field: str, value: object) -> None:
    with pytest.raises(InvalidConfiguration) as caught:
        load(**{field: value})
    assert field in caught.value.message
    assert "mine.yaml" in caught.value.message


def test_a_missing_file_is_refused_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(InvalidConfiguration, match=r"none\.yaml"):
        load_duplicate_config(tmp_path / "none.yaml")
