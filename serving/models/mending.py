"""Tries again to load the bundle of a service that started without one."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from serving.background import BackgroundTask
from serving.engine import Engine
from serving.runtime import Runtime
from triage.errors import TriageError

# Checking a bundle costs a second of one core; somebody who mends it looks whether that helped.
SOONEST_S, LATEST_S = 5.0, 60.0

logger = logging.getLogger("triage.serving")


class Mending:
    """Loads the bundle off the event loop until that succeeds, each time after a longer pause; then it ends.

    Args:
        runtime: gets the engine.
        load: loads and proves the bundle that is to be served.
        then: what begins when a bundle answers.
        soonest_s: seconds before the first try.
    """

    def __init__(
        self,
        runtime: Runtime,
        load: Callable[[], Engine],
        then: Callable[[], None] = lambda: None,
        soonest_s: float = SOONEST_S,
    ) -> None:
        self._runtime = runtime
        self._load = load
        self._then = then
        self._pause_s = soonest_s
        self._said = ""
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mending")
        self._task = BackgroundTask(self._run, "mending")

    def start(self) -> None:
        """Begin to try, on the event loop of the server."""
        self._task.start()

    async def stop(self) -> None:
        """Try no more."""
        await self._task.stop()
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def look(self) -> bool:
        """One try; whether a bundle answers now."""
        try:
            engine = await asyncio.get_running_loop().run_in_executor(self._thread, self._load)
        except Exception as error:  # whatever is wrong with a bundle, alerts are taken in
            self._say(why_not(error))
            return False
        self._runtime.engine = engine
        manifest = engine.bundle.manifest
        self._runtime.metrics.show_model(manifest.name, manifest.version)
        logger.info("bundle %s %s is loaded, predictions are answered now", manifest.name, manifest.version)
        self._then()
        return True

    async def _run(self) -> None:
        pause = self._pause_s
        await asyncio.sleep(pause)
        while not await self.look():
            pause = min(2 * pause, LATEST_S)
            await asyncio.sleep(pause)

    def _say(self, why: str) -> None:
        if why != self._said:
            logger.warning("there is still no bundle: %s", why)
        self._said = why


def why_not(error: Exception) -> str:
    """Why a bundle is not loaded, in a sentence."""
    return error.message if isinstance(error, TriageError) else f"It cannot be loaded ({type(error).__name__})."
