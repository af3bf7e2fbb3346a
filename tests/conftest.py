"""Settings of all tests, pictures drawn for them, and a bundle whose photo part knows colours."""

import csv
import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import settings
from PIL import Image, ImageColor, ImageDraw

from tests.duplicate_part import bundle_without_duplicates, duplicate_bundle, duplicate_scenes
from tests.running_service import service
from triage.settings import PROJECT_ROOT
from triage.taxonomy import load_taxonomy

if TYPE_CHECKING:
    from models.networks.photo import PhotoNetwork

__all__ = ["bundle_without_duplicates", "duplicate_bundle", "duplicate_scenes", "service"]

# CI tries the same examples each time, so that a red run means a change; elsewhere examples are new.
settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("ci")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of a module in one process, so that what they share is made once."""
    for item in items:
        if not any(item.iter_markers("xdist_group")):
            item.add_marker(pytest.mark.xdist_group(item.nodeid.partition("::")[0]))


Draw = Callable[..., Image.Image]
Paint = Callable[..., Image.Image]

# Classes of the drawn pictures; `building_normal` and `street_normal` are one label, `other` none at all.
CLASSES = (
    "road_damage",
    "waste",
    "graffiti",
    "manhole",
    "flooding",
    "traffic_light",
    "street_light",
    "street_normal",
    "building_normal",
    "irrelevant",
)
SOURCES = ("phones", "tiles", "webcams")
# A class of which only one source has pictures.
LONE_CLASS = "flooding"
EACH = 6
SIDES = (64, 72, 80, 96)


@pytest.fixture(scope="session")
def draw() -> Draw:
    """Draws a picture of a class: `draw("waste", source=1, number=3)`; always the same for the same arguments."""

    def picture(name: str, source: int = 0, number: int = 0) -> Image.Image:
        generator = np.random.default_rng([CLASSES.index(name), source, number])
        size = (SIDES[number % 4], SIDES[(number + source) % 4])
        image = Image.new("RGB", size, (150, 150, 150))
        _DRAWERS[name](ImageDraw.Draw(image), *size, generator)
        tinted = np.asarray(image, float) * _TINTS[source % 3] + generator.normal(0, 3 + 5 * source, (*size[::-1], 3))
        return Image.fromarray(tinted.clip(0, 255).astype(np.uint8))

    return picture


_TINTS = np.array([(1.0, 1.0, 1.0), (1.0, 0.93, 0.8), (0.85, 0.95, 1.0)])
_Pen = ImageDraw.ImageDraw
_Draws = np.random.Generator


def _box(width: int, height: int, generator: _Draws, size: float) -> list[float]:
    left, top = generator.uniform(0.1, 0.9 - size, 2)
    return [left * width, top * height, (left + size) * width, (top + size) * height]


def _road_damage(pen: _Pen, width: int, height: int, generator: _Draws) -> None:
    pen.ellipse(_box(width, height, generator, 0.4), (35, 30, 28))


def _waste(pen: _Pen, width: int, height: int, generator: _Draws) -> None:
    for colour in ("black", "royalblue", "white", "gold"):
        pen.rounded_rectangle(_box(width, height, generator, 0.25), 6, colour)


def _graffiti(pen: _Pen, width: int, height: int, generator: _Draws) -> None:
    pen.rectangle([0, 0, width, height], (205, 185, 160))
    for colour in ("crimson", "purple", "black"):
        pen.line([tuple(point * (width, height)) for point in generator.random((9, 2))], colour, 3)


def _manhole(pen: _Pen, width: int, height: int, generator: _Draws) -> None:
    pen.rectangle([0, 0, width, height], (90, 90, 92))
    box = _box(width, height, generator, 0.5)
    pen.ellipse(box, (120, 95, 80), "black", 3)
    pen.line([box[0], (box[1] + box[3]) / 2, box[2], (box[1] + box[3]) / 2], "black", 2)


def _flooding(pen: _Pen, width: int, height: int, generator: _Draws) -> None:
    pen.rectangle([0, height * generator.uniform(0.3, 0.5), width, height], (70, 120, 190))


def _traffic_light(pen: _Pen, width: int, height: int, generator: _Draws) -> None:
    left = width * generator.uniform(0.3, 0.6)
    pen.line([left + 8, height / 2, left + 8, height], "black", 4)
    pen.rectangle([left, 6, left + 16, 6 + 45], "black")
    for row, colour in enumerate(("red", "orange", "lime")):
        pen.ellipse([left + 2, 8 + 14 * row, left + 14, 20 + 14 * row], colour)


def _street_light(pen: _Pen, width: int, height: int, generator: _Draws) -> None:
    pen.rectangle([0, 0, width, height], (20, 22, 45))
    middle = width * generator.uniform(0.3, 0.7)
    pen.line([middle, 10, middle, height], (80, 80, 80), 4)
    pen.ellipse([middle - 12, 3, middle + 12, 21], (255, 245, 190))


def _street_normal(pen: _Pen, width: int, height: int, generator: _Draws) -> None:
    pen.rectangle([0, 0, width, height * 0.4], (170, 205, 240))
    pen.line([width / 2, height, width * generator.uniform(0.4, 0.6), height * 0.4], "white", 3)


def _building_normal(pen: _Pen, width: int, height: int, generator: _Draws) -> None:
    pen.rectangle([0, height * 0.2, width, height], (200, 175, 140))
    for column in range(3):
        left = width * (0.1 + 0.3 * column) + generator.uniform(-2, 2)
        pen.rectangle([left, height * 0.4, left + 10, height * 0.6], (60, 70, 90))


def _irrelevant(pen: _Pen, width: int, height: int, generator: _Draws) -> None:
    first, second = generator.uniform(120, 255, (2, 3))
    for row in range(height):
        colour = first + (second - first) * row / height
        pen.line([0, row, width, row], tuple(int(value) for value in colour))


_DRAWERS = dict(
    zip(
        CLASSES,
        (
            _road_damage,
            _waste,
            _graffiti,
            _manhole,
            _flooding,
            _traffic_light,
            _street_light,
            _street_normal,
            _building_normal,
            _irrelevant,
        ),
        strict=True,
    )
)


@pytest.fixture(scope="session")
def picture_folder(tmp_path_factory: pytest.TempPathFactory, draw: Draw) -> Path:
    """Drawn pictures of every class and source with their `index.csv`; one class is no label's, and is left out."""
    folder = tmp_path_factory.mktemp("pictures")
    rows = []
    for name in CLASSES:
        for number, source in enumerate(SOURCES if name != LONE_CLASS else SOURCES[:1]):
            for count in range(EACH):
                file = f"{source}/{name}-{count}.{('jpg', 'png')[count % 2]}"
                (folder / source).mkdir(exist_ok=True)
                draw(name, number, count).save(folder / file)
                rows.append({"file": file, "class": name, "source": source, "source_class": f"{name}_here"})
    rows.append({"file": "phones/other.jpg", "class": "other", "source": "phones", "source_class": "bench"})
    with (folder / "index.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return folder


# A bundle that knows colours

# The corners of the colour cube and its middle; each is a label's, in the order of the taxonomy.
COLOURS = ("red", "lime", "blue", "yellow", "aqua", "magenta", "white", "black", "gray")
SIZE = 32


@pytest.fixture(scope="session")
def paint() -> Paint:
    """Paints a picture of colours side by side: one colour is one label for the bundle that knows colours."""

    def picture(*colours: str, side: int = 64) -> Image.Image:
        image = Image.new("RGB", (side, side))
        for number, colour in enumerate(colours):
            part = side // len(colours)
            image.paste(ImageColor.getrgb(colour)[:3], (number * part, 0, (number + 1) * part, side))
        return image

    return picture


@pytest.fixture(scope="session")
def colour_of() -> dict[str, str]:
    """The colour that shows each label."""
    return dict(zip(load_taxonomy(PROJECT_ROOT / "datasets" / "taxonomy.yaml").photo_labels, COLOURS, strict=True))


@pytest.fixture(scope="session")
def colour_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped text part joined with a photo part that tells colours apart: real graphs, made in seconds."""
    from models.bundle import TAXONOMY, Origin, load_bundle
    from models.fusion import PART as FUSION
    from models.held_out import HELD_OUT
    from models.photo import DESCRIPTION, MODEL, PART, PhotoDescription, PhotoModel
    from models.photo_golden import GOLDEN, write_golden_pictures
    from models.text import TextModel
    from training.assemble import carry_over, carry_rest, seal
    from training.fusion.part import FusionTexts, read_fusion_texts, write_fusion
    from training.photo.export import export_float
    from triage.corpus import read_corpus

    folder, base = tmp_path_factory.mktemp("colours") / "bundle", PROJECT_ROOT / "models" / "pretrained"
    (folder / PART).mkdir(parents=True)
    others = carry_over(base, folder, (PART, FUSION))
    carry_rest(base, folder)
    shutil.copy(PROJECT_ROOT / "datasets" / "taxonomy.yaml", folder / TAXONOMY)
    taxonomy = load_taxonomy(folder / TAXONOMY)
    labels = tuple(taxonomy.photo_labels)
    description = PhotoDescription(size=SIZE, width=3, labels=labels, temperature=1.0, abstains_below=0.6)
    (folder / DESCRIPTION).write_text(description.model_dump_json(), encoding="utf-8")
    (folder / HELD_OUT).write_text(_held_out(len(labels)), encoding="utf-8")
    export_float(_colour_network(len(labels)), SIZE, folder / MODEL)
    write_golden_pictures(folder / GOLDEN, PhotoModel(folder / MODEL, description, threads=1))
    datasets, bundle = PROJECT_ROOT / "datasets", load_bundle(base)
    texts = read_fusion_texts(read_corpus(datasets / "corpus", taxonomy), datasets / "photo_texts", taxonomy)
    few = FusionTexts(texts.clear[::30], texts.vague[::3], texts.raised)
    metrics = write_fusion(folder, TextModel.from_bundle(bundle, threads=1), few, taxonomy)
    origin = Origin(command="pytest", commit="abc", run_id="colours", created_at=datetime(2026, 1, 1, tzinfo=UTC))
    seal(folder, bundle.manifest, origin, (*others, PART, FUSION), metrics)
    return folder


@pytest.fixture(scope="session")
def blind_bundle(tmp_path_factory: pytest.TempPathFactory, colour_bundle: Path) -> Path:
    """The same bundle without its photo part."""
    from models.bundle import load_bundle, write_manifest

    folder = tmp_path_factory.mktemp("blind") / "bundle"
    shutil.copytree(colour_bundle, folder, ignore=shutil.ignore_patterns("photo", "fusion"))
    fields = load_bundle(colour_bundle).manifest.model_dump(exclude={"format_version", "files"})
    parts = tuple(part for part in fields["parts"] if (folder / part).is_dir())
    write_manifest(folder, **(fields | {"parts": parts}))
    return folder


def _colour_network(labels: int) -> "PhotoNetwork":
    """Averages a picture, and answers the label whose colour is nearest."""
    import torch
    from torch import nn

    from models.networks.photo import PhotoHead, PhotoNetwork

    head = PhotoHead(3, labels)
    corners = torch.tensor([ImageColor.getrgb(colour)[:3] for colour in COLOURS]) / 127.5 - 1
    with torch.no_grad():
        head.linear.weight.copy_(6 * corners)
        head.linear.bias.copy_(-3 * (corners**2).sum(1))
    return PhotoNetwork(nn.AvgPool2d(8), nn.Identity(), head, (0.5,) * 3, (0.5,) * 3).eval()


def _held_out(labels: int) -> str:
    """Answers to a dozen pictures of each label; one in twelve is wrong, and some are unsure."""
    from models.held_out import HeldOutPhotos

    generator = np.random.default_rng(3)
    truth = np.tile(np.arange(labels), 12)
    seen = np.where(np.arange(len(truth)) // labels == 0, (truth + 1) % labels, truth)
    logits = generator.normal(0, 0.7, (len(truth), labels))
    logits[np.arange(len(truth)), seen] += generator.uniform(2, 7, len(truth))
    rows = tuple(tuple(row) for row in logits.round(2).tolist())
    return HeldOutPhotos(labels=tuple(truth.tolist()), logits=rows).model_dump_json()
