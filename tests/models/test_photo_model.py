"""The photo model: the same answer however pictures are grouped, calibrated, and with a map for each label."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from models.bundle import load_bundle
from models.photo import DESCRIPTION, MAX_BATCH_PHOTOS, MODEL, PhotoDescription, PhotoModel, prepare
from triage.errors import InvalidBundle

Paint = Callable[..., Image.Image]
Reseal = Callable[..., Path]


def noise(count: int, size: int) -> list[np.ndarray]:
    generator = np.random.default_rng(5)
    return [generator.integers(0, 256, (size, size, 3)).astype(np.uint8) for _ in range(count)]


def test_every_colour_is_known(colour_model: PhotoModel, paint: Paint, colour_of: dict[str, str]) -> None:
    pictures = [colour_model.prepare(paint(colour)) for colour in colour_of.values()]
    found = colour_model.predict(pictures).probabilities
    assert found.argmax(axis=1).tolist() == list(range(len(colour_of)))
    assert list(colour_of) == list(colour_model.description.labels)
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-6)


@pytest.mark.parametrize("count", [1, MAX_BATCH_PHOTOS - 1, MAX_BATCH_PHOTOS, MAX_BATCH_PHOTOS + 1, 40])
def test_a_picture_gets_the_same_answer_in_any_company(colour_model: PhotoModel, count: int) -> None:
    pictures = noise(40, colour_model.description.size)
    together = colour_model.predict(pictures[:count])
    assert len(together.probabilities) == len(together.embeddings) == len(together.maps) == count
    for number in (0, count - 1):
        alone = colour_model.predict([pictures[number]])
        np.testing.assert_allclose(together.probabilities[number], alone.probabilities[0], atol=1e-5)
        np.testing.assert_allclose(together.embeddings[number], alone.embeddings[0], atol=1e-5)
        np.testing.assert_allclose(together.maps[number], alone.maps[0], atol=1e-3)


def test_embeddings_have_unit_length(colour_model: PhotoModel) -> None:
    found = colour_model.predict(noise(3, colour_model.description.size)).embeddings
    assert found.shape == (3, colour_model.description.width)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)


def test_the_map_of_a_label_is_high_where_its_colour_is(
    colour_model: PhotoModel, paint: Paint, colour_of: dict[str, str]
) -> None:
    left, right = list(colour_of.values())[:2]
    maps = colour_model.predict([colour_model.prepare(paint(left, right))]).maps[0]
    half = maps.shape[2] // 2
    assert (maps[0, :, :half] > maps[0, :, half:]).all()
    assert (maps[1, :, :half] < maps[1, :, half:]).all()


def test_a_higher_temperature_makes_every_answer_less_sure(colour_bundle: Path, colour_model: PhotoModel) -> None:
    warm = colour_model.description.model_copy(update={"temperature": 4.0})
    pictures = noise(5, warm.size)
    sure = colour_model.predict(pictures).probabilities
    less = PhotoModel(colour_bundle / MODEL, warm, threads=1).predict(pictures).probabilities
    assert (less.max(axis=1) < sure.max(axis=1)).all()
    assert less.argmax(axis=1).tolist() == sure.argmax(axis=1).tolist()


# What the graph takes


@pytest.mark.parametrize("shape", [(64, 48), (10, 300), (1, 1), (224, 224)])
def test_a_picture_of_any_shape_is_squeezed_whole_into_a_square(shape: tuple[int, int]) -> None:
    found = prepare(Image.new("RGB", shape, (10, 20, 30)), 32)
    assert found.shape == (32, 32, 3)
    assert found.dtype == np.uint8
    assert (found == (10, 20, 30)).all()


def test_what_lies_at_an_edge_is_not_cut_off(paint: Paint) -> None:
    wide = paint("red", "blue", side=400).crop((0, 0, 400, 40))
    found = prepare(wide, 32)
    assert (found[:, :14] == (255, 0, 0)).all()
    assert (found[:, 18:] == (0, 0, 255)).all()


# Descriptions


@pytest.mark.parametrize(
    "change",
    [{"size": 0}, {"size": 5000}, {"temperature": 0}, {"abstains_below": 2}, {"labels": "waste"}, {"colour": 1}],
    ids=lambda change: next(iter(change)),
)
def test_a_description_that_makes_no_sense_is_refused(
    colour_copy: Path, reseal: Reseal, change: dict[str, Any]
) -> None:
    path = colour_copy / DESCRIPTION
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | change), encoding="utf-8")
    with pytest.raises(InvalidBundle, match="does not describe a photo model"):
        PhotoModel.from_bundle(load_bundle(reseal(colour_copy)))


def test_a_model_that_never_answers_for_itself_may_be_described() -> None:
    never = PhotoDescription(size=32, width=1, labels=("a",), temperature=1.0, abstains_below=1.01)
    assert PhotoDescription.model_validate_json(never.model_dump_json()) == never
