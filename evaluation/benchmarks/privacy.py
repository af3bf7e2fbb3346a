"""How much of what must not be stored readable is found, on pictures whose faces, persons… were marked by hand."""

import csv
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, get_args

import numpy as np
from PIL import Image

from evaluation.live.intervals import Share
from models.privacy import Kind, PrivacyDetector, Region
from triage.errors import InvalidConfiguration
from triage.settings import PROJECT_ROOT

TRUTH = PROJECT_ROOT / "datasets" / "privacy_truth.csv"
# The smallest side, in pixels of these small pictures, that counts; less cannot tell who it is. A person is measured
# by height, all else by width.
_SMALLEST: Final[dict[Kind, int]] = {"face": 10, "person": 32, "plate": 12, "vehicle": 24}
# The hand-made set that each kind is measured on: `streets` was drawn at random, the others have enough of the kind.
_SETS: Final[dict[Kind, str]] = {"face": "people", "person": "streets", "plate": "plates", "vehicle": "streets"}
_COVERED = 0.5
_LARGEST_REGION = 4.0

Box = tuple[int, int, int, int]


@dataclass(slots=True)
class MarkedPicture:
    """One picture: what a person marked in it, and what was too small or doubtful to count (`unsure`)."""

    file: str
    belongs_to: str
    objects: list[tuple[Kind, Box]] = field(default_factory=list)
    unsure: list[Box] = field(default_factory=list)

    def counted(self, kind: Kind) -> list[Box]:
        """The objects of a kind that are large enough to count."""
        return [box for each, box in self.objects if each == kind and large_enough(kind, box)]


@dataclass(frozen=True, slots=True)
class KindFigures:
    """Objects found of those marked, and regions per picture where nothing of the kind is."""

    found: Share
    false_alarms: float


@dataclass(frozen=True, slots=True)
class PrivacyFigures:
    """What `bench_privacy` measured.

    Attributes:
        kinds: by kind.
        faces_blurred: faces of which half or more lies under a blurred face, person or plate.
        held: pictures with a vehicle for which one was reported.
        held_needlessly: the same of the pictures without one.
        ms: median milliseconds to find all kinds in one picture.
    """

    kinds: dict[Kind, KindFigures]
    faces_blurred: Share
    held: Share
    held_needlessly: Share
    ms: float


def read_truth(path: Path = TRUTH) -> list[MarkedPicture]:
    """The marked pictures, in the order of the file.

    Raises:
        InvalidConfiguration: the file cannot be read, or a line of it is wrong.
    """
    pictures: dict[tuple[str, str], MarkedPicture] = {}
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                _add(pictures.setdefault((row["set"], row["file"]), MarkedPicture(row["file"], row["set"])), row)
    except (OSError, KeyError, ValueError) as error:
        raise InvalidConfiguration(
            f"The marked pictures cannot be read from {path}: {error!r}. Take the file from the repository again."
        ) from error
    return list(pictures.values())


def _add(picture: MarkedPicture, row: dict[str, str]) -> None:
    kind = row["kind"]
    if kind == "nothing":
        return
    box = int(row["left"]), int(row["top"]), int(row["right"]), int(row["bottom"])
    if kind == "unsure":
        picture.unsure.append(box)
        return
    if kind not in get_args(Kind):
        raise ValueError(f"{kind} is no kind")
    picture.objects += [(each, box) for each in get_args(Kind) if each == kind]


def bench_privacy(
    detector: PrivacyDetector, images: Path, pictures: Sequence[MarkedPicture], advance: Callable[[], None]
) -> PrivacyFigures:
    """Measure a detector on marked pictures.

    An object is found when regions of its kind cover half of it; regions of more than four times its size do not
    count, else one box over the whole picture would find everything. Plates and blurred faces have no such limit.

    Args:
        detector: what to measure.
        images: folder that the file names of the truth belong to.
        pictures: from `read_truth`.
        advance: called after each picture.

    Raises:
        InvalidConfiguration: a picture is missing.
    """
    regions, times = [], []
    for picture in pictures:
        image = _open(images / picture.file)
        start = time.perf_counter()
        regions.append(detector.find(image))
        times.append(time.perf_counter() - start)
        advance()
    seen = list(zip(pictures, regions, strict=True))
    streets = [(picture, any(each.kind == "vehicle" for each in found)) for picture, found in seen
               if picture.belongs_to == "streets"]  # fmt: skip
    return PrivacyFigures(
        kinds={kind: _figures(kind, seen) for kind in get_args(Kind)},
        faces_blurred=_faces_blurred(seen),
        held=_share(held for picture, held in streets if picture.counted("vehicle")),
        held_needlessly=_share(
            held for picture, held in streets if not picture.unsure and all(k != "vehicle" for k, _ in picture.objects)
        ),
        ms=float(np.median(times)) * 1e3,
    )


def _open(path: Path) -> Image.Image:
    try:
        with Image.open(path) as image:
            return image.convert("RGB")
    except OSError as error:
        raise InvalidConfiguration(
            f"The picture {path} cannot be read ({error}). Name the folder that holds the photos with --images; they"
            " are not part of the repository."
        ) from error


def _figures(kind: Kind, seen: Sequence[tuple[MarkedPicture, tuple[Region, ...]]]) -> KindFigures:
    found, alarms, pictures = [], 0, 0
    for picture, regions in seen:
        if picture.belongs_to != _SETS[kind]:
            continue
        pictures += 1
        boxes = [region.box for region in regions if region.kind == kind]
        limit = np.inf if kind == "plate" else _LARGEST_REGION
        found += [_covered(target, boxes, limit) for target in picture.counted(kind)]
        known = [box for each, box in picture.objects if each == kind] + picture.unsure
        alarms += sum(large_enough(kind, box) and not any(_touch(box, each) for each in known) for box in boxes)
    return KindFigures(_share(found), alarms / max(1, pictures))


def _faces_blurred(seen: Sequence[tuple[MarkedPicture, tuple[Region, ...]]]) -> Share:
    return _share(
        _covered(face, [region.box for region in regions if region.kind != "vehicle"], np.inf)
        for picture, regions in seen
        if picture.belongs_to == _SETS["face"]
        for face in picture.counted("face")
    )


def large_enough(kind: Kind, box: Box) -> bool:
    """Whether an object of this size counts."""
    left, top, right, bottom = box
    return (bottom - top if kind == "person" else right - left) >= _SMALLEST[kind]


def _covered(target: Box, boxes: Iterable[Box], limit: float) -> bool:
    left, top, right, bottom = target
    mask = np.zeros((bottom - top, right - left), dtype=bool)
    for box in boxes:
        if _area(box) <= limit * _area(target):
            mask[max(0, box[1] - top) : max(0, box[3] - top), max(0, box[0] - left) : max(0, box[2] - left)] = True
    return bool(mask.mean() >= _COVERED)


def _touch(first: Box, second: Box) -> bool:
    shared = min(first[2], second[2]) - max(first[0], second[0]), min(first[3], second[3]) - max(first[1], second[1])
    return min(shared) > 0 and shared[0] * shared[1] >= 0.25 * min(_area(first), _area(second))


def _area(box: Box) -> int:
    return (box[2] - box[0]) * (box[3] - box[1])


def _share(values: Iterable[bool]) -> Share:
    listed = list(values)
    return Share.of(sum(listed), len(listed))
