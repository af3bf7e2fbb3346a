"""Explanations beside the batches: one at a time, few waiting, and no alert waits for more than one."""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from models.predictor import PredictedBatch
from serving.batching import Batcher, BatchLimits, CheckedAlert
from serving.explaining import MAX_EXPLANATIONS, Explainer
from serving.metrics import Metrics
from serving.problems import Problem
from triage.alert import Alert
from triage.prediction import Answer, Decision, ExplainedPrediction, Explanation, ModelInfo, Prediction

ANSWER = Answer(code="a", confidence=0.9, alternatives=())
MODEL = ModelInfo(name="hand-made", version="1", taxonomy=1, bundle_sha256="0" * 64)
PATIENCE_S = 10.0


class HandMadeModel:
    """Notes what runs and on which thread; explanations wait at a gate, fail when told to."""

    def __init__(self) -> None:
        self.ran: list[str] = []
        self.threads: set[int] = set()
        self.gate = threading.Event()
        self.gate.set()
        self.error: Exception | None = None

    def predict(self, alerts: Sequence[Alert], notes: Sequence[tuple[str, ...]]) -> PredictedBatch:
        self._note("predict", *(alert.id for alert in alerts))
        answers = [
            Prediction(
                id=alert.id,
                category=ANSWER,
                department=ANSWER,
                priority=ANSWER,
                decision=Decision.ROUTE,
                reasons=reasons,
                model=MODEL,
            )
            for alert, reasons in zip(alerts, notes, strict=True)
        ]
        return PredictedBatch(tuple(answers), 0.001, 0.002)

    def explain(self, alert: Alert, prediction: Prediction) -> ExplainedPrediction:
        self._note("explain", alert.id)
        assert self.gate.wait(PATIENCE_S)
        if self.error:
            raise self.error
        explanation = Explanation(text=alert.text, words=(), department_rules=())
        return ExplainedPrediction(**dict(prediction), explanation=explanation)

    def _note(self, *what: str) -> None:
        self.ran.append(" ".join(what))
        self.threads.add(threading.get_ident())


class Bench:
    """A running batcher and the explainer beside it."""

    def __init__(self, model: HandMadeModel, deadline_s: float) -> None:
        self.model = model
        self.metrics = Metrics()
        self.batcher = Batcher(model.predict, BatchLimits(8, 0.0, 100, deadline_s), self.metrics)
        self.explainer = Explainer(model.explain, self.batcher, deadline_s, self.metrics)

    def explain(self, name: str, *notes: str) -> "asyncio.Task[ExplainedPrediction]":
        return asyncio.create_task(self.explainer.submit(checked(name, *notes)))

    def predict(self, name: str) -> "asyncio.Task[list[Prediction]]":
        return asyncio.create_task(self.batcher.submit([checked(name)]))

    async def held(self, name: str = "held") -> "asyncio.Task[ExplainedPrediction]":
        """Close the gate and put one explanation into the model, so that all else queues up behind it."""
        self.model.gate.clear()
        task = self.explain(name)
        await until(lambda: f"explain {name}" in self.model.ran)
        return task


def checked(name: str, *notes: str) -> CheckedAlert:
    return CheckedAlert(Alert(id=name, text="trou"), notes)


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not condition():
            await asyncio.sleep(0.001)


async def problem_of(submitted: Awaitable[Any]) -> Problem:
    with pytest.raises(Problem) as caught:
        await submitted
    return caught.value


Scenario = Callable[[Bench], Coroutine[Any, Any, None]]
Run = Callable[..., HandMadeModel]


@pytest.fixture
def run() -> Run:
    """Runs a scenario beside a batcher that is stopped at its end; returns the model."""

    @asynccontextmanager
    async def started(model: HandMadeModel, deadline_s: float) -> AsyncIterator[Bench]:
        bench = Bench(model, deadline_s)
        await bench.batcher.start()
        try:
            yield bench
        finally:
            model.gate.set()
            await bench.batcher.stop()

    def play(scenario: Scenario, deadline_s: float = PATIENCE_S) -> HandMadeModel:
        model = HandMadeModel()

        async def whole() -> None:
            async with started(model, deadline_s) as bench:
                await scenario(bench)

        asyncio.run(whole())
        return model

    return play


def test_an_explanation_holds_the_prediction_with_its_notes(run: Run) -> None:
    async def scenario(bench: Bench) -> None:
        explained = await bench.explain("a", "photo_ignored")
        assert (explained.id, explained.reasons, explained.explanation.text) == ("a", ("photo_ignored",), "trou")
        assert "triage_explain_seconds_count 1.0" in bench.metrics.render().decode().splitlines()

    model = run(scenario)
    assert model.ran == ["predict a", "explain a"]


def test_predictions_and_explanations_share_one_thread_that_is_not_the_loops(run: Run) -> None:
    async def scenario(bench: Bench) -> None:
        await asyncio.gather(bench.explain("a"), bench.predict("b"), bench.explain("c"))

    assert len(threads := run(scenario).threads) == 1
    assert threading.get_ident() not in threads


def test_an_alert_waits_for_one_explanation_at_most(run: Run) -> None:
    async def scenario(bench: Bench) -> None:
        first = await bench.held()
        later = [bench.explain(name) for name in "abc"]
        await asyncio.sleep(0.01)
        alert = bench.predict("alert")
        await asyncio.sleep(0.01)
        bench.model.gate.set()
        await asyncio.gather(first, *later, alert)

    ran = run(scenario).ran
    alert = next(number for number, what in enumerate(ran) if "alert" in what)
    assert [what for what in ran[:alert] if what.startswith("explain")] == ["explain held"]


def test_explanations_come_in_the_order_in_which_they_were_asked_for(run: Run) -> None:
    async def scenario(bench: Bench) -> None:
        first = await bench.held()
        later = [bench.explain(name) for name in "abcd"]
        await asyncio.sleep(0.01)
        bench.model.gate.set()
        await asyncio.gather(first, *later)

    explained = [what for what in run(scenario).ran if what.startswith("explain")]
    assert explained == ["explain held", *(f"explain {name}" for name in "abcd")]


def test_one_more_than_may_wait_is_a_503_and_predictions_go_on(run: Run) -> None:
    async def scenario(bench: Bench) -> None:
        first = await bench.held()
        waiting = [bench.explain(str(number)) for number in range(MAX_EXPLANATIONS - 1)]
        await asyncio.sleep(0.01)
        problem = await problem_of(bench.explain("one more"))
        assert (problem.status, problem.code, problem.headers) == (503, "overloaded", {"Retry-After": "1"})
        alert = bench.predict("alert")
        bench.model.gate.set()
        assert len(await asyncio.gather(first, *waiting)) == MAX_EXPLANATIONS
        await alert
        assert (await bench.explain("next")).id == "next"

    assert not any("one more" in what for what in run(scenario).ran)


def test_the_deadline_is_a_503_for_whoever_runs_or_waits(run: Run) -> None:
    async def scenario(bench: Bench) -> None:
        first = await bench.held()
        waiting = bench.explain("waits")
        for task in (first, waiting):
            problem = await problem_of(task)
            assert (problem.status, problem.code) == (503, "overloaded")
        bench.model.gate.set()
        assert (await bench.explain("next")).id == "next"

    ran = run(scenario, deadline_s=0.2).ran
    assert "explain waits" not in ran


def test_an_explanation_that_nobody_waits_for_keeps_its_turn_until_it_ends(run: Run) -> None:
    async def scenario(bench: Bench) -> None:
        first = await bench.held()
        first.cancel()
        later = bench.explain("later")
        alert = bench.predict("alert")
        await asyncio.sleep(0.01)
        bench.model.gate.set()
        await asyncio.gather(later, alert)

    ran = run(scenario).ran
    assert [what.split()[0] for what in ran] == ["predict", "explain", "predict", "explain"]


def test_an_error_reaches_its_caller_alone_and_the_next_is_explained(run: Run) -> None:
    async def scenario(bench: Bench) -> None:
        bench.model.error = RuntimeError("out of memory")
        with pytest.raises(RuntimeError, match="out of memory"):
            await bench.explain("a")
        assert (await bench.predict("b"))[0].id == "b"
        bench.model.error = None
        assert (await bench.explain("c")).id == "c"

    run(scenario)


def test_stop_tells_whoever_waits_for_a_turn_to_come_back(run: Run) -> None:
    async def scenario(bench: Bench) -> None:
        first = await bench.held()
        waiting = bench.explain("waits")
        await asyncio.sleep(0)
        await bench.batcher.stop()
        bench.model.gate.set()
        assert (await first).id == "held"
        problem = await problem_of(asyncio.wait_for(waiting, PATIENCE_S / 2))
        assert (problem.status, "stopping" in problem.detail) == (503, True)

    run(scenario)
