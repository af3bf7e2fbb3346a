"""The queue while one model takes over from another: no alert is lost, and none is answered by the wrong one."""

import asyncio
from collections.abc import Callable
from typing import Any

from serving.batching import Batcher
from serving.explaining import Explainer, Turns
from tests.serving.batching.conftest import PATIENCE_S, HandMadeModel

Run = Callable[..., Any]


def test_a_batch_ends_where_the_next_alert_is_another_models(run: Run) -> None:
    other = HandMadeModel()

    async def scenario(bench: Any) -> None:
        newer = Batcher(other.predict, bench.queue)
        first = await bench.hold("predict")
        waiting = [bench.predict("a"), bench.predict("b")]
        await bench.queued(2)
        late = asyncio.create_task(newer.submit([bench.checked("c"), bench.checked("d")]))
        await bench.queued(4)
        waiting.append(bench.predict("e"))
        await bench.queued(5)
        bench.model.open()
        assert await asyncio.gather(first, *waiting) == [["held"], ["a"], ["b"], ["e"]]
        assert [answered.prediction.id for answered in await late] == ["c", "d"]

    assert run(scenario).model.batches == [["held"], ["a", "b"], ["e"]]
    assert other.batches == [["c", "d"]]


def test_two_models_run_on_one_thread(run: Run) -> None:
    other = HandMadeModel()

    async def scenario(bench: Any) -> None:
        newer = Batcher(other.predict, bench.queue)
        await asyncio.gather(bench.predict("a"), newer.submit([bench.checked("b")]))

    assert run(scenario).model.threads == other.threads


def test_an_error_of_one_model_fails_no_alert_of_the_other(run: Run) -> None:
    other = HandMadeModel()
    other.errors["predict"] = RuntimeError("broken")

    async def scenario(bench: Any) -> None:
        newer = Batcher(other.predict, bench.queue)
        held = await bench.hold("predict")
        fine = bench.predict("a")
        failing = asyncio.create_task(newer.submit([bench.checked("b")]))
        await bench.queued(2)
        bench.model.open()
        assert await asyncio.gather(held, fine) == [["held"], ["a"]]
        assert (await bench.problem_of(failing)).code == "model_unavailable"

    run(scenario)


def test_explanations_of_two_models_take_turns(run: Run) -> None:
    other = HandMadeModel()

    async def scenario(bench: Any) -> None:
        turns = Turns()
        one, two = (
            Explainer(model.explain, Batcher(model.predict, bench.queue), PATIENCE_S, bench.metrics, turns)
            for model in (bench.model, other)
        )
        bench.model.gates["explain"].clear()
        first = asyncio.create_task(one.submit(bench.checked("a")))
        await bench.until(lambda: "explain a" in bench.model.ran)
        second = asyncio.create_task(two.submit(bench.checked("b")))
        await bench.until(lambda: turns.present == 2)
        assert "explain b" not in other.ran
        bench.model.open()
        await asyncio.gather(first, second)

    run(scenario)
    assert other.ran == ["predict b", "explain b"]


def test_a_queue_is_idle_when_nothing_waits_or_runs(run: Run) -> None:
    async def scenario(bench: Any) -> None:
        assert bench.queue.is_idle
        held = await bench.hold("predict")
        assert not bench.queue.is_idle
        bench.model.open()
        await held
        await bench.until(lambda: bench.queue.is_idle)

    run(scenario)
