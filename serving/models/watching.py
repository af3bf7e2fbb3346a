"""Lets the champion of a folder of models take over while requests are answered, without one that fails or waits."""

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Protocol, TypeVar

from models.bundle import Bundle
from models.folder import CHALLENGER, CHAMPION, ModelFolder
from models.promotions import Challenger
from serving.background import BackgroundTask
from serving.engine import Engine
from serving.models.changes import Changes
from serving.models.loading import fitting_taxonomy
from serving.models.shadow import Trial
from serving.models.warming import warm
from serving.runtime import Runtime
from triage.errors import TriageError
from triage.taxonomy import Taxonomy

EVERY_S = 2.0

_Found = TypeVar("_Found")


logger = logging.getLogger("triage.serving")


class Loads(Protocol):
    """Loads bundles; `serving.models.loading.Loader` is the one that does."""

    def next(self, bundle: Bundle, served: Taxonomy) -> Engine:
        """The engine of a verified bundle, loaded and proved; `served` are the words in use until then."""

    def challenger(self, bundle: Bundle, served: Taxonomy, named: Challenger) -> Trial:
        """A verified bundle that answers unheard."""


class ModelWatch:
    """Looks for another champion every few seconds, loads it off the event loop and puts it in the engine's place.

    The engine before stays in memory, so that a rollback is as quick as a look. What cannot be used is refused with
    one line in the log, and the one before goes on. The challenger comes and goes in the same way.

    Args:
        runtime: holds the engine in use.
        folder: names champion and challenger.
        loader: loads bundles.
        every_s: seconds between two looks.
        clock: seconds of any kind that only grow.
    """

    def __init__(
        self,
        runtime: Runtime,
        folder: ModelFolder,
        loader: Loads,
        every_s: float = EVERY_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._runtime = runtime
        self._folder = folder
        self._loader = loader
        self._every_s = every_s
        self._champion = Changes(folder.path / CHAMPION, clock)
        self._challenger = Changes(folder.path / CHALLENGER, clock)
        self._previous: Engine | None = None
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="models")
        self._task = BackgroundTask(self._run, "models")

    def start(self) -> None:
        """Begin to look, on the event loop of the server."""
        self._task.start()

    async def stop(self) -> None:
        """Look no more; what is being loaded is dropped."""
        await self._task.stop()
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def look(self) -> None:
        """One look; the engine is another one afterwards where the champion is."""
        engine = self._runtime.engine
        if engine is None:
            return
        try:
            found = await self._in_thread(self._find_champion, engine)
            if found is not None and found is not self._previous:
                await warm(found, self._thread)
        except Exception as error:  # whatever is wrong with a bundle, the one before goes on
            self._refuse("champion", self._champion, error)
        else:
            if found is not None:
                self._swap(engine, found)
                engine = found
        try:
            trial = await self._in_thread(self._find_challenger, engine)
        except Exception as error:
            engine.shadow.try_out(None)
            self._refuse("challenger", self._challenger, error)
        else:
            if trial is not engine.shadow.trial:
                self._try_out(engine, trial)

    async def _run(self) -> None:
        while True:
            await self.look()
            await asyncio.sleep(self._every_s)

    async def _in_thread(self, find: Callable[[Engine], _Found], engine: Engine) -> _Found:
        return await asyncio.get_running_loop().run_in_executor(self._thread, find, engine)

    def _find_champion(self, engine: Engine) -> Engine | None:
        """The engine of another champion; None where there is none."""
        if not self._champion.due():
            return None
        named = self._folder.champion()
        if named is None or named.bundle_sha256 == engine.bundle.sha256:
            self._champion.accept()
            return None
        served, before = engine.desk.taxonomy, self._previous
        if before and before.bundle.sha256 == named.bundle_sha256:
            words = before.desk.taxonomy
            if fitting_taxonomy(words, served) is words:
                return before
        self._previous = None  # two bundles in memory are enough, also while the second is loaded
        started = time.perf_counter()
        found = self._loader.next(self._folder.verified(named), served)
        self._runtime.metrics.model_load_seconds.set(time.perf_counter() - started)
        return found

    def _find_challenger(self, engine: Engine) -> Trial | None:
        """The challenger; the same object where it is as before."""
        trial = engine.shadow.trial
        if not self._challenger.due():
            return trial
        named = self._folder.challenger()
        if named is None or named.bundle_sha256 == engine.bundle.sha256:
            found = None
        elif trial and trial.bundle.sha256 == named.bundle_sha256:
            found = replace(trial, named=named)
        else:
            found = self._loader.challenger(self._folder.verified(named), engine.desk.taxonomy, named)
        self._challenger.accept()
        return found

    def _swap(self, before: Engine, after: Engine) -> None:
        self._champion.accept()
        self._previous = before
        self._runtime.engine = after
        metrics = self._runtime.metrics
        metrics.show_model(after.bundle.manifest.name, after.bundle.manifest.version)
        metrics.model_swaps.inc()
        logger.info("bundle %s answers now, after %s", _named(after.bundle), _named(before.bundle))

    def _try_out(self, engine: Engine, trial: Trial | None) -> None:
        if trial:
            logger.info("bundle %s answers %.3g of the alerts unheard", _named(trial.bundle), trial.named.share)
        elif engine.shadow.trial:
            logger.info("bundle %s answers no more alerts unheard", _named(engine.shadow.trial.bundle))
        engine.shadow.try_out(trial)

    def _refuse(self, role: str, changes: Changes, error: Exception) -> None:
        why = error.message if isinstance(error, TriageError) else f"It cannot be loaded ({type(error).__name__})."
        if changes.refuse(why):
            self._runtime.metrics.model_refusals.labels(role).inc()
            logger.error("the new %s is refused, the service goes on without it: %s", role, why)


def _named(bundle: Bundle) -> str:
    return f"{bundle.manifest.version} ({bundle.sha256[:12]})"
