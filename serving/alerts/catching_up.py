"""Triages what was stored without an answer, once a model can be asked again: by itself, and behind all requests."""

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from serving.background import BackgroundTask
from serving.metrics import Metrics
from serving.problems import Problem
from serving.storage import Work
from triage.store.errors import AlertChanged
from triage.store.untriaged import Untriaged

if TYPE_CHECKING:
    from serving.engine import Engine

EVERY_S = 2.0
# Few enough to be one batch, whose requests wait for it as they would for any other.
AT_ONCE = 8
# While one service is at an alert no other takes it; one that was killed keeps it no longer than this.
LEASE = timedelta(minutes=1)
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(minutes=1)
# Requests come first, but not for ever.
_PAUSE_S, _PAUSES = 0.02, 100

logger = logging.getLogger("triage.serving")


class CatchUp:
    """Looks for alerts that wait for a model, and lets it answer them.

    An alert that it fails at is asked for again after a pause that grows to a minute; staff see it all the time.

    Args:
        engine: the engine in use; None while there is none.
        metrics: shows how many wait.
    """

    def __init__(self, engine: "Callable[[], Engine | None]", metrics: Metrics) -> None:
        self._engine = engine
        self._metrics = metrics
        self._task = BackgroundTask(self._run, "catching up")

    def start(self) -> None:
        """Begin to look, on the event loop of the server."""
        self._task.start()

    async def stop(self) -> None:
        """Look no more; an alert that was being triaged is taken again after the next start."""
        await self._task.stop()

    async def look(self) -> int:
        """One look; how many alerts were triaged. What it cannot do now it leaves to the next one.

        Raises:
            Problem: 503 where the store cannot be used.
        """
        engine = self._engine()
        if engine is None:
            return 0
        now = engine.clock()
        count = await engine.door.run(Work.READ, lambda store: store.count_untriaged(now))
        self._metrics.untriaged.set(count.waiting)
        if not (engine.has_model and count.due):
            return 0
        for _ in range(_PAUSES):
            if engine.batcher.queue.is_idle:
                break
            await asyncio.sleep(_PAUSE_S)
        claimed = await engine.door.run(Work.WRITE, lambda store: store.claim_untriaged(now, now + LEASE, AT_ONCE))
        done = await asyncio.gather(*(self._triage(engine, waiting) for waiting in claimed))
        self._metrics.untriaged.set(max(0, count.waiting - sum(done)))
        return sum(done)

    async def _run(self) -> None:
        while True:
            try:
                triaged = await self.look()
            except Problem:
                triaged = 0  # the door to the store has said why
            except Exception as error:  # a look that fails must not end all later ones
                triaged = 0
                logger.warning("alerts cannot be triaged later (%s)", type(error).__name__)
            await asyncio.sleep(0 if triaged else EVERY_S)

    async def _triage(self, engine: "Engine", waiting: Untriaged) -> bool:
        try:
            await engine.later.triage(waiting)
        except AlertChanged:
            pause = timedelta(0)
        except Problem:  # the queue of the model, or the door to the store, has said why
            pause = pause_after(waiting.tries)
        except Exception as error:
            pause = pause_after(waiting.tries)
            # The traceback may quote texts.
            logger.warning("an alert cannot be triaged (%s)", type(error).__name__)
        else:
            return True
        until = engine.clock() + pause
        await engine.door.run(Work.WRITE, lambda store: store.postpone_untriaged(waiting.alert.id, until))
        return False


def pause_after(tries: int) -> timedelta:
    """How long an alert waits that a model was asked about in vain; `tries` counts those before."""
    doubled: int = 2 ** min(tries, 10)
    return min(FIRST_PAUSE * doubled, LONGEST_PAUSE)
