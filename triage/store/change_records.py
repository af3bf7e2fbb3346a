"""What changes a stored alert, and what comes out of it: plain frozen records."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from triage.store.records import Json, Linking, Neighbour, NewEvent, QueuePlace, StoredAlert

ProgressState = Literal["open", "in_progress", "closed"]


@dataclass(frozen=True, slots=True)
class Revision:
    """A newer answer to a stored alert, and what of the alert is new with it; what is left at None stays as it is.

    Attributes:
        prediction: the whole answer, ready for JSON. Where a person has answered, theirs stays the alert's.
        queue_place: where the alert waits from now on; None where nobody needs to look at it. Where a department gave
            the alert back, or its label is suspected, it never waits less than before.
        text: the whole text, without personal data.
        sent: the part of the text that is new, as it was sent; kept where it, or what was sent before, held personal
            data.
        place: latitude and longitude.
        photos, plates: all of them.
        vector, vector_version: replaced together, where the version is given.
        language: replaced where the text is.
        linking: what the alert is tied to by this answer. It adds to what is known: no link, cluster or refusal of a
            person is taken back, and `revised` is not read.
    """

    prediction: Json
    queue_place: QueuePlace | None
    text: str | None = None
    sent: str | None = None
    place: tuple[float, float] | None = None
    photos: tuple[Json, ...] | None = None
    plates: tuple[str, ...] | None = None
    vector: bytes | None = None
    vector_version: str | None = None
    language: str | None = None
    linking: Linking | None = None


@dataclass(frozen=True, slots=True)
class Revised:
    """The alert as it is now stored, and whether this call changed it."""

    alert: StoredAlert
    changed: bool


@dataclass(frozen=True, slots=True)
class PredictionVersion:
    """One answer of a model, and the version of the alert that it answers."""

    version: int
    created_at: datetime
    body: Json


@dataclass(frozen=True, slots=True)
class Progress:
    """What a department says about an alert.

    Attributes:
        state: its state from now on.
        at: when that was said.
        note: for the reporter, without personal data.
        department: who says so.
        expected_at: when it will be done.
    """

    state: ProgressState
    at: datetime
    note: str | None = None
    department: str | None = None
    expected_at: datetime | None = None


# Makes the revision from the alert as it is now and those around it; None where there is nothing to revise any more.
Reviser = Callable[[StoredAlert, Sequence[Neighbour]], Revision | None]
# What others are told of a revision, or what makes it from the alert before and after.
RevisionEvents = Callable[[StoredAlert, StoredAlert, Linking], Sequence[NewEvent]] | Sequence[NewEvent]
