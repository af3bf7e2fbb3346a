"""The latest events, read once for all who listen in this process."""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Iterator

from serving.background import BackgroundTask
from serving.problems import Problem
from serving.storage import StoreDoor, Work
from triage.store.records import OutboxEvent

# Other processes write events too, so the store is asked: this often, while anybody listens.
LOOK_EVERY_S = 0.5
STORE_AWAY_S = 5.0
PAGE = 500
# Kept in memory for those who listen; who is further behind reads the store.
KEPT = 1_000

logger = logging.getLogger("triage.serving")


class EventFeed:
    """Looks for new events, keeps the latest ones, and wakes whoever waits.

    Args:
        door: to the store.
        every_s: seconds between two looks.
    """

    def __init__(self, door: StoreDoor, every_s: float = LOOK_EVERY_S) -> None:
        self._door = door
        self._every_s = every_s
        self._kept: deque[OutboxEvent] = deque(maxlen=KEPT)
        self._floor = self._latest = -1
        self._listeners = 0
        self._somebody = asyncio.Event()
        self._changed = asyncio.Event()
        self._closed = False
        self._task = BackgroundTask(self._run, "events")

    def start(self) -> None:
        """Begin to look, on the event loop of the server."""
        self._task.start()

    async def stop(self) -> None:
        """Look no more, and let everybody go who waits."""
        self._closed = True
        self._wake()
        await self._task.stop()

    @property
    def latest(self) -> int:
        """The number of the last event that was seen; -1 before the first look."""
        return self._latest

    @property
    def closed(self) -> bool:
        """Whether the service stops."""
        return self._closed

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Somebody listens meanwhile."""
        self._listeners += 1
        self._somebody.set()
        try:
            yield
        finally:
            self._listeners -= 1
            if not self._listeners:
                self._somebody.clear()

    def after(self, seq: int) -> tuple[OutboxEvent, ...] | None:
        """All events after a number that were seen; None where the store has to be asked."""
        if seq < self._floor or self._latest < 0:
            return None
        return tuple(event for event in self._kept if event.seq > seq)

    async def wait_beyond(self, seq: int, within_s: float) -> None:
        """Wait until an event after a number is seen, the time is over, or the service stops."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while self._latest <= seq and not self._closed:
                    await self._changed.wait()

    async def _run(self) -> None:
        while True:
            await self._somebody.wait()
            pause_s = self._every_s
            try:
                await self._look()
            except Problem:
                pause_s = STORE_AWAY_S  # the door to the store has said why
            except Exception as error:
                logger.error("events cannot be read (%s)", type(error).__name__)
                pause_s = STORE_AWAY_S
            await asyncio.sleep(pause_s)

    async def _look(self) -> None:
        latest = await self._door.run(Work.READ, lambda store: store.latest_event())
        if self._latest < 0 or latest - self._latest > KEPT:  # who listens reads the store for what is left out
            self._kept.clear()
            self._floor = self._latest = latest
            self._wake()
        while latest > self._latest:
            page = await self._door.run(Work.READ, lambda store: store.events_after(self._latest, PAGE))
            for event in page:
                if len(self._kept) == KEPT:
                    self._floor = self._kept[0].seq
                self._kept.append(event)
            self._latest = page[-1].seq if page else latest  # events may be erased
            self._wake()

    def _wake(self) -> None:
        # Whoever waits holds the old one; who comes later waits for the new one.
        self._changed.set()
        self._changed = asyncio.Event()
