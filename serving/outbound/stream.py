"""The stream of events: server-sent, from any number on, until the client or the service leaves."""

import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import anyio
from sse_starlette import EventSourceResponse, ServerSentEvent
from sse_starlette.sse import SendTimeoutError
from starlette.types import Receive, Scope, Send

from serving.metrics import Metrics
from serving.outbound.cloud_event import cloud_event_json
from serving.outbound.feed import EventFeed
from serving.problems import Problem
from serving.storage import StoreDoor, Work
from triage.store.records import OutboxEvent

# A comment is sent so often, so that nobody between takes the silence for the end; who does not read for longer than
# the second is let go.
HEARTBEAT_S, SEND_LIMIT_S = 15.0, 30.0
# A stream looks so often whether it is to end, and has so long to do so when the service stops.
LOOK_EVERY_S, GRACE_S = 1.0, 3.0
# After that long a client that lost its stream should ask for it again.
RETRY_MS = 3_000
PAGE = 200
FULL_RETRY_S = 30


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a client wants to hear.

    Attributes:
        after: the number of the last event that it knows.
        alert_id: of one alert alone.
        kinds: of these kinds alone; none means all.
    """

    after: int = 0
    alert_id: str | None = None
    kinds: frozenset[str] = frozenset()

    def holds(self, event: OutboxEvent) -> bool:
        """Whether an event is one of these."""
        return (self.alert_id is None or event.alert_id == self.alert_id) and (
            not self.kinds or event.kind in self.kinds
        )


class OpenStreams:
    """Counts open streams.

    Args:
        per_key: most for one key.
        metrics: show how many there are.
    """

    def __init__(self, per_key: int, metrics: Metrics) -> None:
        self._per_key = per_key
        self._metrics = metrics
        self._open: Counter[str] = Counter()

    def begin(self, key: str) -> None:
        """Count one more.

        Raises:
            Problem: 429 where the key has as many as it may.
        """
        if self._open[key] >= self._per_key:
            detail = f"This key has {self._per_key} open streams of events; close one, or read them all in one."
            raise Problem(429, "too_many_streams", detail, headers={"Retry-After": str(FULL_RETRY_S)})
        self._open[key] += 1
        self._metrics.event_streams.inc()

    def end(self, key: str) -> None:
        """Count one less."""
        self._open[key] -= 1
        if not self._open[key]:
            del self._open[key]
        self._metrics.event_streams.dec()


class StreamResponse(EventSourceResponse):
    """A stream that says when it has ended, however it did."""

    def __init__(
        self, content: AsyncIterator[ServerSentEvent], stopping: anyio.Event, ended: Callable[[], None]
    ) -> None:
        super().__init__(
            content,
            ping=HEARTBEAT_S,
            send_timeout=SEND_LIMIT_S,
            sep="\n",
            shutdown_event=stopping,
            shutdown_grace_period=GRACE_S,
        )
        self._ended = ended

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until it ends; a client that does not read is let go."""
        try:
            await super().__call__(scope, receive, send)
        except SendTimeoutError:
            pass
        finally:
            self._ended()


async def events_for(
    chosen: Chosen, feed: EventFeed, door: StoreDoor, source: str, goes_on: Callable[[], bool]
) -> AsyncIterator[ServerSentEvent]:
    """Events as they happen, after those since then that the client does not know.

    Args:
        chosen: which ones.
        feed: has the latest ones, so that most streams never ask the store.
        door: to the store, for those before.
        source: who says it.
        goes_on: asked every second; a key may be removed while its stream is open, and the service may stop.
    """
    last = chosen.after
    # A client that hears of nothing before it loses its stream knows by this where to go on.
    yield ServerSentEvent(id=str(last), retry=RETRY_MS, sep="\n")
    with feed.listening(), contextlib.suppress(Problem):  # without the store it ends, and the client comes back
        while goes_on() and not feed.closed:
            found = feed.after(last)
            if found is None:
                found, last = await _stored(chosen, last, feed, door)
            elif found:
                last = found[-1].seq
            else:
                await feed.wait_beyond(last, LOOK_EVERY_S)
                continue
            for event in filter(chosen.holds, found):
                data = cloud_event_json(event, source)
                yield ServerSentEvent(data, id=str(event.seq), event=event.kind, sep="\n")


async def _stored(chosen: Chosen, last: int, feed: EventFeed, door: StoreDoor) -> tuple[tuple[OutboxEvent, ...], int]:
    """A page of the store, and up to which number all that was chosen is known by then."""
    if feed.latest < 0:
        await feed.wait_beyond(-1, LOOK_EVERY_S)
    seen = feed.latest
    # Kinds are chosen afterwards: looking for a rare one could take the store long.
    page = await door.run(Work.READ, lambda store: store.events_after(last, PAGE, chosen.alert_id))
    if len(page) == PAGE:
        return page, page[-1].seq
    return page, max(last, seen, page[-1].seq if page else 0)
