"""Human agreement from a second labelling."""

import json
from pathlib import Path

import pytest

from evaluation.agreement import read_agreement
from triage.corpus import LabelledAlert
from triage.errors import InvalidCorpus


def alert(name: str, category: str, priority: str = "haute") -> LabelledAlert:
    return LabelledAlert(id=name, text="trou", category=category, department="voirie", priority=priority)


ROWS = [alert("a", "voirie"), alert("b", "voirie"), alert("c", "graffiti"), alert("d", "graffiti"), alert("e", "autre")]


def write(path: Path, labels: dict[str, str]) -> Path:
    lines = [
        json.dumps({"id": name, "category": category, "department": "voirie", "priority": "haute"})
        for name, category in labels.items()
    ]
    path.write_text("\n".join(lines) + "\n\n", encoding="utf-8")
    return path


def test_second_labels_are_joined_by_id(tmp_path: Path) -> None:
    file = write(tmp_path / "second.jsonl", {"d": "graffiti", "a": "voirie", "c": "voirie", "b": "voirie", "gone": "x"})
    found = read_agreement(file, ROWS)
    assert found["category"].rows == 4
    assert found["category"].raw == 0.75
    assert found["category"].kappa == pytest.approx(0.5)
    assert found["department"].kappa == 1.0


def test_a_disagreement_that_was_settled_still_counts(tmp_path: Path) -> None:
    file = write(tmp_path / "second.jsonl", {"a": "voirie", "c": "graffiti"})
    settled = {"id": "b", "category": "voirie", "department": "voirie", "priority": "haute"}
    line = json.dumps(settled | {"first": {"category": "autre"}})
    file.write_text(f"{file.read_text(encoding='utf-8')}{line}\n", encoding="utf-8")
    found = read_agreement(file, ROWS)
    assert found["category"].raw == pytest.approx(2 / 3)
    assert found["department"].raw == 1.0


def test_without_a_file_there_is_no_agreement(tmp_path: Path) -> None:
    assert read_agreement(tmp_path / "gone.jsonl", ROWS) == {}


def test_without_a_common_row_there_is_no_agreement(tmp_path: Path) -> None:
    assert read_agreement(write(tmp_path / "second.jsonl", {"z": "voirie"}), ROWS) == {}


def test_a_line_that_is_no_label_is_named(tmp_path: Path) -> None:
    file = write(tmp_path / "second.jsonl", {"a": "voirie"})
    file.write_text(file.read_text() + '{"id": "b"}\n')
    with pytest.raises(InvalidCorpus, match=r"second\.jsonl, line 3"):
        read_agreement(file, ROWS)
