"""What happened to an alert, oldest first: decisions, notes, returns, readings, its way to departments."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from serving.alerts.events import FORWARDED
from serving.desk.view.forwarding import reference_of
from triage.store.records import OutboxEvent, ReadingLog, StoredAlert
from triage.store.review_records import Note, ReturnEntry, ReviewEntry

Kind = Literal[
    "received", "decide", "duplicate", "confirm_label", "note", "return", "reading", "forwarded", "forwarding_failed"
]


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened; codes are named by the template, `text` is a person's own words."""

    kind: Kind
    at: datetime
    who: str | None = None
    category: str | None = None
    department: str | None = None
    priority: str | None = None
    seconds: float | None = None
    text: str | None = None
    other_id: str | None = None
    undone_by: str | None = None
    undone_at: datetime | None = field(default=None)


def history_of(
    alert: StoredAlert,
    reviews: Sequence[ReviewEntry],
    notes: Sequence[Note],
    returns: Sequence[ReturnEntry],
    readings: Sequence[ReadingLog],
    told: Sequence[OutboxEvent] = (),
) -> tuple[Happening, ...]:
    """Everything that happened, oldest first."""
    found = [Happening("received", alert.received_at)]
    found += map(_decided, reviews)
    found += [Happening("note", note.written_at, note.author, text=note.text) for note in notes]
    found += [
        Happening("return", entry.at, entry.by, department=entry.department, text=entry.reason) for entry in returns
    ]
    found += [Happening("reading", entry.read_at, entry.reader) for entry in readings]
    found += map(_told, told)
    return tuple(sorted(found, key=lambda happening: happening.at))


def _told(event: OutboxEvent) -> Happening:
    kind: Kind = "forwarded" if event.kind == FORWARDED else "forwarding_failed"
    return Happening(kind, event.created_at, department=event.body.get("department"), text=reference_of(event))


def _decided(entry: ReviewEntry) -> Happening:
    return Happening(
        kind=entry.action,
        at=entry.decided_at,
        who=entry.reviewer,
        category=entry.category,
        department=entry.department,
        priority=entry.priority,
        seconds=entry.seconds,
        text=entry.note,
        other_id=entry.duplicate_of,
        undone_by=entry.undone_by,
        undone_at=entry.undone_at,
    )
