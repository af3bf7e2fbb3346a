"""Whether every id, code and split is there, often enough to learn from and to measure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from training.corpus_checks.check import listed
from triage.corpus import LabelledAlert, Split
from triage.taxonomy import Head, Taxonomy


@dataclass(frozen=True, slots=True)
class UniqueIds:
    """An id names one row, so that a finding, a review or a digest cannot mean another."""

    code: ClassVar[str] = "DAT001"
    title: ClassVar[str] = "every id occurs once"

    def find(self, rows: Sequence[LabelledAlert], _taxonomy: Taxonomy) -> list[str]:
        """One sentence for each id that several rows share."""
        counts = Counter(row.id for row in rows)
        return [
            f"The id {name} is given to {count} rows; give each row an id of its own."
            for name, count in counts.items()
            if count > 1
        ]


@dataclass(frozen=True, slots=True)
class CategoryCoverage:
    """Each category has enough rows; with fewer, neither the model nor its figures mean much."""

    code: ClassVar[str] = "DAT002"
    title: ClassVar[str] = "every category has enough rows"
    minimum: int = 80

    def find(self, rows: Sequence[LabelledAlert], taxonomy: Taxonomy) -> list[str]:
        """One sentence for each category below the minimum."""
        counts = Counter(row.category for row in rows)
        return [
            f"The category {code} has {counts[code]} of the {self.minimum} rows that it needs;"
            f" write at least {self.minimum - counts[code]} more."
            for code in taxonomy.codes("category")
            if counts[code] < self.minimum
        ]


@dataclass(frozen=True, slots=True)
class CodesPresent:
    """Every department and priority of the taxonomy occurs: a code without rows is never predicted."""

    code: ClassVar[str] = "DAT003"
    title: ClassVar[str] = "every department and priority occurs"
    heads: tuple[Head, ...] = ("department", "priority")

    def find(self, rows: Sequence[LabelledAlert], taxonomy: Taxonomy) -> list[str]:
        """One sentence for each head that lacks codes."""
        found = []
        for head in self.heads:
            present = {row.label(head) for row in rows}
            if missing := [code for code in taxonomy.codes(head) if code not in present]:
                found.append(f"No row has the {head} {listed(missing)}; write rows that do.")
        return found


@dataclass(frozen=True, slots=True)
class SplitsComplete:
    """Each split holds every category: one that test lacks would vanish from the figures unseen."""

    code: ClassVar[str] = "DAT004"
    title: ClassVar[str] = "every split holds every category"

    def find(self, rows: Sequence[LabelledAlert], taxonomy: Taxonomy) -> list[str]:
        """One sentence for each split that is empty or lacks categories."""
        found = []
        for split in Split:
            present = {row.category for row in rows if row.split is split}
            missing = [code for code in taxonomy.codes("category") if code not in present]
            if not present:
                found.append(f"The split {split} has no row; give rows to it.")
            elif missing:
                found.append(f"The split {split} has no row of {listed(missing)}; write rows for it.")
        return found
