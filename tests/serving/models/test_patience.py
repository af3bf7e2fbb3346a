"""How long an alert waits for a model, and when it is not asked at all."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from serving.models.patience import MANY_FAILURES, REST_S, Patience
from serving.problems import model_unavailable, overloaded

BUDGET_S = 0.02


class Model:
    """Answers at once, never, or with an error."""

    def __init__(self) -> None:
        self.asked = 0
        self.error: Exception | None = None
        self.hangs = False
        self.backlog_s = 0.0
        self.release = asyncio.Event()

    async def submit(self, items: list[Any]) -> list[Any]:
        self.asked += 1
        if self.hangs:
            await self.release.wait()
        if self.error:
            raise self.error
        return items


class Bench:
    """A model that is asked patiently, and a clock."""

    def __init__(self) -> None:
        self.now = 0.0
        self.model: Any = Model()
        self.patience = Patience(BUDGET_S, lambda: self.now)

    async def ask(self) -> Any:
        item: Any = "alert"
        return await self.patience.ask(self.model, item)


def run(scenario: Callable[[Bench], Awaitable[None]]) -> None:
    async def whole() -> None:
        await asyncio.wait_for(scenario(Bench()), 10)

    asyncio.run(whole())


def test_a_quick_model_is_simply_asked() -> None:
    async def scenario(bench: Bench) -> None:
        assert await bench.ask() == "alert"
        assert bench.patience.is_answered

    run(scenario)


def test_a_slow_model_rests_and_is_then_tried_by_one_alert_alone() -> None:
    async def scenario(bench: Bench) -> None:
        bench.model.hangs = True
        assert await bench.ask() is None
        assert not bench.patience.is_answered
        assert [await bench.ask() for _ in range(3)] == [None] * 3
        assert bench.model.asked == 1
        bench.now += REST_S
        assert await asyncio.gather(*(bench.ask() for _ in range(4))) == [None] * 4
        assert bench.model.asked == 2, "more than one alert waited for a model that is slow"

    run(scenario)


def test_a_model_that_is_quick_again_is_asked_by_all() -> None:
    async def scenario(bench: Bench) -> None:
        bench.model.hangs = True
        await bench.ask()
        bench.model.hangs = False
        bench.now += REST_S
        assert [await bench.ask() for _ in range(3)] == ["alert"] * 3
        assert bench.patience.is_answered

    run(scenario)


def test_whoever_hears_from_the_model_elsewhere_ends_its_rest() -> None:
    async def scenario(bench: Bench) -> None:
        bench.model.hangs = True
        await bench.ask()
        bench.model.hangs = False
        bench.patience.praise()
        assert await bench.ask() == "alert"

    run(scenario)


def test_one_alert_that_the_model_fails_at_says_nothing_of_the_model_many_do() -> None:
    async def scenario(bench: Bench) -> None:
        bench.model.error = model_unavailable("no")
        for number in range(1, MANY_FAILURES + 1):
            assert await bench.ask() is None
            assert bench.patience.is_answered is (number < MANY_FAILURES)
        bench.model.error = None
        assert await bench.ask() == "alert"
        assert bench.patience.is_answered

    run(scenario)


def test_a_full_queue_is_no_fault_of_the_model() -> None:
    async def scenario(bench: Bench) -> None:
        bench.model.error = overloaded("full")
        for _ in range(2 * MANY_FAILURES):
            assert await bench.ask() is None
        assert bench.patience.is_answered

    run(scenario)


def test_where_much_waits_already_nobody_waits_longer() -> None:
    async def scenario(bench: Bench) -> None:
        bench.model.backlog_s = BUDGET_S / 2
        assert await bench.ask() is None
        assert (bench.model.asked, bench.patience.is_answered) == (0, True)
        bench.model.backlog_s = 0.0
        assert await bench.ask() == "alert"

    run(scenario)


def test_a_client_that_leaves_while_it_tries_the_model_lets_the_next_one_try() -> None:
    async def scenario(bench: Bench) -> None:
        bench.model.hangs = True
        await bench.ask()
        bench.now += REST_S
        trying = asyncio.ensure_future(bench.ask())
        await asyncio.sleep(0)
        trying.cancel()
        with pytest.raises(asyncio.CancelledError):
            await trying
        bench.model.hangs = False
        assert await bench.ask() == "alert"

    run(scenario)
