"""Webhooks sent on a clock of the test's own: an hour takes as long as the requests in it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import httpx

from serving.metrics import Metrics
from serving.outbound.guarded import guarded_client
from serving.outbound.rounds import Rounds
from serving.outbound.targets import DeliveryFailed, Sent, Target
from serving.outbound.webhook import WebhookTarget
from serving.storage import StoreDoor
from triage.store.personal import PersonalKeys
from triage.store.records import NewEvent, OutboxEvent
from triage.store.store import Store

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
SECRET = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="  # noqa: S105


class SimulatedClock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


class Notes:
    """An observer that remembers."""

    def __init__(self) -> None:
        self.delivered: list[str] = []
        self.failed: list[tuple[str, str, int]] = []
        self.dead: list[str] = []

    async def on_delivered(self, event: OutboxEvent, target: Target, sent: Sent) -> None:  # noqa: ARG002
        self.delivered.append(event.id)

    async def on_failed(self, event: OutboxEvent, target: Target, failure: DeliveryFailed, attempts: int) -> None:  # noqa: ARG002
        self.failed.append((event.id, failure.reason, attempts))

    async def on_dead(self, event: OutboxEvent, target: Target, failure: DeliveryFailed) -> None:  # noqa: ARG002
        self.dead.append(event.id)


@dataclass(slots=True)
class Post:
    """One process that sends to one webhook."""

    store: Store
    clock: SimulatedClock
    notes: Notes
    metrics: Metrics
    rounds: Rounds
    target: Target

    def say(self, *names: str, kind: str = "alert.closed") -> list[OutboxEvent]:
        """Write an event for each name of an alert."""
        known = self.store.latest_event()
        for name in names:
            self.store.add_events(name, [NewEvent(kind, {"of": name})])
        return list(self.store.events_after(known, 10_000))

    async def send(self, until: datetime | None = None) -> None:
        """Send what is due; with `until` go on to that moment, from each due moment to the next."""
        while True:
            at = await self.rounds.once(self.target)
            if at is not None and at <= self.clock.now:
                continue
            if until is None or at is None or at > until:
                self.clock.now = max(self.clock.now, until or self.clock.now)
                return
            self.clock.now = at


@contextlib.asynccontextmanager
async def post_office(
    store_url: str,
    hook: str,
    keys: PersonalKeys,
    clock: SimulatedClock | None = None,
    wrap: Callable[[Target], Target] = lambda target: target,
    client: httpx.AsyncClient | None = None,
) -> AsyncIterator[Post]:
    """A process that sends to a webhook named `app`, which is added where it is not there.

    The address may be private unless a client is given that forbids it.
    """
    moves = clock or SimulatedClock()
    with Store.open(store_url, key=keys, clock=moves) as store:
        if not store.webhooks():
            store.add_webhook("app", hook, (), SECRET)
        [webhook] = store.webhooks()
        metrics, notes = Metrics(), Notes()
        door = StoreDoor(lambda: Store.open(store_url, key=keys, clock=moves), 20, metrics)
        rounds = Rounds(door, metrics, moves, notes, jitter=lambda: 0.5)
        session = client or await asyncio.to_thread(guarded_client, {urlsplit(hook).netloc})
        target = wrap(WebhookTarget(webhook, "urn:ondijon:triage", session, moves))
        try:
            yield Post(store, moves, notes, metrics, rounds, target)
        finally:
            await session.aclose()
            await door.stop()


def run(coroutine: Awaitable[None]) -> None:
    """Run one test's coroutine to its end."""

    async def whole() -> None:
        await coroutine

    asyncio.run(whole())


HOUR, DAY = timedelta(hours=1), timedelta(days=1)
