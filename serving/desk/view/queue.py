"""The queue as a list of what waits."""

from dataclasses import dataclass
from datetime import datetime

from serving.desk.view.links import desk_path
from triage.store.records import StoredAlert
from triage.store.review_records import QueuePage, QueueRow

_TITLE = 90


@dataclass(frozen=True, slots=True)
class Waiting:
    """One alert that waits.

    Attributes:
        title: the beginning of its text.
        reason: code of why it waits; None for one drawn by chance.
        is_current: whether it is the one on the page.
        held_by: the other agent who looks at it.
    """

    id: str
    title: str
    priority: str | None
    category: str | None
    since: datetime
    created_at: datetime
    reason: str | None
    language: str | None
    by_chance: bool
    is_current: bool
    held_by: str | None

    @property
    def path(self) -> str:
        """Its page."""
        return desk_path(self.id)


@dataclass(frozen=True, slots=True)
class QueueView:
    """A part of the queue; `total` counts all of it, `next_path` is where the next part is."""

    rows: tuple[Waiting, ...]
    total: int
    next_path: str | None
    is_start: bool


def queue_view(
    page: QueuePage,
    total: int,
    *,
    current: str | None,
    reader: str,
    next_path: str | None,
    is_start: bool,
) -> QueueView:
    """A part of the queue for one reader.

    Args:
        page: the part.
        total: how many wait in all.
        current: id of the alert on the page.
        reader: who reads; what they hold themselves is marked for nobody.
        next_path: where the next part is.
        is_start: whether the queue begins here.
    """
    rows = tuple(_waiting(row, current, reader) for row in page.rows)
    return QueueView(rows, total, next_path, is_start)


def opening(text: str, most: int = _TITLE) -> str:
    """The beginning of a text in one line, cut after a word."""
    line = " ".join(text.split())
    if len(line) <= most:
        return line
    cut = line[: most - 1]
    return f"{cut.rpartition(' ')[0] or cut}…"


def _waiting(row: QueueRow, current: str | None, reader: str) -> Waiting:
    alert: StoredAlert = row.alert
    return Waiting(
        id=alert.id,
        title=opening(alert.text),
        priority=alert.priority,
        category=alert.category,
        since=alert.received_at,
        created_at=alert.created_at,
        reason=alert.reasons[0] if alert.reasons and alert.queue != "sample" else None,
        language=alert.language,
        by_chance=alert.queue == "sample",
        is_current=alert.id == current,
        held_by=row.claimed_by if row.claimed_by != reader else None,
    )
