"""What counts as found, as a false alarm, and as a picture that waits."""

import csv
from collections.abc import Iterable
from pathlib import Path

import pytest
from PIL import Image

from evaluation.benchmarks.privacy import (
    TRUTH,
    Box,
    MarkedPicture,
    PrivacyFigures,
    bench_privacy,
    large_enough,
    read_truth,
)
from models.privacy import Kind, Region
from triage.errors import InvalidConfiguration

CAR: Box = (10, 10, 60, 50)


class Detector:
    """Finds what it is told to find."""

    def __init__(self, *regions: tuple[Kind, Box]) -> None:
        self.regions = tuple(Region(kind, *box, 0.9) for kind, box in regions)

    def find(self, _: Image.Image) -> tuple[Region, ...]:
        return self.regions


@pytest.fixture
def images(tmp_path: Path) -> Path:
    Image.new("RGB", (200, 200)).save(tmp_path / "a.png")
    return tmp_path


def picture(*objects: tuple[Kind, Box], belongs_to: str = "streets", unsure: Iterable[Box] = ()) -> MarkedPicture:
    return MarkedPicture("a.png", belongs_to, list(objects), list(unsure))


def measure(images: Path, detector: Detector, *pictures: MarkedPicture) -> PrivacyFigures:
    return bench_privacy(detector, images, pictures, lambda: None)  # type: ignore[arg-type]


def test_a_vehicle_of_which_half_is_covered_is_found(images: Path) -> None:
    found = measure(images, Detector(("vehicle", (35, 10, 80, 50))), picture(("vehicle", CAR))).kinds["vehicle"].found
    assert (found.hits, found.total) == (1, 1)


@pytest.mark.parametrize("box", [(45, 10, 80, 50), (0, 0, 200, 200)])
def test_a_vehicle_that_is_barely_touched_or_lost_in_a_box_over_everything_is_not(images: Path, box: Box) -> None:
    found = measure(images, Detector(("vehicle", box)), picture(("vehicle", CAR))).kinds["vehicle"].found
    assert (found.hits, found.total) == (0, 1)


def test_a_region_of_another_kind_finds_nothing(images: Path) -> None:
    figures = measure(images, Detector(("person", CAR)), picture(("vehicle", CAR)))
    assert figures.kinds["vehicle"].found.hits == 0
    assert figures.kinds["person"].false_alarms == 1
    assert figures.held.hits == 0


def test_what_is_too_small_or_doubtful_neither_counts_nor_is_a_false_alarm(images: Path) -> None:
    small: Box = (100, 100, 120, 110)
    figures = measure(images, Detector(("vehicle", CAR), ("vehicle", small)), picture(("vehicle", small), unsure=[CAR]))
    assert figures.kinds["vehicle"].found.total == 0
    assert figures.kinds["vehicle"].false_alarms == 0


def test_a_face_under_a_blurred_person_is_blurred_though_not_found(images: Path) -> None:
    face: Box = (20, 20, 40, 40)
    figures = measure(images, Detector(("person", (0, 0, 100, 180))), picture(("face", face), belongs_to="people"))
    assert figures.kinds["face"].found.hits == 0
    assert (figures.faces_blurred.hits, figures.faces_blurred.total) == (1, 1)


def test_pictures_without_a_vehicle_that_are_held_are_counted(images: Path) -> None:
    figures = measure(images, Detector(("vehicle", CAR)), picture(), picture(("vehicle", CAR)))
    assert (figures.held.hits, figures.held.total) == (1, 1)
    assert (figures.held_needlessly.hits, figures.held_needlessly.total) == (1, 1)


def test_a_missing_photo_is_named_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(InvalidConfiguration, match="--images"):
        measure(tmp_path, Detector(), picture())


def test_a_broken_truth_is_refused(tmp_path: Path) -> None:
    (tmp_path / "truth.csv").write_text(
        "set,file,kind,left,top,right,bottom\nstreets,a.jpg,dragon,0,0,9,9\n", encoding="utf-8"
    )
    with pytest.raises(InvalidConfiguration, match="dragon"):
        read_truth(tmp_path / "truth.csv")


def test_the_truth_that_ships_has_enough_of_each_kind_and_names_no_picture_twice() -> None:
    pictures = read_truth()
    assert len({(each.belongs_to, each.file) for each in pictures}) == len(pictures)
    counted = {
        kind: sum(len(each.counted(kind)) for each in pictures) for kind in ("person", "vehicle", "plate", "face")
    }
    assert counted["person"] + counted["face"] >= 60
    assert counted["vehicle"] >= 80
    assert counted["plate"] >= 40


def test_every_box_of_the_truth_has_an_inside() -> None:
    with TRUTH.open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["kind"] != "nothing"]
    assert all(int(row["left"]) < int(row["right"]) and int(row["top"]) < int(row["bottom"]) for row in rows)
    assert large_enough("plate", (0, 0, 12, 3))
    assert not large_enough("person", (0, 0, 90, 31))
