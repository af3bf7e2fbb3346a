"""Batches alerts of concurrent requests: the next batch is whatever queued while the last one ran."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from models.photo import Picture
from models.photo_reader import Pictures
from models.predictor import PredictedBatch
from serving.metrics import Metrics
from serving.problems import Problem, model_unavailable, overloaded
from serving.tracing import step
from triage.alert import Alert
from triage.duplicates.report import Report
from triage.intake import TakenIn
from triage.prediction import Prediction

# Reading a photo takes about as long as reading this many texts, and it holds more memory.
PHOTO_WEIGHT = 3
# How much the latest pass counts in the pace, and the slowest that a pass may make it.
_LATEST, _SLOWEST_S = 0.2, 0.5

logger = logging.getLogger("triage.serving")
PredictFunction = Callable[[Sequence[Alert], Sequence[Pictures]], PredictedBatch]
CheckedAlert = TakenIn[Picture]
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class BatchLimits:
    """Largest batch, longest wait for company in seconds, longest queue, longest time to an answer."""

    max_batch_size: int
    max_wait_s: float
    max_queue: int
    deadline_s: float


@dataclass(frozen=True, slots=True)
class Answered:
    """The models' answer to an alert, and the alert as others are compared with it."""

    prediction: Prediction
    report: Report


@dataclass(slots=True)
class _Waiting:
    item: CheckedAlert
    predict: PredictFunction
    future: asyncio.Future[Answered]
    since: float


class BatchQueue:
    """One thread that runs models, one bounded queue in front of it.

    Every alert waits for the model that it was sent to, so that those sent before another model took over are still
    answered by the one before; a batch is one model's.
    """

    def __init__(self, limits: BatchLimits, metrics: Metrics) -> None:
        self._limits = limits
        self._metrics = metrics
        self._queue: deque[_Waiting] = deque()
        self._waiting = 0  # the weight of what is in the queue
        self._is_running = False
        self._is_failing = False
        self._pace_s = 0.0  # seconds that the model takes for one alert, of late
        self._arrival = asyncio.Event()
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="inference")
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to serve the queue."""
        self._task = asyncio.create_task(self._serve())

    async def stop(self) -> None:
        """End the worker; whoever still waits is told to come back."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        _fail(self._queue, _stopping())
        self._queue.clear()
        self._waiting = 0
        self._executor.shutdown(wait=False)

    @property
    def is_idle(self) -> bool:
        """Whether no alert waits or runs."""
        return not self._queue and not self._is_running

    @property
    def backlog_s(self) -> float:
        """Seconds until the model has read what waits, as far as can be told from what it read of late."""
        return self._waiting * self._pace_s

    async def submit(self, items: Sequence[CheckedAlert], predict: PredictFunction) -> list[Answered]:
        """Predict items, together with those of other requests.

        Args:
            items: checked alerts.
            predict: the model that answers them.

        Raises:
            Problem: 503 when the queue is full, the deadline passes or the model fails.
        """
        weight = sum(map(_weight, items))
        if self._waiting and self._waiting + weight > self._limits.max_queue:
            raise overloaded("Too many alerts are waiting; send this one again in a second.")
        now = time.perf_counter()
        loop = asyncio.get_running_loop()
        entries = [_Waiting(item, predict, loop.create_future(), now) for item in items]
        self._queue.extend(entries)
        self._waiting += weight
        self._metrics.queue_length.set(len(self._queue))
        self._arrival.set()
        try:
            with step("model"):
                async with asyncio.timeout(self._limits.deadline_s):
                    return [await entry.future for entry in entries]
        except TimeoutError:
            raise overloaded(f"No answer within {self._limits.deadline_s:g} s; send the alert again.") from None
        finally:
            for entry in entries:
                entry.future.cancel()

    async def run_between(self, work: Callable[[], Result]) -> Result:
        """Run other work on the thread of the model, after the batch that runs or is next.

        Raises:
            Problem: 503 when the queue is not served.
        """
        if self._task is None or self._task.done():
            raise _stopping()
        return await asyncio.get_running_loop().run_in_executor(self._executor, work)

    async def _serve(self) -> None:
        while True:
            self._arrival.clear()
            if not self._queue:
                await self._arrival.wait()
            if self._limits.max_wait_s and len(self._queue) < self._limits.max_batch_size:
                await asyncio.sleep(self._limits.max_wait_s)
            batch = self._next_batch()
            if batch:
                self._is_running = True
                await self._run(batch)
                self._is_running = False

    def _next_batch(self) -> list[_Waiting]:
        batch: list[_Waiting] = []
        weight = 0
        while self._queue and weight < self._limits.max_batch_size:
            if batch and self._queue[0].predict != batch[0].predict:
                break
            waiting = self._queue.popleft()
            self._waiting -= _weight(waiting.item)
            if not waiting.future.done():  # its client has left
                batch.append(waiting)
                weight += _weight(waiting.item)
        self._metrics.queue_length.set(len(self._queue))
        return batch

    async def _run(self, batch: Sequence[_Waiting]) -> None:
        started = time.perf_counter()
        for waiting in batch:
            self._metrics.queue_seconds.observe(started - waiting.since)
        self._metrics.batch_size.observe(len(batch))
        try:
            if not await self._ask(batch) and len(batch) > 1:
                # One alert may be what the model fails at: it must not cost the others their answers.
                for waiting in batch:
                    if not waiting.future.done():
                        await self._ask([waiting])
        except asyncio.CancelledError:
            _fail(batch, _stopping())
            raise
        _fail(batch, _failed())

    async def _ask(self, batch: Sequence[_Waiting]) -> bool:
        """Whether the model answered; whoever has left by then is told nothing."""
        alerts = [waiting.item.alert for waiting in batch]
        pictures = [waiting.item.pictures for waiting in batch]
        loop, started = asyncio.get_running_loop(), time.perf_counter()
        try:
            result = await loop.run_in_executor(self._executor, batch[0].predict, alerts, pictures)
            self._note_pace(time.perf_counter() - started, batch)
            self._answer(batch, result)
        except Exception as error:
            self._metrics.model_failures.inc()
            if not self._is_failing:
                # Said once until it answers again; the traceback may quote texts.
                logger.error("the model cannot answer (%s)", type(error).__name__)
            self._is_failing = True
            return False
        self._is_failing = False
        return True

    def _note_pace(self, seconds: float, batch: Sequence[_Waiting]) -> None:
        # One pass that hung says little about the next.
        pace_s = min(seconds / sum(_weight(waiting.item) for waiting in batch), _SLOWEST_S)
        self._pace_s += (_LATEST if self._pace_s else 1.0) * (pace_s - self._pace_s)

    def _answer(self, batch: Sequence[_Waiting], result: PredictedBatch) -> None:
        answers = list(zip(batch, result.predictions, result.reports, strict=True))
        self._metrics.tokenize_seconds.observe(result.tokenize_s)
        self._metrics.inference_seconds.observe(result.inference_s)
        for waiting, prediction, report in answers:
            self._metrics.decisions.labels(prediction.decision.value).inc()
            if not waiting.future.done():
                waiting.future.set_result(Answered(prediction, report))


@dataclass(frozen=True, slots=True)
class Batcher:
    """One model behind a queue, which it may share with the one before and the one after it.

    Attributes:
        predict: answers a batch.
        queue: where alerts wait for it.
    """

    predict: PredictFunction
    queue: BatchQueue

    async def submit(self, items: Sequence[CheckedAlert]) -> list[Answered]:
        """Predict items, together with those of other requests; see `BatchQueue.submit`.

        Raises:
            Problem: 503 when the queue is full or the deadline passes.
        """
        return await self.queue.submit(items, self.predict)

    @property
    def backlog_s(self) -> float:
        """See `BatchQueue.backlog_s`."""
        return self.queue.backlog_s

    async def run_between(self, work: Callable[[], Result]) -> Result:
        """Run other work between batches; see `BatchQueue.run_between`.

        Raises:
            Problem: 503 when the queue is not served.
        """
        return await self.queue.run_between(work)


def _weight(item: CheckedAlert) -> int:
    return 1 + PHOTO_WEIGHT * len(item.pictures)


def _failed() -> Problem:
    return model_unavailable("The model cannot answer at the moment; send the alert again.")


def _stopping() -> Problem:
    return overloaded("The service is stopping; send the alert again.")


def _fail(entries: Iterable[_Waiting], error: Exception) -> None:
    for waiting in entries:
        if not waiting.future.done():
            waiting.future.set_exception(error)
