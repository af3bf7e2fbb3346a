"""The door to the store: who waits too long is told so before, not after."""

import asyncio
import time
from typing import Any

import pytest

from serving.metrics import Metrics
from serving.problems import Problem
from serving.storage import StoreDoor, Work

DEADLINE_S = 20.0
CALL_S = 0.05


class Nothing:
    """A store that holds nothing."""

    def close(self) -> None: ...


async def opened() -> StoreDoor:
    store: Any = Nothing()
    door = StoreDoor(lambda: store, DEADLINE_S, Metrics())
    for _ in range(20):
        await door.run(Work.WRITE, slow)
    return door


def slow(_: Any) -> int:
    time.sleep(CALL_S)
    return 1


def test_a_request_that_would_wait_too_long_is_told_at_once_and_the_others_are_answered() -> None:
    async def scenario() -> list[Any]:
        door = await opened()
        started = time.monotonic()
        tasks = [asyncio.ensure_future(door.run(Work.WRITE, slow)) for _ in range(90)]
        refused = await settled(tasks[-1])
        assert time.monotonic() - started < 10 * CALL_S, "it waited before it was refused"
        assert (refused.status, refused.code, refused.headers) == (503, "overloaded", {"Retry-After": "1"})
        found = await asyncio.gather(*tasks, return_exceptions=True)
        await door.stop()
        return found

    found = asyncio.run(scenario())
    assert 5 <= found.count(1) < 90
    assert found[:5] == [1] * 5
    assert all(one == 1 or isinstance(one, Problem) for one in found)


async def settled(task: "asyncio.Future[int]") -> Problem:
    with pytest.raises(Problem) as caught:
        await task
    return caught.value


def test_readers_do_not_wait_for_writers() -> None:
    async def scenario() -> None:
        door = await opened()
        tasks = [asyncio.ensure_future(door.run(Work.WRITE, slow)) for _ in range(90)]
        assert await door.run(Work.READ, lambda _: "read") == "read"
        await asyncio.gather(*tasks, return_exceptions=True)
        await door.stop()

    asyncio.run(scenario())
