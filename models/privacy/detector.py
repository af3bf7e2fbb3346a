"""The one door: a picture in; faces, persons, plates and vehicles out, and whether the picture may be stored."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final, Self

from PIL import Image

from models.bundle import Bundle
from models.privacy.blur import blur
from models.privacy.description import DESCRIPTION, Description
from models.privacy.faces import FaceModel
from models.privacy.plates import find_plates
from models.privacy.regions import Region
from models.privacy.street import StreetModel

PART: Final = "detectors"
# Below this share of blurred plates a person looks at pictures with vehicles before they are stored.
ENOUGH_PLATES: Final = 0.8
# A picture of a car park must not cost more than its share of time.
_MOST_VEHICLES: Final = 40


class PrivacyDetector:
    """Finds what must not be stored readable.

    Args:
        folder: what `training.detectors` wrote; trusted, so take it from a verified bundle (`from_bundle`).
        threads: of one session; all cores by default.
        hold_vehicles: holds pictures with vehicles back while too few plates are found.

    Raises:
        InvalidBundle: a file is missing, or is not what it should be.
    """

    def __init__(self, folder: Path, threads: int | None = None, *, hold_vehicles: bool = True) -> None:
        self.description = Description.read(folder / DESCRIPTION)
        faces, street = self.description.faces, self.description.street
        self._faces = FaceModel(folder / faces.file, faces, threads)
        self._street = StreetModel(folder / street.file, street, threads)
        self._hold_vehicles = hold_vehicles

    @classmethod
    def from_bundle(cls, bundle: Bundle, threads: int | None = None, *, hold_vehicles: bool = True) -> Self:
        """The detectors of a verified bundle.

        Raises:
            InvalidBundle: the bundle has none, or they are broken.
        """
        folder = bundle.path(f"{PART}/{DESCRIPTION}").parent
        description = Description.read(folder / DESCRIPTION)
        for file in (description.faces.file, description.street.file):
            bundle.path(f"{PART}/{file}")
        return cls(folder, threads, hold_vehicles=hold_vehicles)

    def find(self, image: Image.Image) -> tuple[Region, ...]:
        """All regions of a picture; kinds may overlap, for a face lies in a person and a plate in a vehicle.

        Args:
            image: upright; any size; other modes than RGB are converted.
        """
        picture = image.convert("RGB")
        street = self._street.find(picture)
        vehicles = sorted((region for region in street if region.kind == "vehicle"), key=lambda region: -region.score)
        plates = [
            plate
            for vehicle in vehicles[:_MOST_VEHICLES]
            for plate in find_plates(picture, vehicle, self.description.plates.per_vehicle)
        ]
        return (*self._faces.find(picture), *street, *plates)

    def blur(self, image: Image.Image, regions: Iterable[Region]) -> Image.Image:
        """A copy of the picture with faces, whole persons and plates made unreadable for good."""
        return blur(image, regions)

    def shareable(self, regions: Iterable[Region]) -> bool:
        """Whether the blurred picture may be stored before a person has seen it.

        False where vehicles are seen while less than 0.8 of the plates are found, unless `hold_vehicles` is off.
        """
        if not self._hold_vehicles or self.description.plates.recall >= ENOUGH_PLATES:
            return True
        return not any(region.kind == "vehicle" for region in regions)
