"""The batcher: what runs together, in which order, and what is measured."""

import asyncio
from collections.abc import Callable
from typing import Any

from serving.batching import PHOTO_WEIGHT

Run = Callable[..., Any]


def test_answers_come_in_the_order_of_the_alerts_with_what_their_own_photos_show(run: Run) -> None:
    async def scenario(bench: Any) -> None:
        items = [bench.checked("a", 7, None), bench.checked("b"), bench.checked("c", 9)]
        found = await bench.batcher.submit(items)
        expected = [("a", ("shade 7", "nothing")), ("b", ()), ("c", ("shade 9",))]
        assert [(item.prediction.id, item.prediction.reasons) for item in found] == expected

    run(scenario)


def test_no_alerts_have_no_answers(run: Run) -> None:
    async def scenario(bench: Any) -> None:
        assert await bench.batcher.submit([]) == []

    run(scenario)


def test_the_next_batch_is_what_queued_while_the_last_one_ran(run: Run) -> None:
    async def scenario(bench: Any) -> None:
        first = await bench.hold("predict")
        others = [bench.predict("b"), bench.predict("c", "d"), bench.predict("e")]
        await bench.queued(4)
        bench.model.open()
        assert await asyncio.gather(first, *others) == [["held"], ["b"], ["c", "d"], ["e"]]

    assert run(scenario).model.batches == [["held"], ["b", "c", "d", "e"]]


def test_a_batch_never_holds_more_than_its_limit(run: Run) -> None:
    async def scenario(bench: Any) -> None:
        assert await bench.predict(*"abcde") == list("abcde")

    assert run(scenario, max_batch_size=2).model.batches == [["a", "b"], ["c", "d"], ["e"]]


def test_photos_make_batches_shorter(run: Run) -> None:
    async def scenario(bench: Any) -> None:
        await bench.batcher.submit([bench.checked(name, 1) for name in "abcde"])
        await bench.batcher.submit([bench.checked("f", 1, 2, None), bench.checked("g")])

    assert run(scenario, max_batch_size=2 * (1 + PHOTO_WEIGHT)).model.batches == [
        ["a", "b"],
        ["c", "d"],
        ["e"],
        ["f"],
        ["g"],
    ]


def test_a_batch_may_wait_for_company(run: Run) -> None:
    async def scenario(bench: Any) -> None:
        first = bench.predict("a")
        await asyncio.sleep(0.01)
        await asyncio.gather(first, bench.predict("b"))

    assert run(scenario, max_wait_s=0.1).model.batches == [["a", "b"]]


def test_sizes_and_decisions_are_measured(run: Run) -> None:
    async def scenario(bench: Any) -> None:
        await bench.predict("a", "b", "c")

    text = run(scenario).metrics.render().decode()
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


def test_the_backlog_is_what_waits_at_the_pace_of_late(run: Run) -> None:
    async def scenario(bench: Any) -> None:
        assert bench.queue.backlog_s == 0.0
        first = await bench.hold("predict")
        await asyncio.sleep(0.05)
        bench.model.open()
        await first
        second = await bench.hold("predict", "second")
        waiting = bench.predict("a", "b")
        await bench.queued(2)
        assert 0.09 < bench.queue.backlog_s < 1.1
        bench.model.open()
        await asyncio.gather(second, waiting)
        assert bench.queue.backlog_s == 0.0

    run(scenario)
