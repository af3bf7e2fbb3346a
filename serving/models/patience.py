"""How long an alert that is stored in any case waits for the model."""

import asyncio
import time
from collections.abc import Callable

from serving.batching import Answered, Batcher, CheckedAlert
from serving.problems import Problem

# A model that kept an alert waiting in vain is left alone for so long; then one alert finds out for all.
REST_S = 5.0
# What waits longer than this share of the budget is better told at once that it is stored, and triaged seconds later:
# so a burst leaves no long queue behind, and answers are as quick as before as soon as it is over.
BACKLOG = 0.25
# One alert may be what it fails at; so many in a row are the model's fault.
MANY_FAILURES = 3


class Patience:
    """Asks a model within a budget, and not at all while it is known to be slow.

    Args:
        budget_s: longest time for one alert, waiting for its batch included.
        clock: seconds of any kind that only grow.
    """

    def __init__(self, budget_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._budget_s = budget_s
        self._clock = clock
        self._failures = 0
        self._is_slow = False
        self._is_tried = False
        self._rests_until = clock()

    @property
    def is_answered(self) -> bool:
        """Whether the model answered of late, as far as is known."""
        return not self._is_slow and self._failures < MANY_FAILURES

    async def ask(self, batcher: Batcher, item: CheckedAlert) -> Answered | None:
        """The answer to an alert; None where there is none in time."""
        if self._is_slow and (self._is_tried or self._clock() < self._rests_until):
            return None
        if batcher.backlog_s > BACKLOG * self._budget_s:
            return None
        self._is_tried = self._is_slow
        try:
            async with asyncio.timeout(self._budget_s):
                [answered] = await batcher.submit([item])
        except TimeoutError:
            self._is_slow = True
            self._rests_until = self._clock() + REST_S
            return None
        except Problem as problem:
            # A full queue is no fault of the model.
            self._failures += problem.code == "model_unavailable"
            return None
        finally:
            self._is_tried = False
        self.praise()
        return answered

    def praise(self) -> None:
        """Say that the model answered."""
        self._failures = 0
        self._is_slow = False
