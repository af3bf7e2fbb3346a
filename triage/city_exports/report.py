"""One report of an export, as far as rows of a corpus need it."""

from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class ForeignReport:
    """What a reader found in one record.

    Attributes:
        place: number of the line or record, counted from 1.
        id: the other system's own; empty where it has none.
        text: as the resident typed it, with whatever is personal in it.
        categories: the other system's names of the category, the most exact one first.
        department: who was put in charge there; empty where that is not told.
        priority: empty where there is none.
        language: a tag where the record tells it.
        reported_on: the day of the report.
    """

    place: int
    id: str = ""
    text: str = ""
    categories: tuple[str, ...] = field(default=())
    department: str = ""
    priority: str = ""
    language: str = ""
    reported_on: date | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """A record that gives no row: its place, a stable code, and a sentence that repeats nothing of its text."""

    place: int
    code: str
    message: str


def day_of(value: object) -> date | None:
    """The day of an ISO date or moment; none of anything else."""
    try:
        return date.fromisoformat(str(value).strip()[:10])
    except ValueError:
        return None


def as_text(value: object) -> str:
    """A scalar of a document as text; empty for what is none."""
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""
