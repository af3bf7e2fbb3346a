"""Stores alerts that no model can answer now: nothing that a resident sent is refused or lost for that."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from anyio import to_thread
from PIL import Image
from pydantic import BaseModel, Field

from models.photo import Picture
from serving.alerts.arriving import MODEL_UNAVAILABLE, Received, arriving, id_taken
from serving.alerts.events import RECEIVED, SENT_TO_REVIEW
from serving.alerts.photos import NOT_KEPT, PhotoArchive
from serving.batching import CheckedAlert
from serving.metrics import Metrics
from serving.storage import StoreDoor, Work
from triage.redaction import plates
from triage.review.order import unanswered_place
from triage.review.rules import ReviewRules
from triage.store.errors import IdTaken
from triage.store.records import Json, NewAlert, NewEvent, StoredAlert

# The squares that models read lose nothing; larger pictures would take megabytes.
_LOSSLESS_SIDE = 512
_QUALITY = 92


class UnansweredAlert(BaseModel):
    """An alert that is stored and waits for a model; the keys are those of a prediction."""

    id: str
    category: None = None
    department: None = None
    priority: None = None
    decision: str = Field("review", description="Always `review`: staff see it at once.")
    reasons: tuple[str, ...]
    photos: tuple[()] = ()
    duplicates: tuple[()] = ()
    model: None = None


def unanswered(alert: StoredAlert) -> Json:
    """What is said of an alert that waits for a model."""
    return UnansweredAlert(id=alert.id, reasons=alert.reasons).model_dump(mode="json")


def waits(alert: StoredAlert) -> bool:
    """Whether an alert was stored without an answer, and has none yet."""
    return alert.prediction is None and MODEL_UNAVAILABLE in alert.reasons


@dataclass(frozen=True, slots=True)
class UnansweredStore:
    """Stores them, with what a model will need.

    Attributes:
        door: where alerts are stored.
        archive: keeps photos, as far as a bundle is loaded that blurs them.
        rules: what orders the queue.
        plate_digest: what is kept of a plate.
        metrics: counts them.
        clock: the time at which alerts are received.
    """

    door: StoreDoor
    archive: PhotoArchive
    rules: ReviewRules
    plate_digest: Callable[[str], str]
    metrics: Metrics
    clock: Callable[[], datetime]

    async def store(self, item: CheckedAlert, digest: str) -> Received:
        """Store an alert, and put it before staff.

        Raises:
            Problem: 409 where the id is another alert's, 503 where the store cannot be used.
        """
        new = arriving(item.alert, digest, self.clock())
        kept = await self.archive.keep(item, ())
        pictures = await to_thread.run_sync(encode_pictures, item.pictures)
        new = replace(
            new,
            reasons=(*new.reasons, NOT_KEPT) if kept.failed else new.reasons,
            photos=kept.entries,
            plates=tuple(sorted(map(self.plate_digest, plates(item.alert.text)))),
            queue_place=unanswered_place(new.received_at, self.rules),
        )
        return await self._write(new, pictures)

    async def _write(self, new: NewAlert, pictures: Sequence[bytes]) -> Received:
        try:
            added = await self.door.run(
                Work.WRITE, lambda store: store.add_untriaged(new, pictures, _unanswered_events)
            )
        except IdTaken:  # another request was faster
            raise id_taken() from None
        self.metrics.unanswered.inc(added.created)
        answer = added.alert.prediction
        if answer is not None:
            return Received(answer, created=False)
        return Received(unanswered(added.alert), added.created, waits=True)


def encode_pictures(pictures: Sequence[Picture | None]) -> tuple[bytes, ...]:
    """Pictures as files, in order; one that cannot be read is empty."""
    return tuple(b"" if picture is None else _encode(picture) for picture in pictures)


def decode_pictures(files: Sequence[bytes]) -> tuple[Image.Image | None, ...]:
    """The pictures again; None for one that could not be read."""
    return tuple(_decode(file) if file else None for file in files)


def _encode(picture: Picture) -> bytes:
    stream, image = io.BytesIO(), Image.fromarray(np.asarray(picture, np.uint8))
    if max(image.size) <= _LOSSLESS_SIDE:
        image.save(stream, "PNG")
    else:
        image.save(stream, "JPEG", quality=_QUALITY)
    return stream.getvalue()


def _decode(file: bytes) -> Image.Image:
    return Image.open(io.BytesIO(file), formats=("PNG", "JPEG")).convert("RGB")


def _unanswered_events(alert: StoredAlert) -> Sequence[NewEvent]:
    place = {"lat": alert.lat, "lon": alert.lon}
    return [
        NewEvent(RECEIVED, {"created_at": alert.created_at.isoformat(), **place}),
        NewEvent(SENT_TO_REVIEW, {"priority": None, "reasons": list(alert.reasons)}),
    ]
