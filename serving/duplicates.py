"""Looks for duplicates of alerts that are answered without being stored."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol, TypeVar

from models.duplicates.finder import Found
from serving.batching import Answered
from serving.metrics import Metrics
from serving.storage import StoreDoor, Work
from triage.duplicates.report import Report
from triage.prediction import Prediction
from triage.redaction import redact
from triage.store.records import Neighbour, Search
from triage.store.store import Store

NOT_SEARCHED = "duplicates_not_searched"
# An answer must not wait long for its duplicates, nor ask a store for them that has just failed.
LOOK_UP_S = 5.0
REST_S = 5.0

logger = logging.getLogger("triage.serving")
_Predicted = TypeVar("_Predicted", bound=Prediction)


class Finder(Protocol):
    """The model that compares alerts; `models.duplicates.finder.DuplicateFinder` is the one that ships."""

    @property
    def version(self) -> str:
        """Whose vectors can be compared."""

    def search(self, report: Report) -> Search | None:
        """Which neighbours to compare; None where nothing is to be looked for."""

    def find(self, report: Report, neighbours: Sequence[Neighbour]) -> Found:
        """Compare an alert with its neighbours."""

    def prepare(self, texts: Sequence[str]) -> None:
        """Read texts that another model had read, before they are met."""


class DuplicateSearch:
    """Completes answers with the duplicates among the stored alerts.

    Args:
        finder: compares alerts; without it nothing is looked for.
        door: where the stored alerts are.
        metrics: counts what is found.
        clock: seconds of any kind that only grow.
    """

    def __init__(
        self,
        finder: Finder | None,
        door: StoreDoor,
        metrics: Metrics,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.finder = finder
        self._door = door
        self._metrics = metrics
        self._clock = clock
        self._rests_until = clock()

    async def complete(self, answers: Sequence[Answered]) -> list[Prediction]:
        """The predictions with their duplicates; where they could not be looked for, with the reason for it."""
        finder = self.finder
        if finder is None or not any(map(_has_place, answers)):
            return [answered.prediction for answered in answers]
        completed = [without_search(answered.prediction, answered.report) for answered in answers]
        if self._clock() >= self._rests_until:
            try:
                completed = await self._door.run(
                    Work.SEARCH, lambda store: [look_up(finder, store, answered) for answered in answers], LOOK_UP_S
                )
            except Exception as error:  # an answer is worth more than its duplicates
                logger.warning("duplicates cannot be looked for (%s)", type(error).__name__)
                self._rests_until = self._clock() + REST_S
        self._metrics.duplicates_found.inc(sum(len(prediction.duplicates) for prediction in completed))
        return completed


def look_up(finder: Finder, store: Store, answered: Answered) -> Prediction:
    """One answer with its duplicates.

    Raises:
        StoreFailed: the store cannot be read.
    """
    report = with_masked_hint(answered.report)
    search = search_of(finder, report)
    if search is None:
        return answered.prediction
    found = try_to_find(finder, report, store.near(search))
    return without_search(answered.prediction, report) if found is None else with_found(answered.prediction, found)


def search_of(finder: Finder, report: Report) -> Search | None:
    """Which neighbours to compare; None where nothing is to be looked for."""
    try:
        return finder.search(report)
    except OverflowError:  # a clock that stands at the beginning of the calendar has nothing before it
        return None


def try_to_find(finder: Finder, report: Report, neighbours: Sequence[Neighbour]) -> Found | None:
    """What is found, or None where the comparison fails: no alert is lost or refused for that."""
    try:
        # A repeat is no duplicate of itself.
        return finder.find(report, [neighbour for neighbour in neighbours if neighbour.id != report.id])
    except Exception as error:
        # The traceback may quote texts.
        logger.exception("duplicates cannot be compared (%s)", type(error).__name__, exc_info=False)
        return None


def with_found(prediction: _Predicted, found: Found) -> _Predicted:
    """The answer with its duplicates."""
    return prediction.model_copy(update={"duplicates": found.duplicates})


def without_search(prediction: _Predicted, report: Report) -> _Predicted:
    """The answer with the reason for missing duplicates; without a place there is another reason already."""
    if report.lat is None:
        return prediction
    return prediction.model_copy(update={"reasons": (*prediction.reasons, NOT_SEARCHED)})


def with_masked_hint(report: Report) -> Report:
    """The report as it is stored: a caller's category may hold anything, so personal data is masked in it too."""
    return report if report.hint is None else replace(report, hint=redact(report.hint).text)


def _has_place(answered: Answered) -> bool:
    return answered.report.lat is not None
