"""Work that goes on beside requests, on the event loop of the server, until the service stops."""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine


class BackgroundTask:
    """One such task; it need not have been started.

    Args:
        work: what is done, mostly without an end.
        name: shown by asyncio's tools.
    """

    def __init__(self, work: Callable[[], Coroutine[None, None, None]], name: str) -> None:
        self._work = work
        self._name = name
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, on the event loop of the server."""
        self._task = asyncio.create_task(self._work(), name=self._name)

    async def stop(self) -> None:
        """End it, and wait until it has ended."""
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
