"""Work beside requests: it runs until it is stopped, and stopping waits for its end."""

import asyncio

from serving.background import BackgroundTask


def test_it_runs_until_it_is_stopped_and_its_end_is_waited_for() -> None:
    said: list[str] = []

    async def work() -> None:
        said.append("began")
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            said.append("ended")

    async def life() -> None:
        task = BackgroundTask(work, "test")
        task.start()
        await asyncio.sleep(0)
        assert said == ["began"]
        await task.stop()

    asyncio.run(life())
    assert said == ["began", "ended"]


def test_what_never_began_and_what_has_ended_can_be_stopped() -> None:
    said: list[str] = []

    async def work() -> None:
        said.append("done")

    async def life() -> None:
        await BackgroundTask(work, "never begun").stop()
        ended = BackgroundTask(work, "soon over")
        ended.start()
        await asyncio.sleep(0)
        await ended.stop()

    asyncio.run(life())
    assert said == ["done"]
