"""Where events go. Whatever can be told something is a target; the deliverer does all the rest."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from triage.store.records import OutboxEvent


@dataclass(frozen=True, slots=True)
class Sent:
    """A target has taken an event.

    Attributes:
        reference: what the other side calls it, such as a number of a request; None where it names nothing.
    """

    reference: str | None = None


class DeliveryFailed(Exception):
    """A target did not take an event, or may not have.

    Attributes:
        reason: short, for operators and the desk; never a text of a resident nor what the other side answered.
        retry_after_s: seconds that the other side asked to wait; None where it said nothing.
        permanent: whether sending it again is in vain, so that the event is given up at once.
        of_event: whether it is this event that was refused, while others may pass; it then says nothing about whether
            the target is there.
    """

    def __init__(
        self, reason: str, *, retry_after_s: float | None = None, permanent: bool = False, of_event: bool = False
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after_s = retry_after_s
        self.permanent = permanent
        self.of_event = of_event or permanent


class Target(Protocol):
    """One receiver of events."""

    @property
    def name(self) -> str:
        """Unique and never changed: what was sent is noted under it."""

    def wants(self, event: OutboxEvent) -> bool:
        """Whether it is told of this event at all; quick, and always the same for the same event."""

    async def deliver(self, event: OutboxEvent) -> Sent:
        """Tell it; the same event may come again where it is unknown whether it was taken.

        Raises:
            DeliveryFailed: it was not taken. Any other exception counts as a failure too, and its type as the reason.
        """


class Observer(Protocol):
    """Is told of what becomes of events, before that is noted: it is told at least once, maybe more often.

    What it raises is logged, no more.
    """

    async def on_delivered(self, event: OutboxEvent, target: Target, sent: Sent) -> None:
        """A target took an event."""

    async def on_failed(self, event: OutboxEvent, target: Target, failure: DeliveryFailed, attempts: int) -> None:
        """An attempt failed and the event will be tried again; `attempts` counts from one."""

    async def on_dead(self, event: OutboxEvent, target: Target, failure: DeliveryFailed) -> None:
        """An event was given up; it stays in the list of dead letters until somebody replays it."""


class Unobserved:
    """Wants to be told nothing."""

    async def on_delivered(self, event: OutboxEvent, target: Target, sent: Sent) -> None:
        """Ignore it."""

    async def on_failed(self, event: OutboxEvent, target: Target, failure: DeliveryFailed, attempts: int) -> None:
        """Ignore it."""

    async def on_dead(self, event: OutboxEvent, target: Target, failure: DeliveryFailed) -> None:
        """Ignore it."""


# Names the targets of the moment: those of settings never change, webhooks come and go while the service runs.
Targets = Callable[[], Awaitable[Sequence[Target]]]


def fixed(targets: Sequence[Target]) -> Targets:
    """Targets that stay the same."""

    async def name() -> Sequence[Target]:
        return targets

    return name
