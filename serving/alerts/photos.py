"""What is stored of an alert's photos: what duplicates compare, and where the blurred copy is."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from anyio import CapacityLimiter, to_thread
from PIL.Image import Image

from models.duplicates.finder import stored_photo
from models.privacy.keeping import PhotoKeeper
from serving.batching import CheckedAlert
from triage.duplicates.report import SeenPhoto
from triage.prediction import Prediction
from triage.store.records import Json

NOT_KEPT = "photo_not_kept"
logger = logging.getLogger("triage.serving")


@dataclass(frozen=True, slots=True)
class KeptPhotos:
    """One entry a readable photo, ready for JSON, and whether one could not be kept."""

    entries: tuple[Json, ...]
    failed: bool = False

    def noted_in(self, prediction: Prediction) -> Prediction:
        """The answer, with the reason that a photo could not be kept where that is so."""
        if not self.failed:
            return prediction
        return prediction.model_copy(update={"reasons": (*prediction.reasons, NOT_KEPT)})


class PhotoArchive:
    """Keeps photos, one at a time: looking for faces and plates takes as long as dozens of alerts.

    Args:
        keeper: blurs and stores; without it no photo is kept.
        deadline_s: longest time for one photo, its turn included.
    """

    def __init__(self, keeper: PhotoKeeper | None, deadline_s: float) -> None:
        self._keeper = keeper
        self._deadline_s = deadline_s
        self._turn = CapacityLimiter(1)

    @property
    def keeps(self) -> bool:
        """Whether photos are kept at all."""
        return self._keeper is not None

    async def keep(self, item: CheckedAlert, seen: Sequence[SeenPhoto]) -> KeptPhotos:
        """Keep the readable photos of an alert; one that cannot be kept must not cost the alert.

        Args:
            item: the alert, with its images where photos are kept.
            seen: what duplicates compare of the readable ones; none where no model read them.
        """
        if self._keeper is None:
            kept: list[Json | None] = [_entry(None, held=False) for picture in item.pictures if picture is not None]
        else:
            images = [image for image in item.images if image is not None]
            kept = [await self._keep(self._keeper, image) for image in images]
        entries = [_entry(None, held=False) if entry is None else entry for entry in kept]
        if len(seen) == len(entries):
            entries = [stored_photo(photo) | entry for photo, entry in zip(seen, entries, strict=True)]
        return KeptPhotos(tuple(entries), None in kept)

    async def _keep(self, keeper: PhotoKeeper, image: Image) -> Json | None:
        try:
            async with asyncio.timeout(self._deadline_s):
                kept = await to_thread.run_sync(keeper.keep, image, limiter=self._turn, abandon_on_cancel=True)
        except Exception as error:  # each protocol's package raises its own
            logger.warning("a photo cannot be kept (%s)", type(error).__name__)
            return None
        return _entry(kept.key, held=kept.held)


def _entry(key: str | None, *, held: bool) -> Json:
    return {"key": key, "held": held}
