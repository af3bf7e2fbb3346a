"""Nothing readable is ever stored: what is kept is blurred, and a photo with a vehicle waits for a person."""

import io
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from models.privacy import Region, blur
from models.privacy.keeping import PhotoKeeper
from triage.photo_storage import PhotoStorage

FACE = Region("face", 20, 20, 60, 60, 0.9)
VEHICLE = Region("vehicle", 0, 70, 90, 100, 0.9)


class SeesWhatItIsTold:
    """A detector with known findings, so that only the keeping is tested."""

    def __init__(self, *regions: Region) -> None:
        self._regions = regions

    def find(self, _: Image.Image) -> tuple[Region, ...]:
        return self._regions

    def blur(self, image: Image.Image, regions: Iterable[Region]) -> Image.Image:
        return blur(image, regions)

    def shareable(self, regions: Iterable[Region]) -> bool:
        return all(region.kind != "vehicle" for region in regions)


@pytest.fixture
def image() -> Image.Image:
    noise = np.random.default_rng(3).integers(0, 256, (100, 100, 3), np.uint8)
    return Image.fromarray(noise)


@pytest.fixture
def storage(tmp_path: Path) -> PhotoStorage:
    return PhotoStorage(str(tmp_path / "photos"))


def keeper(storage: PhotoStorage, *regions: Region) -> PhotoKeeper:
    return PhotoKeeper(SeesWhatItIsTold(*regions), storage)  # type: ignore[arg-type]


def test_the_stored_copy_has_its_faces_blurred(image: Image.Image, storage: PhotoStorage) -> None:
    kept = keeper(storage, FACE).keep(image)
    assert kept.key is not None
    assert not kept.held
    stored = np.asarray(Image.open(io.BytesIO(storage.get(kept.key))), float)
    inside, outside = stored[25:55, 25:55], stored[70:95, 5:95]
    assert inside.std(axis=(0, 1)).max() < 0.3 * outside.std(axis=(0, 1)).min()


def test_a_photo_with_a_vehicle_is_not_stored_before_a_person_has_seen_it(
    image: Image.Image, storage: PhotoStorage, tmp_path: Path
) -> None:
    kept = keeper(storage, VEHICLE).keep(image)
    assert kept.held
    assert kept.found == {"vehicle": 1}
    assert not list(tmp_path.rglob("*.jpg"))


def test_a_person_who_has_seen_it_lets_it_be_stored(image: Image.Image, storage: PhotoStorage) -> None:
    kept = keeper(storage, VEHICLE, FACE).keep(image, seen=True)
    assert kept.key is not None
    assert storage.get(kept.key)
