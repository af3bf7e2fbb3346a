"""The batcher alone, with a model made by hand."""

import asyncio
import gc
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest

from models.predictor import PredictedBatch
from serving.batching import Batcher, BatchLimits, CheckedAlert
from serving.metrics import Metrics
from serving.problems import Problem
from triage.alert import Alert
from triage.prediction import Alternative, Answer, Decision, ModelInfo, Prediction

ANSWER = Answer(code="a", confidence=0.9, alternatives=(Alternative(code="b", confidence=0.1),))
MODEL = ModelInfo(name="hand-made", version="1", taxonomy=1, bundle_sha256="0" * 64)
PATIENCE_S = 10.0


class HandMadeModel:
    """Answers every alert with its id and notes; waits at a closed gate, fails when told to."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.gate = threading.Event()
        self.gate.set()
        self.error: Exception | None = None
        self.answers_lost = 0

    def predict(self, alerts: Sequence[Alert], notes: Sequence[tuple[str, ...]]) -> PredictedBatch:
        self.batches.append([alert.id for alert in alerts])
        assert self.gate.wait(PATIENCE_S)
        if self.error:
            raise self.error
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
        return PredictedBatch(tuple(answers[self.answers_lost :]), 0.001, 0.002)


@pytest.fixture
def model() -> HandMadeModel:
    return HandMadeModel()


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


StartBatcher = Callable[..., Any]


@pytest.fixture
def running(model: HandMadeModel, metrics: Metrics) -> StartBatcher:
    """Starts a batcher with some limits; stops it at the end."""

    @asynccontextmanager
    async def start(**limits: float) -> AsyncIterator[Batcher]:
        usual = {"max_batch_size": 8, "max_wait_s": 0.0, "max_queue": 100, "deadline_s": PATIENCE_S}
        batcher = Batcher(model.predict, BatchLimits(**(usual | limits)), metrics)  # type: ignore[arg-type]
        await batcher.start()
        try:
            yield batcher
        finally:
            model.gate.set()
            await batcher.stop()

    return start


def checked(name: str, *notes: str) -> CheckedAlert:
    return CheckedAlert(Alert(id=name, text="trou"), notes)


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not condition():
            await asyncio.sleep(0.001)


async def answers(submitted: Awaitable[list[Prediction]]) -> list[str]:
    return [prediction.id for prediction in await submitted]


def submit(batcher: Batcher, *names: str) -> asyncio.Task[list[str]]:
    return asyncio.create_task(answers(batcher.submit([checked(name) for name in names])))


async def hold(model: HandMadeModel, batcher: Batcher, name: str = "held") -> asyncio.Task[list[str]]:
    """Close the gate and put one alert into the model, so that others queue up behind it."""
    model.gate.clear()
    task = submit(batcher, name)
    await until(lambda: model.batches and model.batches[-1] == [name])
    return task


async def queued(metrics: Metrics, length: int) -> None:
    await until(lambda: f"triage_queue_length {float(length)}" in metrics.render().decode())


def run(scenario: Coroutine[Any, Any, None]) -> None:
    asyncio.run(scenario)


async def problem_of(submitted: Awaitable[Any]) -> Problem:
    with pytest.raises(Problem) as caught:
        await submitted
    return caught.value


def test_answers_come_in_the_order_of_the_alerts_with_their_notes(running: StartBatcher) -> None:
    async def scenario() -> None:
        async with running() as batcher:
            found = await batcher.submit([checked("a", "photo_ignored"), checked("b")])
            assert [(item.id, item.reasons) for item in found] == [("a", ("photo_ignored",)), ("b", ())]

    run(scenario())


def test_no_alerts_have_no_answers(running: StartBatcher) -> None:
    async def scenario() -> None:
        async with running() as batcher:
            assert await batcher.submit([]) == []

    run(scenario())


def test_the_next_batch_is_what_queued_while_the_last_one_ran(
    running: StartBatcher, model: HandMadeModel, metrics: Metrics
) -> None:
    async def scenario() -> None:
        async with running() as batcher:
            first = await hold(model, batcher)
            others = [submit(batcher, "b"), submit(batcher, "c", "d"), submit(batcher, "e")]
            await queued(metrics, 4)
            model.gate.set()
            assert await asyncio.gather(first, *others) == [["held"], ["b"], ["c", "d"], ["e"]]
        assert model.batches == [["held"], ["b", "c", "d", "e"]]

    run(scenario())


def test_a_batch_never_holds_more_than_its_limit(running: StartBatcher, model: HandMadeModel) -> None:
    async def scenario() -> None:
        async with running(max_batch_size=2) as batcher:
            assert await submit(batcher, *"abcde") == list("abcde")
        assert model.batches == [["a", "b"], ["c", "d"], ["e"]]

    run(scenario())


def test_a_batch_may_wait_for_company(running: StartBatcher, model: HandMadeModel) -> None:
    async def scenario() -> None:
        async with running(max_wait_s=0.1) as batcher:
            first = submit(batcher, "a")
            await asyncio.sleep(0.01)
            await asyncio.gather(first, submit(batcher, "b"))
        assert model.batches == [["a", "b"]]

    run(scenario())


def test_a_full_queue_is_a_503_that_says_when_to_come_back(
    running: StartBatcher, model: HandMadeModel, metrics: Metrics
) -> None:
    async def scenario() -> None:
        async with running(max_queue=2) as batcher:
            first = await hold(model, batcher)
            waiting = submit(batcher, "b", "c")
            await queued(metrics, 2)
            problem = await problem_of(submit(batcher, "d"))
            assert (problem.status, problem.code, problem.headers) == (503, "overloaded", {"Retry-After": "1"})
            model.gate.set()
            assert await asyncio.gather(first, waiting) == [["held"], ["b", "c"]]
            assert await submit(batcher, "d") == ["d"]

    run(scenario())


def test_the_deadline_is_a_503_and_the_batcher_lives_on(running: StartBatcher, model: HandMadeModel) -> None:
    async def scenario() -> None:
        async with running(deadline_s=0.05) as batcher:
            problem = await problem_of(await hold(model, batcher))
            assert problem.status == 503
            assert "0.05 s" in problem.detail
            model.gate.set()
            assert await submit(batcher, "next") == ["next"]

    run(scenario())


def test_a_client_that_leaves_is_skipped(running: StartBatcher, model: HandMadeModel, metrics: Metrics) -> None:
    async def scenario() -> None:
        async with running() as batcher:
            first = await hold(model, batcher)
            leaving, staying = submit(batcher, "left-1", "left-2"), submit(batcher, "stays")
            await queued(metrics, 3)
            leaving.cancel()
            with pytest.raises(asyncio.CancelledError):
                await leaving
            model.gate.set()
            assert await asyncio.gather(first, staying) == [["held"], ["stays"]]
        assert model.batches == [["held"], ["stays"]]

    run(scenario())


def test_a_client_that_leaves_a_running_batch_costs_the_others_nothing(
    running: StartBatcher, model: HandMadeModel
) -> None:
    async def scenario() -> None:
        async with running() as batcher:
            model.gate.clear()
            leaving, staying = submit(batcher, "left"), submit(batcher, "stays")
            await until(lambda: model.batches)
            leaving.cancel()
            await asyncio.sleep(0)
            model.gate.set()
            assert await staying == ["stays"]
        assert model.batches == [["left", "stays"]]

    run(scenario())


def test_an_error_in_the_model_reaches_every_caller_and_the_batcher_lives_on(
    running: StartBatcher, model: HandMadeModel
) -> None:
    async def scenario() -> None:
        async with running() as batcher:
            model.error = RuntimeError("out of memory")
            results = await asyncio.gather(*(submit(batcher, name) for name in "abc"), return_exceptions=True)
            assert results == [model.error] * 3
            model.error = None
            assert await submit(batcher, "next") == ["next"]

    run(scenario())


def test_a_model_that_loses_an_answer_fails_and_the_batcher_lives_on(
    running: StartBatcher, model: HandMadeModel
) -> None:
    async def scenario() -> None:
        async with running() as batcher:
            model.answers_lost = 1
            with pytest.raises(ValueError, match="zip"):
                await submit(batcher, "a", "b")
            model.answers_lost = 0
            assert await submit(batcher, "next") == ["next"]

    run(scenario())


def test_an_error_is_never_written_to_the_log_of_asyncio(running: StartBatcher, model: HandMadeModel) -> None:
    """It would quote what the model said, which may be what the resident wrote."""

    async def scenario() -> None:
        unheard: list[dict[str, Any]] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: unheard.append(context))
        async with running() as batcher:
            model.error = RuntimeError("a resident's words")
            with suppress(RuntimeError):
                await submit(batcher, "a", "b", "c")
            model.error = None
            gc.collect()  # asyncio speaks of an error when the last reference to its future goes
            assert not unheard

    run(scenario())


def test_stop_tells_whoever_waits_to_come_back(running: StartBatcher, model: HandMadeModel, metrics: Metrics) -> None:
    async def scenario() -> None:
        async with running() as batcher:
            in_the_model = await hold(model, batcher)
            in_the_queue = submit(batcher, "b")
            await queued(metrics, 1)
            await asyncio.wait_for(batcher.stop(), timeout=PATIENCE_S / 2)
            for task in (in_the_model, in_the_queue):
                problem = await problem_of(asyncio.wait_for(task, timeout=PATIENCE_S / 2))
                assert problem.status == 503
                assert "stopping" in problem.detail

    run(scenario())


def test_a_batcher_that_never_started_can_be_stopped(model: HandMadeModel, metrics: Metrics) -> None:
    run(Batcher(model.predict, BatchLimits(8, 0.0, 100, 1.0), metrics).stop())


def test_sizes_and_decisions_are_measured(running: StartBatcher, metrics: Metrics) -> None:
    async def scenario() -> None:
        async with running() as batcher:
            await submit(batcher, "a", "b", "c")

    run(scenario())
    text = metrics.render().decode()
    for line in (
        "triage_batch_size_count 1.0",
        "triage_batch_size_sum 3.0",
        'triage_decisions_total{decision="route"} 3.0',
        "triage_queue_seconds_count 3.0",
        "triage_inference_seconds_sum 0.002",
        "triage_tokenize_seconds_sum 0.001",
        "triage_queue_length 0.0",
    ):
        assert line in text.splitlines()
