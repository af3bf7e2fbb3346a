"""The configuration of a run: every field checked before an hour of training starts."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from training.config import DEFAULT_CONFIG, TextConfig, load_config
from triage.errors import InvalidConfiguration
from triage.settings import PROJECT_ROOT
from triage.taxonomy import HEADS

OTHER_PARTS = ("photo", "duplicates", "scene-categories", "tune")
CONFIGS = sorted(path for path in DEFAULT_CONFIG.parent.glob("*.yaml") if not path.name.startswith(OTHER_PARTS))


def write(folder: Path, **changes: Any) -> Path:
    """The smoke configuration with some fields changed, or left out where the value is `...`."""
    fields = yaml.safe_load((PROJECT_ROOT / "training" / "configs" / "smoke.yaml").read_text(encoding="utf-8"))
    fields = {name: value for name, value in (fields | changes).items() if value is not ...}
    path = folder / "run.yaml"
    path.write_text(yaml.safe_dump(fields), encoding="utf-8")
    return path


def refusal(path: Path) -> str:
    with pytest.raises(InvalidConfiguration) as caught:
        load_config(path)
    assert str(path) in caught.value.message
    return caught.value.message


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.name)
def test_every_shipped_configuration_can_be_read(path: Path) -> None:
    config = load_config(path)
    assert set(config.head_weights) == set(HEADS)


def test_the_default_is_the_configuration_of_the_shipped_model() -> None:
    assert DEFAULT_CONFIG in CONFIGS
    assert load_config() == load_config(DEFAULT_CONFIG)


def test_scientific_notation_is_a_number() -> None:
    assert load_config(PROJECT_ROOT / "training" / "configs" / "smoke.yaml").learning_rate == pytest.approx(1.2e-4)


def test_all_layers_are_kept_where_none_are_named(tmp_path: Path) -> None:
    assert load_config(write(tmp_path, layers=...)).layers is None


def test_a_configuration_cannot_be_changed_during_a_run() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load_config().epochs = 1  # type: ignore[misc]


def test_an_unknown_field_is_named(tmp_path: Path) -> None:
    assert "learningrate" in refusal(write(tmp_path, learningrate=0.1))


def test_a_missing_field_is_named(tmp_path: Path) -> None:
    assert "seed" in refusal(write(tmp_path, seed=...))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("epochs", 0),
        ("epochs", "many"),
        ("batch_size", 0),
        ("layers", 0),
        ("vocabulary_size", 10),
        ("learning_rate", 0),
        ("learning_rate", -1e-4),
        ("dropout", 1.0),
        ("label_smoothing", 1.0),
        ("warmup_share", 1.0),
        ("weight_decay", -0.1),
        ("error_rate", 0.0),
        ("error_rate", 1.0),
        ("urgent_recall", 0.0),
        ("seeds", 0),
        ("budget_minutes", 0),
        ("budget_steps", 0),
        ("reports_weight", 0),
        ("corpora", [{"path": "other", "weight": 0}]),
        ("corpora", [{"path": "other", "wieght": 2}]),
        ("head_weights", {"colour": 1.0}),
        ("freeze_embeddings", "perhaps"),
    ],
)
def test_a_value_out_of_range_is_named(tmp_path: Path, field: str, value: Any) -> None:
    assert field in refusal(write(tmp_path, **{field: value}))


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    assert "cannot be read" in refusal(tmp_path / "none.yaml")


@pytest.mark.parametrize("content", ["name: [", "{", "a: b: c"])
def test_what_is_no_yaml_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "run.yaml"
    path.write_text(content, encoding="utf-8")
    assert "cannot be read" in refusal(path)


@pytest.mark.parametrize("content", ["", "- name", "42", "text"])
def test_what_is_no_mapping_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "run.yaml"
    path.write_text(content, encoding="utf-8")
    refusal(path)


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "run.yaml"
    path.write_bytes("# réglages d'été\nname: essai\n".encode("latin-1"))
    refusal(path)


def test_a_head_without_a_weight_is_named(tmp_path: Path) -> None:
    assert "head_weights" in refusal(write(tmp_path, head_weights={"category": 1.0, "department": 1.0}))


def test_a_number_that_is_none_is_named(tmp_path: Path) -> None:
    assert "weight_decay" in refusal(write(tmp_path, weight_decay=float("nan")))


def test_an_infinite_number_is_named(tmp_path: Path) -> None:
    assert "learning_rate" in refusal(write(tmp_path, learning_rate=float("inf")))


def test_weights_to_go_on_from_need_the_teacher_whose_vocabulary_they_have(tmp_path: Path) -> None:
    for fields in ({"teacher": ...}, {"teacher": None}):
        message = refusal(write(tmp_path, start="network.safetensors", **fields))
        assert ": start: " in message
        assert "set `teacher`" in message
    taught = load_config(write(tmp_path, start="network.safetensors", teacher="work/teacher"))
    assert taught.start == Path("network.safetensors")


def test_nothing_to_go_on_from_needs_no_teacher(tmp_path: Path) -> None:
    assert load_config(write(tmp_path, start=None)).start is None


def test_a_further_corpus_counts_as_much_as_its_weight_says_or_else_like_the_corpus(tmp_path: Path) -> None:
    entries = ["one", {"path": "two", "weight": 0.5}]
    found = load_config(write(tmp_path, corpora=entries)).corpora
    assert [(str(choice.path), choice.weight) for choice in found] == [("one", 1.0), ("two", 0.5)]


def test_the_fields_can_be_logged_as_plain_values() -> None:
    dumped = load_config().model_dump(mode="json")
    assert TextConfig.model_validate(yaml.safe_load(yaml.safe_dump(dumped))) == load_config()
