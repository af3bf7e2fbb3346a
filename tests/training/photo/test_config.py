"""Configurations: the shipped ones are whole, and a wrong one is refused by its field."""

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from training.photo.config import DEFAULT_CONFIG, PhotoConfig, load_photo_config
from triage.errors import InvalidConfiguration
from triage.taxonomy import Taxonomy

Load = Callable[..., PhotoConfig]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Loads the shipped configuration with changes."""

    def read(**changes: object) -> PhotoConfig:
        path = tmp_path / "mine.yaml"
        content = yaml.safe_load(DEFAULT_CONFIG.read_text(encoding="utf-8")) | changes
        path.write_text(yaml.safe_dump({name: value for name, value in content.items() if value != "gone"}))
        return load_photo_config(path)

    return read


def test_the_shipped_configurations_know_every_label(photo_config: PhotoConfig, taxonomy: Taxonomy) -> None:
    for config in (load_photo_config(), photo_config):
        assert set(config.classes.values()) == set(taxonomy.photo_labels)


def test_every_choice_but_name_seed_and_plain_ones_is_described() -> None:
    described = {name for name, field in PhotoConfig.model_fields.items() if field.description}
    assert {"backbone", "size", "frozen_stages", "views", "folds", "classes", "least_accuracy"} <= described


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("size", 31),
        ("frozen_stages", -1),
        ("views", 0),
        ("folds", 1),
        ("epochs", 0),
        ("batch_size", 1),
        ("learning_rate", 0),
        ("learning_rate", float("nan")),
        ("head_weight_decay", -1),
        ("head_weight_decay", float("inf")),
        ("dropout", 1),
        ("average_decay", 1),
        ("source_power", 1.5),
        ("least_accuracy", 1),
        ("certainty", 0),
        ("classes", ["waste"]),
        ("backbone", "gone"),
        ("classes", "gone"),
        ("colour", "red"),
    ],
)
def test_a_wrong_choice_is_refused_by_its_name(load: Load, field: str, value: object) -> None:
    with pytest.raises(InvalidConfiguration, match=rf"mine\.yaml: {field}"):
        load(**{field: value})


@pytest.mark.parametrize("content", ["", "- a", "name: [1"])
def test_a_file_that_is_no_mapping_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "mine.yaml").write_text(content)
    with pytest.raises(InvalidConfiguration, match=r"mine\.yaml"):
        load_photo_config(tmp_path / "mine.yaml")


def test_a_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(InvalidConfiguration, match=r"none\.yaml cannot be read"):
        load_photo_config(tmp_path / "none.yaml")
