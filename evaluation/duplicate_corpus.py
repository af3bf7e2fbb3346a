"""Scenes of reports with their truth: which reports are about one fault."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from triage.errors import InvalidCorpus, first_fault


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    text: str
    lat: float
    lon: float
    created_at: AwareDatetime
    category: str
    fault: str
    area: bool = False
    covered_by: str | None = None
    recurrence_of: str | None = None
    closed_at: AwareDatetime | None = None


@dataclass(frozen=True, slots=True)
class LinkedReport:
    """A report and its truth.

    Attributes:
        fault: reports with the same one are duplicates; its first part names the scene.
        hand: who wrote it.
        category: the true one.
        area: whether it is about a whole area; `covered_by` names such a fault.
    """

    id: str
    text: str
    lat: float
    lon: float
    created_at: datetime
    category: str
    fault: str
    hand: str
    area: bool
    covered_by: str | None

    @property
    def scene(self) -> str:
        """The scene that it belongs to: other scenes are elsewhere."""
        return self.fault.partition("/")[0]


def read_scenes(folder: Path) -> tuple[LinkedReport, ...]:
    """Every report of a folder of JSON Lines, one file for each author.

    Raises:
        InvalidCorpus: there is none, or a line is malformed.
    """
    found: list[LinkedReport] = []
    for path in sorted(folder.glob("*.jsonl")):
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1):
            if line.strip():
                found.append(_linked(line, path, number))
    if not found:
        raise InvalidCorpus(f"The folder {folder} holds no scenes; it needs files such as hand_01.jsonl.")
    return tuple(found)


def _linked(line: str, path: Path, number: int) -> LinkedReport:
    try:
        row = _Row.model_validate_json(line)
    except ValidationError as error:
        raise InvalidCorpus(f"{path}, line {number}: {first_fault(error, 'the line')}.") from None
    kept = row.model_dump(exclude={"recurrence_of", "closed_at"})
    return LinkedReport(**kept, hand=path.stem)


def true_pairs(reports: Sequence[LinkedReport]) -> set[frozenset[str]]:
    """The ids of every two reports of one fault."""
    faults: dict[str, list[str]] = {}
    for report in reports:
        faults.setdefault(report.fault, []).append(report.id)
    return {frozenset(pair) for members in faults.values() for pair in combinations(members, 2)}


def open_pairs(reports: Sequence[LinkedReport]) -> set[frozenset[str]]:
    """Pairs of an area's report and one that it covers: one outage, but never one cluster; they count for neither."""
    by_fault: dict[str, list[str]] = {}
    for report in reports:
        by_fault.setdefault(report.fault, []).append(report.id)
    return {
        frozenset((report.id, other))
        for report in reports
        if report.covered_by
        for other in by_fault.get(report.covered_by, ())
    }
