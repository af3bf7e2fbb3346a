"""Any number of alerts in requests that the service takes: filled one by one, answered in the same order."""

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from ondijon_triage_client.alerts import Alert, as_json, photo_bytes
from ondijon_triage_client.answers import FailedAlert, ItemError, Prediction
from ondijon_triage_client.errors import InvalidPhoto, UnexpectedAnswer

MAX_ALERTS = 1_000
MAX_PHOTOS = 100

BatchResult = Prediction | FailedAlert
AnyAlert = Alert | Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class BatchLimits:
    """How large one request may become.

    Attributes:
        alerts: most alerts, at most 1,000. The service has 20 seconds for each answer, so that more than some hundreds
            ask much of a small machine.
        body_bytes: most bytes of a request, photos included; an alert that is larger goes alone.
    """

    alerts: int = 200
    body_bytes: int = 16_000_000

    def __post_init__(self) -> None:
        if not 1 <= self.alerts <= MAX_ALERTS or self.body_bytes < 1:
            raise ValueError(f"A batch has 1 to {MAX_ALERTS} alerts and at least one byte.")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a stream of alerts is: answers so far, and those of them that are failures."""

    done: int
    failed: int


@dataclass(frozen=True, slots=True)
class Prepared:
    """An alert ready for a batch; `failure` stands in its place where it cannot be sent."""

    document: Mapping[str, Any]
    size: int
    photos: int
    failure: FailedAlert | None = None


@dataclass(slots=True)
class Chunk:
    """Alerts of one request."""

    items: list[Prepared] = field(default_factory=list)
    size: int = 0
    photos: int = 0
    ids: set[Any] = field(default_factory=set)

    def documents(self) -> list[Mapping[str, Any]]:
        """What is sent."""
        return [item.document for item in self.items if item.failure is None]

    def results(self, answers: list[Any]) -> list[BatchResult]:
        """What became of each alert, in order."""
        ready = iter(answers)
        return [_result(next(ready)) if item.failure is None else item.failure for item in self.items]


def prepare(alert: AnyAlert) -> Prepared:
    """Read an alert's photos; this may take a moment."""
    if isinstance(alert, Mapping):
        document, given = dict(alert), alert.get("photo")
        photos = len(given) if isinstance(given, list) else int(given is not None)
        return Prepared(document, len(as_json(document)), photos)
    document = alert.document()
    try:
        encoded = [{"base64": base64.b64encode(photo_bytes(photo)).decode("ascii")} for photo in alert.photos]
    except InvalidPhoto as error:
        failure = FailedAlert(id=alert.id, error=ItemError(code="invalid_photo", message=str(error)))
        return Prepared(document, 0, 0, failure)
    if encoded:
        document["photo"] = encoded
    return Prepared(document, len(as_json(document)), len(encoded))


class Chunker:
    """Fills one request after the other, and counts what came back."""

    def __init__(self, limits: BatchLimits, progress: Callable[[Progress], None] | None) -> None:
        self._limits = limits
        self._progress = progress
        self._chunk = Chunk()
        self._done = self._failed = 0

    def add(self, item: Prepared) -> Chunk | None:
        """Take one alert; gives the request that it does not fit into any more."""
        full = None if self._fits(item) else self.rest()
        name = item.document.get("id")
        self._chunk.items.append(item)
        self._chunk.size += item.size + 1
        self._chunk.photos += item.photos
        if isinstance(name, str):
            self._chunk.ids.add(name)
        return full

    def rest(self) -> Chunk:
        """The request that is not full yet, which may be empty."""
        chunk, self._chunk = self._chunk, Chunk()
        return chunk

    def counted(self, results: Sequence[BatchResult]) -> Sequence[BatchResult]:
        """The results, once it is told how far the stream is."""
        self._done += len(results)
        self._failed += sum(isinstance(result, FailedAlert) for result in results)
        if self._progress is not None and results:
            self._progress(Progress(self._done, self._failed))
        return results

    def _fits(self, item: Prepared) -> bool:
        chunk, name = self._chunk, item.document.get("id")
        # The service refuses a batch that has an id twice.
        is_repeated = isinstance(name, str) and name in chunk.ids
        is_small = len(chunk.items) < self._limits.alerts and chunk.photos + item.photos <= MAX_PHOTOS
        return not chunk.items or (is_small and not is_repeated and chunk.size + item.size <= self._limits.body_bytes)


def _result(answer: Any) -> BatchResult:
    try:
        is_failure = isinstance(answer, dict) and "error" in answer
        return FailedAlert.model_validate(answer) if is_failure else Prediction.model_validate(answer)
    except ValidationError as error:
        where = error.errors()[0]["loc"]
        raise UnexpectedAnswer(f"An answer of the batch cannot be read ({where}); is this client too old?") from None
