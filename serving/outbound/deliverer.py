"""Sends events to every target, each at its own pace, while the service runs."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime

from serving.background import BackgroundTask
from serving.metrics import Metrics
from serving.outbound.feed import EventFeed
from serving.outbound.rounds import Rounds
from serving.outbound.targets import Target, Targets
from serving.problems import Problem

# How often targets are asked for, and how long a target without work or without a store waits at most.
LOOK_EVERY_S = 3.0
STORE_AWAY_S = 5.0
# Attempts that run when the service stops have so long to end.
GRACE_S = 5.0

logger = logging.getLogger("triage.serving")


class Deliverer:
    """Keeps a worker for each target, as targets come and go.

    Args:
        sources: each names some targets; names are unique among all.
        rounds: send what waits for a target.
        feed: tells of new events.
        metrics: forget targets that are gone.
        clock: the time by which rounds are due.
    """

    def __init__(
        self,
        sources: Sequence[Targets],
        rounds: Rounds,
        feed: EventFeed,
        metrics: Metrics,
        clock: Callable[[], datetime],
    ) -> None:
        self._sources = sources
        self._feed = feed
        self._metrics = metrics
        self._clock = clock
        self._rounds = rounds
        self._targets: dict[str, Target] = {}
        self._workers: dict[str, asyncio.Task[None]] = {}
        self._task = BackgroundTask(self._run, "deliverer")

    def start(self) -> None:
        """Begin to send, on the event loop of the server."""
        self._task.start()

    async def stop(self) -> None:
        """Send no more; attempts that run have a few seconds to end, and what was sent is noted."""
        await self._task.stop()
        await self._rounds.stop(GRACE_S)
        workers = list(self._workers.values())
        self._workers.clear()
        if workers:  # they note what was sent, and end
            _, running = await asyncio.wait(workers, timeout=GRACE_S)
            for worker in running:
                worker.cancel()

    async def _run(self) -> None:
        while True:
            try:
                await self._look()
            except Problem:
                pass  # the door to the store has said why
            except Exception as error:
                logger.error("targets of events cannot be named (%s)", type(error).__name__)
            await asyncio.sleep(LOOK_EVERY_S)

    async def _look(self) -> None:
        """Begin with new targets and end with those that are gone."""
        named = {target.name: target for source in self._sources for target in await source()}
        for name in self._workers.keys() - named.keys():
            self._workers.pop(name).cancel()
            self._metrics.forget_target(name)
        self._targets = named
        for name, target in named.items():
            worker = self._workers.get(name)
            if worker is None or worker.done():
                await self._rounds.add(target)
                self._workers[name] = asyncio.create_task(self._keep_sending(name), name=f"events to {name}")

    async def _keep_sending(self, name: str) -> None:
        with self._feed.listening():
            while not self._rounds.stopping:
                known = self._feed.latest
                try:
                    next_at = await self._rounds.once(self._targets[name])
                except Problem:
                    await self._rounds.pause(STORE_AWAY_S)
                    continue
                except Exception as error:
                    # One target's fault must not end its worker for good.
                    logger.error("events to %s could not be sent (%s)", name, type(error).__name__)
                    await self._rounds.pause(STORE_AWAY_S)
                    continue
                await self._wait(next_at, known)

    async def _wait(self, next_at: datetime | None, known: int) -> None:
        left = LOOK_EVERY_S if next_at is None else min((next_at - self._clock()).total_seconds(), LOOK_EVERY_S)
        if left > 0:
            await self._feed.wait_beyond(known, left)
