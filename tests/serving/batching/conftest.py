"""A batcher and the explainer beside it, with a model made by hand."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from models.photo import Picture
from models.photo_reader import Pictures
from models.predictor import PredictedBatch
from serving.batching import Batcher, BatchLimits, BatchQueue, CheckedAlert
from serving.explaining import Explainer
from serving.metrics import Metrics
from serving.problems import Problem
from triage.alert import Alert
from triage.duplicates.report import Report
from triage.intake import TakenIn
from triage.prediction import (
    Alternative,
    Answer,
    Decision,
    ExplainedPhoto,
    ExplainedPrediction,
    Explanation,
    ModelInfo,
    Prediction,
)

ANSWER = Answer(code="a", confidence=0.9, alternatives=(Alternative(code="b", confidence=0.1),))
MODEL = ModelInfo(name="hand-made", version="1", taxonomy=1, bundle_sha256="0" * 64)
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
PATIENCE_S = 10.0
PREDICT, EXPLAIN = "predict", "explain"


def picture(shade: int | None) -> Picture | None:
    """A plain picture; None is one that cannot be read."""
    return None if shade is None else np.full((2, 2, 3), shade, np.uint8)


def shown(pictures: Pictures) -> tuple[str, ...]:
    return tuple("nothing" if seen is None else f"shade {seen[0, 0, 0]}" for seen in pictures)


class HandMadeModel:
    """Answers alerts with their ids and what their pictures show; work waits at its gate, and fails when told to."""

    def __init__(self) -> None:
        self.ran: list[str] = []
        self.batches: list[list[str]] = []
        self.threads: set[int] = set()
        self.gates = {PREDICT: threading.Event(), EXPLAIN: threading.Event()}
        self.errors: dict[str, Exception] = {}
        self.answers_lost = 0
        self.poison = ""
        self.open()

    def open(self) -> None:
        for gate in self.gates.values():
            gate.set()

    def predict(self, alerts: Sequence[Alert], pictures: Sequence[Pictures]) -> PredictedBatch:
        self.batches.append([alert.id for alert in alerts])
        self._work(PREDICT, self.batches[-1])
        answers = [
            Prediction(
                id=alert.id,
                category=ANSWER,
                department=ANSWER,
                priority=ANSWER,
                decision=Decision.ROUTE,
                reasons=shown(seen),
                model=MODEL,
            )
            for alert, seen in zip(alerts, pictures, strict=True)
        ]
        reports = tuple(Report(alert.id, alert.text, None, None, NOON) for alert in alerts)
        return PredictedBatch(tuple(answers[self.answers_lost :]), reports, 0.001, 0.002)

    def explain(self, alert: Alert, prediction: Prediction, pictures: Pictures) -> ExplainedPrediction:
        self._work(EXPLAIN, [alert.id])
        photos = tuple(ExplainedPhoto(label=label, heat_map=None) for label in shown(pictures))
        explanation = Explanation(text=alert.text, words=(), department_rules=(), photos=photos)
        return ExplainedPrediction(**dict(prediction), explanation=explanation)

    def _work(self, kind: str, names: list[str]) -> None:
        self.ran.append(" ".join([kind, *names]))
        self.threads.add(threading.get_ident())
        assert self.gates[kind].wait(PATIENCE_S)
        if self.poison in names:
            raise ValueError(self.poison)
        if kind in self.errors:
            raise self.errors[kind]


class Bench:
    """What a scenario plays with: model, metrics, batcher and explainer."""

    def __init__(self, **limits: float) -> None:
        usual = {"max_batch_size": 8, "max_wait_s": 0.0, "max_queue": 100, "deadline_s": PATIENCE_S}
        chosen = BatchLimits(**(usual | limits))  # type: ignore[arg-type]
        self.model = HandMadeModel()
        self.metrics = Metrics()
        self.queue = BatchQueue(chosen, self.metrics)
        self.batcher = Batcher(self.model.predict, self.queue)
        self.explainer = Explainer(self.model.explain, self.batcher, chosen.deadline_s, self.metrics)

    def checked(self, name: str, *shades: int | None) -> CheckedAlert:
        return TakenIn(Alert(id=name, text="trou"), tuple(map(picture, shades)))

    def predict(self, *names: str) -> "asyncio.Task[list[str]]":
        """Ids of the answers."""

        async def ids() -> list[str]:
            answers = await self.batcher.submit([self.checked(name) for name in names])
            assert [answered.report.id for answered in answers] == list(names)
            return [answered.prediction.id for answered in answers]

        return asyncio.create_task(ids())

    def explain(self, name: str, *shades: int | None) -> "asyncio.Task[ExplainedPrediction]":
        async def explained() -> ExplainedPrediction:
            prediction = (await self.explainer.submit(self.checked(name, *shades))).prediction
            assert isinstance(prediction, ExplainedPrediction)
            return prediction

        return asyncio.create_task(explained())

    async def hold(self, kind: str, name: str = "held") -> "asyncio.Task[Any]":
        """Close a gate and put one alert into the model, so that all else queues up behind it."""
        self.model.gates[kind].clear()
        task = {PREDICT: self.predict, EXPLAIN: self.explain}[kind](name)
        await self.until(lambda: f"{kind} {name}" in self.model.ran)
        return task

    async def queued(self, length: int) -> None:
        await self.until(lambda: f"triage_queue_length {float(length)}" in self.metrics.render().decode())

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not condition():
                await asyncio.sleep(0.001)

    async def soon(self, awaitable: Awaitable[Any]) -> Any:
        """What must come long before the deadline."""
        return await asyncio.wait_for(awaitable, PATIENCE_S / 2)

    async def problem_of(self, submitted: Awaitable[Any]) -> Problem:
        with pytest.raises(Problem) as caught:
            await submitted
        return caught.value


@pytest.fixture
def run() -> Callable[..., Bench]:
    """Plays a scenario on a bench with some limits, whose batcher is stopped at the end; returns the bench."""

    def play(scenario: Callable[[Bench], Coroutine[Any, Any, None]], **limits: float) -> Bench:
        bench = Bench(**limits)

        async def whole() -> None:
            await bench.queue.start()
            try:
                await scenario(bench)
            finally:
                bench.model.open()
                await bench.queue.stop()

        asyncio.run(whole())
        return bench

    return play
