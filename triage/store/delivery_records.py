"""What the store says and takes of deliveries: plain frozen records. Times carry a zone and come out in UTC."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from triage.store.records import OutboxEvent

Result = Literal["sent", "failed", "held", "dead"]


@dataclass(frozen=True, slots=True)
class TargetState:
    """How a target is doing.

    Attributes:
        cursor: every event up to this number was sent, waits in `deliveries`, or is none that it wants.
        failures: rounds of attempts in a row in which nothing got through.
        failing_since: when the first of them was.
        reason: why the last attempt failed.
        paused_until: when it is tried again.
        lease_until: until when a process sends to it.
    """

    name: str
    cursor: int
    failures: int
    failing_since: datetime | None
    reason: str | None
    paused_until: datetime | None
    lease_until: datetime | None


@dataclass(frozen=True, slots=True)
class Outlook:
    """What waits for a target.

    Attributes:
        due_at: when the next event that failed before may be tried again; None where none waits.
        latest: the number of the last event of all.
        waiting: events that were not taken at the first attempt, or wait for such a one.
        oldest: when the first of these happened; None where none waits.
        dead: events that were given up.
    """

    state: TargetState
    due_at: datetime | None
    latest: int
    waiting: int
    oldest: datetime | None
    dead: int


@dataclass(frozen=True, slots=True)
class Due:
    """An event that was not taken yet; `since` is when it was first taken up."""

    event: OutboxEvent
    attempts: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Share:
    """How much of the work a process takes at once: alerts to try again, events of them, and new events."""

    alerts: int
    again: int
    fresh: int


@dataclass(frozen=True, slots=True)
class Claim:
    """Work that one process does for a target, while no other does any.

    Attributes:
        due: events to try again; all those of an alert in order, from its first that waits.
        fresh: the events after the cursor, in order.
        held: the alerts of `fresh` of which earlier events wait, so that these must wait too.
    """

    state: TargetState
    due: tuple[Due, ...]
    fresh: tuple[OutboxEvent, ...]
    held: frozenset[str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an event.

    Attributes:
        result: `held` is one that was not tried; it waits for its turn.
        attempts: so many were made.
        since: when it was first taken up.
        next_at: when one that failed may be tried again.
        reason: why it failed; short, without anything personal.
    """

    event: OutboxEvent
    result: Result
    attempts: int
    since: datetime
    next_at: datetime | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """What a process has done for a target; the lease ends with it.

    Attributes:
        cursor, failures, failing_since, reason, paused_until: the target's from now on.
        outcomes: what became of each event.
        expired_before: where given, all that was taken up before and is still not taken is given up.
    """

    cursor: int
    failures: int
    failing_since: datetime | None
    reason: str | None
    paused_until: datetime | None
    outcomes: tuple[Outcome, ...]
    expired_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """An event that a target has not taken: `pending` or `dead`; `next_at` is None where it waits for another one."""

    target: str
    event: OutboxEvent
    state: Literal["pending", "dead"]
    attempts: int
    since: datetime
    next_at: datetime | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address that events are sent to.

    Attributes:
        kinds: the kinds that it is told of; none means all.
        secret: signs what is sent, `whsec_` and base64; None where no key at hand decrypts it.
    """

    name: str
    url: str
    kinds: tuple[str, ...]
    secret: str | None
    created_at: datetime

    @property
    def target(self) -> str:
        """What its deliveries are noted under."""
        return f"webhook:{self.name}"
