"""What the review desk puts into the store and takes out of it: plain frozen records."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from triage.store.records import Json, NewEvent, QueueKind, StoredAlert

ReviewAction = Literal["decide", "duplicate", "confirm_label"]
# What others are told of a decision, or what makes it from the alert as it is then.
ReviewEvents = Callable[[StoredAlert], Sequence[NewEvent]] | Sequence[NewEvent]

# What waits for an answer, and what is drawn to measure the model, are one list: nobody picks.
MAIN_QUEUE: tuple[QueueKind, ...] = ("review", "sample")
SUSPECT_QUEUE: tuple[QueueKind, ...] = ("suspect",)


@dataclass(frozen=True, slots=True)
class QueueRow:
    """An alert that waits, and who looks at it until when."""

    alert: StoredAlert
    claimed_by: str | None
    claimed_until: datetime | None


@dataclass(frozen=True, slots=True)
class QueuePage:
    """A part of the queue, next alert first; `cursor` asks for the next part and is absent on the last."""

    rows: tuple[QueueRow, ...]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class ReviewDecision:
    """A person's answer to an alert; a code left at None keeps what the alert has.

    Attributes:
        follows: the `review_id` of the alert as the person saw it: who did not see the last answer corrects none.
        seconds: how long it took.
        rank: the place, from 1, at which the chosen category stood; None where it was not shown.
        model_version: whose answers were shown.
        shown: what was shown, ready for JSON and without personal data.
        note: free text without personal data.
        duplicate_of: the alert that this one repeats: their clusters become one.
        version: that of the alert as the person saw it; without it any.
    """

    alert_id: str
    reviewer: str
    decided_at: datetime
    follows: int | None
    category: str | None = None
    department: str | None = None
    priority: str | None = None
    action: ReviewAction = "decide"
    seconds: float | None = None
    rank: int | None = None
    model_version: str | None = None
    shown: Json = field(default_factory=dict)
    note: str | None = None
    duplicate_of: str | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True)
class ReviewEntry:
    """A decision as it is kept: with the queue that the alert waited in, and who took it back if somebody did."""

    id: int
    alert_id: str
    reviewer: str
    decided_at: datetime
    category: str | None
    department: str | None
    priority: str | None
    queue: QueueKind | None
    action: ReviewAction
    seconds: float | None
    rank: int | None
    model_version: str | None
    shown: Json
    note: str | None
    duplicate_of: str | None
    undone_at: datetime | None
    undone_by: str | None


@dataclass(frozen=True, slots=True)
class NewReturn:
    """A department gives an alert back: it is not theirs.

    Attributes:
        department: who gives it back.
        proposed: whose it is in their eyes, if they say so.
        reason: why, without personal data.
        by: the person or key that said so.
    """

    alert_id: str
    department: str
    proposed: str | None
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ReturnEntry(NewReturn):
    """The same as it is kept, with its number."""

    id: int


@dataclass(frozen=True, slots=True)
class Note:
    """Free text that a person left beside an alert, without personal data."""

    alert_id: str
    author: str
    written_at: datetime
    text: str
