"""Keeps a photo as it may be kept: blurred, or not at all before a person has seen it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from PIL.Image import Image

from models.privacy.detector import PrivacyDetector
from triage.photo_storage import PhotoStorage


@dataclass(frozen=True, slots=True)
class KeptPhoto:
    """The key of the stored copy, or none where a person must look first; and how many of each kind were found."""

    key: str | None
    found: Mapping[str, int]

    @property
    def held(self) -> bool:
        """Whether the photo waits for a person."""
        return self.key is None


class PhotoKeeper:
    """Blurs and stores; nothing readable is ever written."""

    def __init__(self, detector: PrivacyDetector, storage: PhotoStorage) -> None:
        self._detector = detector
        self._storage = storage

    def keep(self, image: Image, *, seen: bool = False) -> KeptPhoto:
        """Store the blurred copy of an upright picture.

        Args:
            image: RGB, as `triage.photo.decode_photo` gives it.
            seen: whether a person has looked at it and lets it be stored.

        Raises:
            PhotoStorageFailed: the storage cannot be written.
        """
        regions = self._detector.find(image)
        found: Counter[str] = Counter(region.kind for region in regions)
        if not (seen or self._detector.shareable(regions)):
            return KeptPhoto(None, found)
        return KeptPhoto(self._storage.put(self._detector.blur(image, regions)), found)
