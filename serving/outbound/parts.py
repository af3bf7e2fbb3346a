"""What sends events, put together."""

import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from serving.metrics import Metrics
from serving.outbound.cloud_event import source_of
from serving.outbound.deliverer import Deliverer
from serving.outbound.feed import EventFeed
from serving.outbound.rounds import Rounds
from serving.outbound.stream import OpenStreams
from serving.outbound.targets import Observer, Targets, Unobserved
from serving.outbound.webhooks import WebhookTargets
from serving.storage import StoreDoor
from triage.settings import Settings


@dataclass(frozen=True, slots=True)
class Outbound:
    """Targets and streams of one process.

    Attributes:
        source: who says it, in every CloudEvent.
        closing: what other targets leave open.
    """

    feed: EventFeed
    deliverer: Deliverer
    webhooks: WebhookTargets
    streams: OpenStreams
    source: str
    closing: Sequence[Callable[[], Awaitable[None]]] = ()

    def start(self) -> None:
        """Begin to send, on the event loop of the server."""
        self.feed.start()
        self.deliverer.start()

    async def stop(self) -> None:
        """End streams, and send no more; what was sent is noted."""
        await self.feed.stop()
        await self.deliverer.stop()
        await self.webhooks.close()
        for close in self.closing:
            await close()


def build_outbound(
    settings: Settings,
    door: StoreDoor,
    metrics: Metrics,
    clock: Callable[[], datetime],
    others: Sequence[Targets] = (),
    observer: Observer | None = None,
) -> Outbound:
    """Put the parts together; nothing runs yet.

    Args:
        settings: who says it, how many streams, which private hosts.
        door: to the store.
        metrics: counts.
        clock: the time.
        others: targets beside webhooks.
        observer: is told what becomes of events.
    """
    source = source_of(settings)
    feed = EventFeed(door)
    webhooks = WebhookTargets(door, source, settings.webhook_hosts, clock)
    rounds = Rounds(door, metrics, clock, observer or Unobserved(), random.random)
    deliverer = Deliverer((webhooks, *others), rounds, feed, metrics, clock)
    return Outbound(feed, deliverer, webhooks, OpenStreams(settings.streams_per_key, metrics), source)
