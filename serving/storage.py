"""The door to the alert store: its blocking calls run in threads of their own, never on the event loop."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from typing import TypeVar

from serving.metrics import Metrics
from serving.problems import Problem, overloaded
from serving.tracing import step
from triage.errors import TriageError
from triage.store.errors import StoreFailed
from triage.store.store import Store

# Requests that may wait for the store; one more is answered 503.
MAX_WAITING = 512
# Nor may one wait longer than this, as far as can be told from the calls before: a burst that fills the queue of a slow
# store would keep answers slow long after it is over.
LONGEST_WAIT_S = 2.0
# How much the latest call counts in the pace, and the slowest that a call may make it.
_LATEST, _SLOWEST_S = 0.2, 1.0
# A database that could not be reached is left alone for this long.
RETRY_S = 5

logger = logging.getLogger("triage.serving")
Result = TypeVar("Result")


class Work(StrEnum):
    """Kinds of work, each with threads of its own, so that a long search delays no list."""

    READ = "read"
    SEARCH = "search"
    WRITE = "write"


# Whoever writes holds the store alone anyway: a second thread would only wait in it.
_THREADS = {Work.READ: 4, Work.SEARCH: 2, Work.WRITE: 1}


class StoreDoor:
    """Opens the store when it is first needed, again where that failed, and lets a bounded number of requests in.

    Args:
        open_store: opens it.
        deadline_s: longest time for one answer, waiting included.
        metrics: counts calls and failures.
        clock: seconds of any kind that only grow.
    """

    def __init__(
        self,
        open_store: Callable[[], Store],
        deadline_s: float,
        metrics: Metrics,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._open_store = open_store
        self._deadline_s = deadline_s
        self._metrics = metrics
        self._clock = clock
        self._threads = {work: ThreadPoolExecutor(number, f"store-{work}") for work, number in _THREADS.items()}
        self._opening = threading.Lock()
        self._store: Store | None = None
        self._next_try = clock()
        self._waiting = dict.fromkeys(Work, 0)
        self._pace_s = dict.fromkeys(Work, 0.0)
        self._has_failed = False

    @property
    def is_usable(self) -> bool:
        """Whether the latest call that was answered found the store in order."""
        return not self._has_failed

    async def start(self) -> None:
        """Open the store; where that fails the log says why, and the first request that needs it tries again."""
        try:
            await self.run(Work.WRITE, lambda _: None)
        except Problem:
            logger.warning("the service starts without its alert store: predictions are answered, alerts refused")

    async def stop(self) -> None:
        """Let what runs end, drop what waits, and close the store."""
        await asyncio.to_thread(self._stop)

    async def run(self, work: Work, call: Callable[[Store], Result], within_s: float | None = None) -> Result:
        """Run a call of the store.

        Args:
            work: which threads it runs on.
            call: gets the store; what it raises is raised here, but for what the door itself explains.
            within_s: longest time to wait; the deadline of every answer by default.

        Raises:
            Problem: 503 `store_unavailable` where the store cannot be used in time, `overloaded` where too many wait.
        """
        wait_s = self._waiting[work] * self._pace_s[work] / _THREADS[work]
        if sum(self._waiting.values()) >= MAX_WAITING or wait_s > LONGEST_WAIT_S:
            raise overloaded("Too many requests wait for the alert store; send this one again in a second.")
        self._waiting[work] += 1
        started = self._clock()
        try:
            async with asyncio.timeout(within_s or self._deadline_s):
                # A call that has not begun when its time is over never begins; one that has is completed.
                with step(f"store {work.value}"):
                    result = await asyncio.get_running_loop().run_in_executor(
                        self._threads[work], self._call, work, call
                    )
                self._has_failed = False
                return result
        except StoreFailed as error:
            logger.warning("%s", error.message)
            self._has_failed = True
            raise self._unavailable() from None
        except TimeoutError:
            logger.warning("the alert store did not answer in time (%s)", work.value)
            raise self._unavailable() from None
        finally:
            self._waiting[work] -= 1
            self._metrics.store_seconds.labels(work.value).observe(self._clock() - started)

    def _call(self, work: Work, call: Callable[[Store], Result]) -> Result:
        store, started = self._opened(), self._clock()
        try:
            return call(store)
        finally:
            pace_s = min(self._clock() - started, _SLOWEST_S)
            self._pace_s[work] += _LATEST * (pace_s - self._pace_s[work])

    def _opened(self) -> Store:
        with self._opening:
            if self._store is None:
                if self._clock() < self._next_try:
                    raise StoreFailed("The alert store could not be opened a moment ago.")
                try:
                    self._store = self._open_store()
                except TriageError as error:
                    self._next_try = self._clock() + RETRY_S
                    raise StoreFailed(error.message) from None
            return self._store

    def _unavailable(self) -> Problem:
        self._metrics.store_failures.inc()
        return Problem(
            503,
            "store_unavailable",
            "The alert store cannot be used at the moment; send the request again.",
            headers={"Retry-After": str(RETRY_S)},
        )

    def _stop(self) -> None:
        for threads in self._threads.values():
            threads.shutdown(wait=True, cancel_futures=True)
        if self._store is not None:
            self._store.close()
