"""Answers rows as the service does, and writes them as flat columns."""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from cli.backfill.archive import Archive
from cli.backfill.output import OutputFolder
from cli.backfill.parts import Part
from cli.backfill.rows import Row
from models.photo import Picture
from models.predictor import Predictor
from triage.alert import parse_alert
from triage.area import judge_place
from triage.errors import InvalidAlert, InvalidBundle
from triage.intake import Intake, TakenIn
from triage.places import Box
from triage.prediction import Prediction
from triage.taxonomy import HEADS

_ROWS_AT_ONCE = 256
_BYTES_AT_ONCE = 32_000_000  # rows with photos are large

SCHEMA = pa.schema(
    [
        ("row", pa.int64()),
        ("id", pa.string()),
        *((name, kind) for head in HEADS for name, kind in ((head, pa.string()), (f"{head}_confidence", pa.float64()))),
        ("decision", pa.string()),
        ("reasons", pa.string()),
        ("model_version", pa.string()),
        ("bundle_sha256", pa.string()),
        ("error_code", pa.string()),
        ("error_message", pa.string()),
    ]
)


@dataclass(frozen=True, slots=True)
class Job:
    """Everything that a worker needs to answer parts, on this machine or another.

    Attributes:
        archive: where rows come from.
        output: where answers go.
        bundle: its folder, on every machine.
        bundle_sha256: what the bundle must be.
        taxonomy: the city's own file, if any.
        area: the city.
        photos: folder where relative paths of photos start; None where no path is read.
        place_from_photo: whether an alert without a place takes that of its photo.
        digest: what parts carry.
    """

    archive: Archive
    output: OutputFolder
    bundle: Path
    bundle_sha256: str
    taxonomy: Path | None
    area: Box
    photos: Path | None
    place_from_photo: bool
    digest: str


@dataclass(frozen=True, slots=True)
class PartReport:
    """What became of a part; seconds are those of the clock since 1970."""

    number: int
    rows: int
    errors: int
    started: float
    ended: float


class Scorer:
    """Answers rows; one for each core.

    Args:
        job: what to answer from where.

    Raises:
        InvalidBundle: the bundle is broken, or not the one that the job was planned with.
        InvalidTaxonomy: the city's file lacks a code that the model can answer.
    """

    def __init__(self, job: Job) -> None:
        self._job = job
        self._predictor = Predictor.load(job.bundle, taxonomy=job.taxonomy, threads=1)
        if self._predictor.bundle.sha256 != job.bundle_sha256:
            raise InvalidBundle(f"The bundle in {job.bundle} is another one on this machine; copy the same to each.")
        self._intake = Intake(self._predictor.prepare, place_from_photo=job.place_from_photo, folder=job.photos)

    def run(self, part: Part) -> PartReport:
        """Answer a part and write it.

        Raises:
            OSError: the archive cannot be read or the answers not be written.
        """
        started = time.time()
        answers = [answer for chunk in _chunks(self._job.archive.rows(part)) for answer in self.answer(chunk)]
        errors = sum(answer["error_code"] is not None for answer in answers)
        self._job.output.write(part, pa.Table.from_pylist(answers, SCHEMA), self._job.digest, errors)
        return PartReport(part.number, len(answers), errors, started, time.time())

    def answer(self, rows: Sequence[Row]) -> list[dict[str, Any]]:
        """One answer a row, in order; a bad row gets its error."""
        info = self._predictor.model_info
        versions = {"model_version": info.version, "bundle_sha256": info.bundle_sha256}
        empty = dict.fromkeys(SCHEMA.names) | versions
        answers: list[dict[str, Any]] = [empty | {"row": row.number, "id": row.id} for row in rows]
        good: list[tuple[dict[str, Any], TakenIn[Picture]]] = []
        for row, answer in zip(rows, answers, strict=True):
            try:
                good.append((answer, self._taken_in(row)))
            except InvalidAlert as error:
                message = error.message.encode("utf-8", "replace").decode()
                answer.update(error_code=error.code, error_message=message)
        if good:
            batch = self._predictor.predict([item.alert for _, item in good], [item.pictures for _, item in good])
            for (answer, item), said in zip(good, batch.predictions, strict=True):
                answer.update(_flat(judge_place(said, item.alert.lat, item.alert.lon, self._job.area)))
        return answers

    def _taken_in(self, row: Row) -> TakenIn[Picture]:
        if row.fault:
            raise InvalidAlert((row.fault,))
        return self._intake.take_in(parse_alert(row.content, allow_paths=self._job.photos is not None))


def _flat(prediction: Prediction) -> dict[str, Any]:
    answers: dict[str, Any] = {"decision": str(prediction.decision), "reasons": " ".join(prediction.reasons)}
    for head in HEADS:
        answer = getattr(prediction, head)
        answers |= {head: answer.code, f"{head}_confidence": answer.confidence}
    return answers


def _chunks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    waiting = iter(rows)
    while chunk := list(islice(waiting, 1)):
        held = len(chunk[0].content)
        while len(chunk) < _ROWS_AT_ONCE and held < _BYTES_AT_ONCE and (row := next(waiting, None)):
            chunk.append(row)
            held += len(row.content)
        yield chunk
