"""Scenes of reports: how they are read, and which pairs are true."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from evaluation.duplicate_corpus import LinkedReport, open_pairs, read_scenes, true_pairs
from triage.errors import InvalidCorpus

WriteScenes = Callable[..., Path]

ROW = {
    "id": "s1-1",
    "text": "lampe",
    "lat": 47.3,
    "lon": 5.0,
    "created_at": "2026-02-03T18:42:26+01:00",
    "category": "voirie",
    "fault": "s1/A",
}


@pytest.fixture
def write(tmp_path: Path) -> WriteScenes:
    """Writes one file of one author."""

    def write_rows(*rows: dict[str, Any] | str, name: str = "hand_01.jsonl") -> Path:
        lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
        (tmp_path / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
        return tmp_path

    return write_rows


def linked(name: str, fault: str, covered_by: str | None = None) -> LinkedReport:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    return LinkedReport(name, "", 47.3, 5.0, moment, "voirie", fault, "hand_01", False, covered_by)


def pairs(*both: str) -> set[frozenset[str]]:
    return {frozenset(pair.split()) for pair in both}


def test_rows_are_read_with_their_scene_and_author(write: WriteScenes) -> None:
    [found] = read_scenes(write({**ROW, "area": True, "covered_by": "s1/Z"}))
    assert (found.scene, found.hand, found.fault) == ("s1", "hand_01", "s1/A")
    assert (found.area, found.covered_by) == (True, "s1/Z")
    assert found.created_at == datetime(2026, 2, 3, 17, 42, 26, tzinfo=UTC)


def test_authors_are_read_in_the_order_of_their_files_and_empty_lines_are_nothing(write: WriteScenes) -> None:
    write({**ROW, "id": "second"}, name="hand_02.jsonl")
    folder = write({**ROW, "id": "first"}, "", "  ")
    (folder / "README.md").write_text("no scenes")
    assert [item.id for item in read_scenes(folder)] == ["first", "second"]


def test_a_line_separator_inside_a_text_does_not_cut_it(write: WriteScenes) -> None:
    row = json.dumps({**ROW, "text": "une\u2028lampe"}, ensure_ascii=False)
    assert [item.text for item in read_scenes(write(row))] == ["une\u2028lampe"]


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ("{", "the line"),
        ({**ROW, "created_at": "2026-02-03T18:42:26"}, "created_at"),
        ({**ROW, "lat": "north"}, "lat"),
        ({**ROW, "colour": "red"}, "colour"),
        ({key: value for key, value in ROW.items() if key != "fault"}, "fault"),
    ],
)
def test_a_malformed_line_is_told_with_file_line_and_field(
    write: WriteScenes, row: dict[str, Any] | str, field: str
) -> None:
    with pytest.raises(InvalidCorpus) as caught:
        read_scenes(write(ROW, row))
    assert "hand_01.jsonl, line 2" in caught.value.message
    assert field in caught.value.message


@pytest.mark.parametrize("make", [True, False])
def test_a_folder_without_scenes_is_refused(tmp_path: Path, make: bool) -> None:
    folder = tmp_path / "scenes"
    if make:
        folder.mkdir()
    with pytest.raises(InvalidCorpus, match="holds no scenes"):
        read_scenes(folder)


def test_every_two_reports_of_one_fault_are_a_true_pair() -> None:
    reports = [linked("a", "s1/A"), linked("b", "s1/A"), linked("c", "s1/A"), linked("d", "s1/B"), linked("e", "s2/A")]
    assert true_pairs(reports) == pairs("a b", "a c", "b c")


def test_a_covered_report_is_an_open_pair_with_each_report_of_its_area() -> None:
    reports = [linked("a", "s1/A", "s1/Z"), linked("b", "s1/A", "s1/Z"), linked("y", "s1/Z"), linked("z", "s1/Z")]
    assert open_pairs(reports) == pairs("a y", "a z", "b y", "b z")
    assert true_pairs(reports) == pairs("a b", "y z")


def test_an_area_that_nobody_reported_covers_no_pair() -> None:
    assert open_pairs([linked("a", "s1/A", "s1/Z")]) == set()
