"""A network small enough to fit in a moment, and pictures already read by its frozen stages."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from models.networks.photo import PhotoHead, PhotoNetwork
from models.photo import Picture, prepare
from training.photo.config import PhotoConfig
from training.photo.fit import Fitting, Tuned
from training.photo.part import HeldOutLogits
from training.photo.pictures import PictureSet, read_pictures
from training.photo.views import CachedViews
from triage.taxonomy import Taxonomy

MakeNetwork = Callable[..., PhotoNetwork]
MakePictures = Callable[..., PictureSet]
MakeFitting = Callable[..., Fitting]
MakeHeldOut = Callable[..., HeldOutLogits]

KINDS, WIDTH = 3, 8


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """Threads cost more than they bring at this size, above all where tests run side by side."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def pictures(picture_folder: Path, photo_config: PhotoConfig, taxonomy: Taxonomy) -> PictureSet:
    """The drawn pictures."""
    return read_pictures(picture_folder, photo_config.classes, tuple(taxonomy.photo_labels))


@pytest.fixture(scope="session")
def make_pictures() -> MakePictures:
    """Makes a set without files from labels and sources: `make_pictures([0, 0, 1], ["a", "b", "a"])`."""

    def make(labels: list[int], sources: list[str]) -> PictureSet:
        paths = tuple(Path(f"{number}.jpg") for number in range(len(labels)))
        return PictureSet(paths, np.array(labels, np.int64), np.array(sources))

    return make


@pytest.fixture(scope="session")
def make_network() -> MakeNetwork:
    """Makes a network of three convolutions with random weights."""

    def make(labels: int = 9, seed: int = 0) -> PhotoNetwork:
        torch.manual_seed(seed)
        frozen = nn.Sequential(nn.Conv2d(3, 6, 4, stride=4), nn.BatchNorm2d(6), nn.ReLU6())
        tuned = nn.Sequential(nn.Conv2d(6, WIDTH, 3, stride=2, padding=1), nn.BatchNorm2d(WIDTH), nn.ReLU6())
        head = PhotoHead(WIDTH, labels)
        nn.init.normal_(head.linear.weight)
        return PhotoNetwork(frozen, tuned, head, (0.5,) * 3, (0.5,) * 3).eval()

    return make


@pytest.fixture(scope="session")
def make_fitting(photo_config: PhotoConfig, make_pictures: MakePictures) -> MakeFitting:
    """Makes maps of three kinds that their channels tell apart; the plain view and one other differ a little."""

    def make(**changes: object) -> Fitting:
        generator = np.random.default_rng(1)
        labels = np.arange(48) % KINDS
        maps = generator.normal(0, 0.3, (48, 2, KINDS, 2, 2))
        maps[np.arange(48), :, labels] += 1.5
        pictures = make_pictures(labels.tolist(), ["ab"[number % 2] for number in range(48)])
        config = photo_config.model_copy(update={"epochs": 20, "head_weight_decay": 0.0, **changes})
        return Fitting(pictures, CachedViews(maps.astype(np.float16)), config)

    return make


@pytest.fixture
def tuned() -> Tuned:
    """What is fitted of such a network, always with the same first weights."""
    torch.manual_seed(4)
    return Tuned(nn.Sequential(nn.Conv2d(KINDS, WIDTH, 1), nn.ReLU()), PhotoHead(WIDTH, KINDS))


@pytest.fixture(scope="session")
def make_held_out(pictures: PictureSet) -> MakeHeldOut:
    """Makes answers to the drawn pictures: right with some chance and then as sure as `strength` says, else less."""

    def make(accuracy: float = 0.97, strength: float = 4.0, rows: np.ndarray | None = None) -> HeldOutLogits:
        generator = np.random.default_rng(2)
        rows = np.arange(len(pictures.paths)) if rows is None else rows
        truth = pictures.labels[rows]
        labels = int(pictures.labels.max()) + 1
        seen = np.where(generator.random(len(rows)) < accuracy, truth, generator.integers(0, labels, len(rows)))
        logits = generator.normal(0, 0.3, (len(rows), labels))
        logits[np.arange(len(rows)), seen] += np.where(seen == truth, strength, strength / 3)
        return HeldOutLogits(rows, logits)

    return make


@pytest.fixture(scope="session")
def samples(pictures: PictureSet, photo_config: PhotoConfig) -> list[Picture]:
    """Some of the drawn pictures as the graph takes them."""
    found = []
    for path in pictures.paths[::9]:
        with Image.open(path) as image:
            found.append(prepare(image.convert("RGB"), photo_config.size))
    return found
