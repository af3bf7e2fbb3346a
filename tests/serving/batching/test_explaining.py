"""Explanations beside the batches: one at a time, few waiting, and no alert waits for more than one."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest

from serving.explaining import MAX_EXPLANATIONS

Run = Callable[..., Any]


def test_an_explanation_holds_the_prediction_and_what_its_photos_show(run: Run) -> None:
    async def scenario(bench: Any) -> None:
        explained = await bench.explain("a", 7, None)
        assert (explained.id, explained.reasons, explained.explanation.text) == ("a", ("shade 7", "nothing"), "trou")
        assert [photo.label for photo in explained.explanation.photos] == ["shade 7", "nothing"]
        assert "triage_explain_seconds_count 1.0" in bench.metrics.render().decode().splitlines()

    assert run(scenario).model.ran == ["predict a", "explain a"]


def test_predictions_and_explanations_share_one_thread_that_is_not_the_loops(run: Run) -> None:
    async def scenario(bench: Any) -> None:
        await asyncio.gather(bench.explain("a"), bench.predict("b"), bench.explain("c"))

    assert len(threads := run(scenario).model.threads) == 1
    assert threading.get_ident() not in threads


def test_an_alert_waits_for_one_explanation_at_most(run: Run) -> None:
    async def scenario(bench: Any) -> None:
        first = await bench.hold("explain")
        later = [bench.explain(name) for name in "abc"]
        await asyncio.sleep(0.01)
        alert = bench.predict("alert")
        await asyncio.sleep(0.01)
        bench.model.open()
        await asyncio.gather(first, *later, alert)

    ran = run(scenario).model.ran
    alert = next(number for number, what in enumerate(ran) if "alert" in what)
    assert [what for what in ran[:alert] if what.startswith("explain")] == ["explain held"]


def test_explanations_come_in_the_order_in_which_they_were_asked_for(run: Run) -> None:
    async def scenario(bench: Any) -> None:
        first = await bench.hold("explain")
        later = [bench.explain(name) for name in "abcd"]
        await asyncio.sleep(0.01)
        bench.model.open()
        await asyncio.gather(first, *later)

    explained = [what for what in run(scenario).model.ran if what.startswith("explain")]
    assert explained == ["explain held", *(f"explain {name}" for name in "abcd")]


def test_one_more_than_may_wait_is_a_503_and_predictions_go_on(run: Run) -> None:
    async def scenario(bench: Any) -> None:
        first = await bench.hold("explain")
        waiting = [bench.explain(str(number)) for number in range(MAX_EXPLANATIONS - 1)]
        await asyncio.sleep(0.01)
        problem = await bench.problem_of(bench.explain("one more"))
        assert (problem.status, problem.code, problem.headers) == (503, "overloaded", {"Retry-After": "1"})
        alert = bench.predict("alert")
        bench.model.open()
        assert len(await asyncio.gather(first, *waiting)) == MAX_EXPLANATIONS
        await alert
        assert (await bench.explain("next")).id == "next"

    assert not any("one more" in what for what in run(scenario).model.ran)


def test_the_deadline_is_a_503_for_whoever_runs_or_waits(run: Run) -> None:
    async def scenario(bench: Any) -> None:
        first = await bench.hold("explain")
        waiting = bench.explain("waits")
        for task in (first, waiting):
            problem = await bench.problem_of(task)
            assert (problem.status, problem.code) == (503, "overloaded")
        bench.model.open()
        assert (await bench.explain("next")).id == "next"

    ran = run(scenario, deadline_s=0.2).model.ran
    assert "explain waits" not in ran


def test_an_explanation_that_nobody_waits_for_keeps_its_turn_until_it_ends(run: Run) -> None:
    async def scenario(bench: Any) -> None:
        first = await bench.hold("explain")
        first.cancel()
        later = bench.explain("later")
        alert = bench.predict("alert")
        await asyncio.sleep(0.01)
        bench.model.open()
        await asyncio.gather(later, alert)

    ran = run(scenario).model.ran
    assert [what.split()[0] for what in ran] == ["predict", "explain", "predict", "explain"]


def test_an_error_reaches_its_caller_alone_and_the_next_is_explained(run: Run) -> None:
    async def scenario(bench: Any) -> None:
        bench.model.errors["explain"] = RuntimeError("out of memory")
        with pytest.raises(RuntimeError, match="out of memory"):
            await bench.explain("a")
        assert await bench.predict("b") == ["b"]
        bench.model.errors.clear()
        assert (await bench.explain("c")).id == "c"

    run(scenario)


def test_stop_tells_whoever_waits_for_a_turn_to_come_back(run: Run) -> None:
    async def scenario(bench: Any) -> None:
        first = await bench.hold("explain")
        waiting = bench.explain("waits")
        await asyncio.sleep(0)
        await bench.queue.stop()
        bench.model.open()
        assert (await first).id == "held"
        problem = await bench.problem_of(bench.soon(waiting))
        assert (problem.status, "stopping" in problem.detail) == (503, True)

    run(scenario)
