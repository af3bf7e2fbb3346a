"""Explanations on demand, in turn with the batches of alerts."""

import asyncio
import time
from collections.abc import Callable

from models.photo_reader import Pictures
from serving.batching import Answered, Batcher, CheckedAlert
from serving.metrics import Metrics
from serving.problems import overloaded
from triage.alert import Alert
from triage.prediction import ExplainedPrediction, Prediction

ExplainFunction = Callable[[Alert, Prediction, Pictures], ExplainedPrediction]

# Waiting or running; the longest texts take about two seconds each, so that all of them keep a deadline of 20 s.
MAX_EXPLANATIONS = 8


class Turns:
    """How many explanations there are, and whose turn it is: shared where a model takes over from another."""

    def __init__(self) -> None:
        self.present = 0
        self.turn = asyncio.Lock()


class Explainer:
    """Few explanations waiting, one at a time on the model, none before its alert is predicted.

    An explanation costs as much as dozens of alerts. It runs on the batcher's own thread: one beside it
    would take cores from every alert and hold a second pass in memory. That thread works first come,
    first served, and only one explanation is ever in its queue; so a batch that is ready waits for one
    explanation at most, however many are asked for.
    """

    def __init__(
        self,
        explain: ExplainFunction,
        batcher: Batcher,
        deadline_s: float,
        metrics: Metrics,
        turns: Turns | None = None,
    ) -> None:
        self._explain = explain
        self._batcher = batcher
        self._deadline_s = deadline_s
        self._metrics = metrics
        self._turns = turns or Turns()

    async def submit(self, item: CheckedAlert) -> Answered:
        """Predict an alert and explain the answer (an `ExplainedPrediction`), within one deadline.

        Raises:
            Problem: 503 when too many explanations wait, the queue is full or the deadline passes.
        """
        if self._turns.present >= MAX_EXPLANATIONS:
            raise overloaded("Too many explanations are waiting; ask for this one again in a second.")
        self._turns.present += 1
        try:
            async with asyncio.timeout(self._deadline_s):
                [answered] = await self._batcher.submit([item])
                return Answered(await self._take_turn(item, answered.prediction), answered.report)
        except TimeoutError:
            raise overloaded(f"No explanation within {self._deadline_s:g} s; ask again, or without explain.") from None
        finally:
            self._turns.present -= 1

    async def _take_turn(self, item: CheckedAlert, prediction: Prediction) -> ExplainedPrediction:
        await self._turns.turn.acquire()
        work = asyncio.ensure_future(self._batcher.run_between(lambda: self._timed(item, prediction)))
        # A thread cannot be stopped: the turn ends with the work, even where the deadline ended the waiting for it.
        work.add_done_callback(lambda _: self._turns.turn.release())
        return await asyncio.shield(work)

    def _timed(self, item: CheckedAlert, prediction: Prediction) -> ExplainedPrediction:
        started = time.perf_counter()
        explained = self._explain(item.alert, prediction, item.pictures)
        self._metrics.explain_seconds.observe(time.perf_counter() - started)
        return explained
