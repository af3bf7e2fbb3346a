"""Looks now and then whether the alerts that come in still resemble those that the bundle was checked on."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from evaluation.live.drift.finding import Status
from evaluation.live.drift.observing import observe, read_store, window_of
from evaluation.live.drift.report import DriftReport, compare
from models.bundle import Bundle
from models.observation import TextObserver
from models.reference import Reference, read_reference
from serving.background import BackgroundTask
from serving.metrics import Metrics
from serving.problems import Problem
from serving.storage import Work
from triage.errors import InvalidBundle
from triage.store.figures import Window

if TYPE_CHECKING:
    from serving.engine import Engine

# Drift shows over days; a look reads thousands of alerts.
EVERY = timedelta(minutes=5)
# A service that has just started has better things to do.
_FIRST = timedelta(seconds=15)

logger = logging.getLogger("triage.serving")


@dataclass(frozen=True, slots=True)
class Look:
    """What was found at a moment.

    Attributes:
        window: when the alerts came in.
        bundle_sha256: whose answers they got.
        reference: what they were compared with; None where the bundle has none.
        report: None where there is no reference.
    """

    at: datetime
    window: Window
    bundle_sha256: str
    reference: Reference | None = None
    report: DriftReport | None = None


class DriftWatch:
    """Keeps the latest look and its gauges; there is one look at a time, none on the event loop.

    Args:
        engine: the engine in use; None while there is none.
        metrics: has the gauges.
    """

    def __init__(self, engine: "Callable[[], Engine | None]", metrics: Metrics) -> None:
        self._engine = engine
        self._metrics = metrics
        self._latest: Look | None = None
        self._known: tuple[str, Reference | None, TextObserver | None] | None = None
        self._turn = asyncio.Lock()
        self._task = BackgroundTask(self._run, "drift")

    def start(self) -> None:
        """Begin to look, on the event loop of the server."""
        self._task.start()

    async def stop(self) -> None:
        """Look no more."""
        await self._task.stop()

    async def look(self, engine: "Engine") -> Look:
        """The latest look at the answers of an engine's bundle, a new one where that is too old.

        Raises:
            Problem: 503 where the store cannot be used.
        """
        async with self._turn:
            latest = self._latest
            if latest is None or latest.bundle_sha256 != engine.bundle.sha256 or engine.clock() - latest.at >= EVERY:
                latest = self._latest = await self._look(engine)
                self._show(latest.report)
            return latest

    async def _run(self) -> None:
        await asyncio.sleep(_FIRST.total_seconds())
        while True:
            engine = self._engine()
            if engine is not None:
                try:
                    await self.look(engine)
                except Problem:
                    pass  # the door to the store has said why
                except Exception:
                    # A look that fails must not end all later ones, and no alert waits for it.
                    logger.exception("drift could not be measured")
            await asyncio.sleep(EVERY.total_seconds())

    async def _look(self, engine: "Engine") -> Look:
        now, sha256 = engine.clock(), engine.bundle.sha256
        window = window_of(now)
        reference, observer = await asyncio.to_thread(self._of_bundle, engine.bundle)
        if reference is None or observer is None:
            return Look(now, window, sha256)
        stored = await engine.door.run(
            Work.READ, lambda store: read_store(store, window, sha256, observer.vector_version)
        )
        report = await asyncio.to_thread(lambda: compare(reference, observe(stored, observer)))
        return Look(now, window, sha256, reference, report)

    def _of_bundle(self, bundle: Bundle) -> tuple[Reference | None, TextObserver | None]:
        if self._known is None or self._known[0] != bundle.sha256:
            reference = observer = None
            try:
                reference = read_reference(bundle)
                observer = TextObserver.from_bundle(bundle, reference) if reference else None
            except InvalidBundle as error:
                logger.warning("drift is not measured: %s", error.message)
            self._known = (bundle.sha256, reference, observer)
        return self._known[1:]

    def _show(self, report: DriftReport | None) -> None:
        metrics = self._metrics
        gauges = (metrics.drift, metrics.drift_threshold, metrics.drift_detected, metrics.drift_alerts)
        for gauge in gauges:
            gauge.clear()
        for finding in report.findings if report else ():
            labels = (finding.code, finding.name)
            metrics.drift_alerts.labels(*labels).set(finding.alerts)
            if finding.value is not None and finding.threshold is not None:
                metrics.drift.labels(*labels).set(finding.value)
                metrics.drift_threshold.labels(*labels).set(finding.threshold)
                metrics.drift_detected.labels(*labels).set(finding.status is Status.DRIFTED)
