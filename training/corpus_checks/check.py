"""What a check of a corpus is, and what it answers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

from triage.corpus import LabelledAlert
from triage.taxonomy import Taxonomy


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault of a corpus: the code and title of the check, and a sentence that names the rows and the remedy."""

    code: str
    title: str
    message: str


class Check(Protocol):
    """One thing that must hold of a corpus.

    Attributes:
        code: stable identifier, never given to another check.
        title: what holds when nothing is found.
    """

    code: ClassVar[str]
    title: ClassVar[str]

    def find(self, rows: Sequence[LabelledAlert], taxonomy: Taxonomy, /) -> list[str]:
        """A full sentence for each fault; empty when the corpus passes."""
        ...


def listed(names: Iterable[str], limit: int | None = None) -> str:
    """Names as a phrase: "a, b and c"; beyond the limit "a, b and 5 more"."""
    items = list(names)
    if limit is not None and len(items) > limit:
        items = [*items[:limit], f"{len(items) - limit} more"]
    return " and ".join(part for part in (", ".join(items[:-1]), "".join(items[-1:])) if part)
