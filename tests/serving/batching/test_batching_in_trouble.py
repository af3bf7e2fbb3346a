"""The batcher where a queue is full, a client leaves, the model fails or the service stops."""

import asyncio
import gc
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from serving.batching import PHOTO_WEIGHT, BatchLimits, BatchQueue
from serving.metrics import Metrics
from serving.problems import Problem

Run = Callable[..., Any]


def test_a_full_queue_is_a_503_that_says_when_to_come_back(run: Run) -> None:
    async def scenario(bench: Any) -> None:
        first = await bench.hold("predict")
        waiting = bench.predict("b", "c")
        await bench.queued(2)
        problem = await bench.problem_of(bench.predict("d"))
        assert (problem.status, problem.code, problem.headers) == (503, "overloaded", {"Retry-After": "1"})
        bench.model.open()
        assert await asyncio.gather(first, waiting) == [["held"], ["b", "c"]]
        assert await bench.predict("d") == ["d"]

    run(scenario, max_queue=2)


def test_photos_fill_the_queue_sooner_and_leave_it_again(run: Run) -> None:
    async def scenario(bench: Any) -> None:
        first = await bench.hold("predict")
        waiting = asyncio.create_task(bench.batcher.submit([bench.checked("photo", 1)]))
        await bench.queued(1)
        assert (await bench.problem_of(bench.predict("b"))).status == 503
        bench.model.open()
        await asyncio.gather(first, waiting)
        leaving = asyncio.create_task(bench.batcher.submit([bench.checked("next photo", 1)]))
        assert [answered.prediction.id for answered in await leaving] == ["next photo"]

    run(scenario, max_queue=1 + PHOTO_WEIGHT)


def test_a_photo_whose_client_has_left_leaves_the_queue(run: Run) -> None:
    async def scenario(bench: Any) -> None:
        first = await bench.hold("predict")
        leaving = asyncio.create_task(bench.batcher.submit([bench.checked("left", 1)]))
        await bench.queued(1)
        leaving.cancel()
        bench.model.open()
        await first
        await bench.queued(0)
        assert len(await bench.batcher.submit([bench.checked("next", 1)])) == 1

    run(scenario, max_queue=1 + PHOTO_WEIGHT)


def test_the_deadline_is_a_503_and_the_batcher_lives_on(run: Run) -> None:
    async def scenario(bench: Any) -> None:
        problem = await bench.problem_of(await bench.hold("predict"))
        assert problem.status == 503
        assert "0.05 s" in problem.detail
        bench.model.open()
        assert await bench.predict("next") == ["next"]

    run(scenario, deadline_s=0.05)


def test_a_client_that_leaves_is_skipped(run: Run) -> None:
    async def scenario(bench: Any) -> None:
        first = await bench.hold("predict")
        leaving, staying = bench.predict("left-1", "left-2"), bench.predict("stays")
        await bench.queued(3)
        leaving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leaving
        bench.model.open()
        assert await asyncio.gather(first, staying) == [["held"], ["stays"]]

    assert run(scenario).model.batches == [["held"], ["stays"]]


def test_a_client_that_leaves_a_running_batch_costs_the_others_nothing(run: Run) -> None:
    async def scenario(bench: Any) -> None:
        bench.model.gates["predict"].clear()
        leaving, staying = bench.predict("left"), bench.predict("stays")
        await bench.until(lambda: bench.model.batches)
        leaving.cancel()
        await asyncio.sleep(0)
        bench.model.open()
        assert await staying == ["stays"]

    assert run(scenario).model.batches == [["left", "stays"]]


def test_an_error_in_the_model_is_a_503_for_every_caller_and_the_batcher_lives_on(run: Run) -> None:
    async def scenario(bench: Any) -> None:
        bench.model.errors["predict"] = RuntimeError("out of memory")
        for problem in [await bench.problem_of(bench.predict(name)) for name in "abc"]:
            assert (problem.status, problem.code, problem.headers) == (503, "model_unavailable", {"Retry-After": "5"})
            assert "memory" not in problem.detail
        bench.model.errors.clear()
        assert await bench.predict("next") == ["next"]

    run(scenario)


def test_an_alert_that_the_model_fails_at_costs_the_others_of_its_batch_nothing(run: Run) -> None:
    async def scenario(bench: Any) -> None:
        first = await bench.hold("predict")
        bench.model.poison = "bad"
        others = [bench.predict(name) for name in ("a", "bad", "c")]
        await bench.queued(3)
        bench.model.open()
        await first
        assert await others[0] == ["a"]
        assert (await bench.problem_of(others[1])).code == "model_unavailable"
        assert await others[2] == ["c"]

    assert run(scenario).model.batches[1:] == [["a", "bad", "c"], ["a"], ["bad"], ["c"]]


def test_a_model_that_loses_an_answer_fails_and_the_batcher_lives_on(run: Run) -> None:
    async def scenario(bench: Any) -> None:
        bench.model.answers_lost = 1
        assert (await bench.problem_of(bench.predict("a", "b"))).code == "model_unavailable"
        bench.model.answers_lost = 0
        assert await bench.predict("next") == ["next"]

    run(scenario)


def test_an_error_is_never_written_to_the_log_of_asyncio(run: Run) -> None:
    """It would quote what the model said, which may be what the resident wrote."""

    async def scenario(bench: Any) -> None:
        unheard: list[dict[str, Any]] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: unheard.append(context))
        bench.model.errors["predict"] = RuntimeError("a resident's words")
        with suppress(Problem):
            await bench.predict("a", "b", "c")
        bench.model.errors.clear()
        gc.collect()  # asyncio speaks of an error when the last reference to its future goes
        assert not unheard

    run(scenario)


def test_stop_tells_whoever_waits_to_come_back(run: Run) -> None:
    async def scenario(bench: Any) -> None:
        in_the_model = await bench.hold("predict")
        in_the_queue = bench.predict("b")
        await bench.queued(1)
        await bench.soon(bench.queue.stop())
        for task in (in_the_model, in_the_queue):
            problem = await bench.problem_of(bench.soon(task))
            assert problem.status == 503
            assert "stopping" in problem.detail

    run(scenario)


def test_a_queue_that_never_started_can_be_stopped() -> None:
    asyncio.run(BatchQueue(BatchLimits(8, 0.0, 100, 1.0), Metrics()).stop())
