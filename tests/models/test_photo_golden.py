"""Golden pictures: drawn alike everywhere, and a model that answers otherwise is found out."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.photo import DESCRIPTION, PhotoModel
from models.photo_golden import (
    GOLDEN,
    PICTURES,
    TOLERANCE,
    check_golden_pictures,
    drawn_pictures,
    write_golden_pictures,
)
from models.predictor import Predictor
from triage.errors import InvalidBundle

Reseal = Callable[..., Path]
Change = Callable[[list[dict[str, Any]]], None]


@pytest.fixture
def written(tmp_path: Path, colour_model: PhotoModel) -> Path:
    path = tmp_path / "golden.json"
    write_golden_pictures(path, colour_model)
    return path


def changed(path: Path, change: Change) -> Path:
    rows = json.loads(path.read_text(encoding="utf-8"))
    change(rows)
    path.write_text(json.dumps(rows), encoding="utf-8")
    return path


def test_pictures_are_drawn_alike_on_every_machine() -> None:
    content = b"".join(picture.tobytes() for picture in drawn_pictures(32))
    assert hashlib.sha256(content).hexdigest() == "f08ce87725af2758c38731763a13cfbb73cfb29cc46d23f6921f24ba59e8a441"


@pytest.mark.parametrize("size", [32, 96, 224])
def test_pictures_are_several_and_all_different(size: int) -> None:
    pictures = drawn_pictures(size)
    assert len(pictures) == PICTURES
    assert all(picture.shape == (size, size, 3) and picture.dtype == np.uint8 for picture in pictures)
    assert len({picture.tobytes() for picture in pictures}) == PICTURES
    assert all(picture.std() > 10 for picture in pictures)


def test_the_model_that_wrote_the_answers_reproduces_them(written: Path, colour_model: PhotoModel) -> None:
    check_golden_pictures(written, colour_model)


def test_the_predictor_proves_its_photo_part_too(seeing: Predictor) -> None:
    seeing.check_golden()


@pytest.mark.parametrize("name", ["probabilities", "embedding"])
def test_a_changed_answer_is_refused_with_a_sentence(written: Path, colour_model: PhotoModel, name: str) -> None:
    def change(rows: list[dict[str, Any]]) -> None:
        rows[3][name][1] += 2 * TOLERANCE

    with pytest.raises(InvalidBundle, match=f"drawn picture 3 .* in its {name}.*do not serve it") as caught:
        check_golden_pictures(changed(written, change), colour_model)
    assert caught.value.message.endswith(".")


def test_a_difference_between_processors_is_none(written: Path, colour_model: PhotoModel) -> None:
    def change(rows: list[dict[str, Any]]) -> None:
        rows[0]["probabilities"][0] += TOLERANCE / 2

    check_golden_pictures(changed(written, change), colour_model)


def drop_a_picture(rows: list[dict[str, Any]]) -> None:
    rows.pop()


def drop_a_label(rows: list[dict[str, Any]]) -> None:
    rows[0]["probabilities"].pop()


def shorten_an_embedding(rows: list[dict[str, Any]]) -> None:
    rows[0]["embedding"].pop()


@pytest.mark.parametrize("change", [drop_a_picture, drop_a_label, shorten_an_embedding])
def test_answers_of_another_model_are_refused(written: Path, colour_model: PhotoModel, change: Change) -> None:
    with pytest.raises(InvalidBundle, match="of another model"):
        check_golden_pictures(changed(written, change), colour_model)


@pytest.mark.parametrize("content", ["", "{}", "[]", "[{}]", '[{"probabilities": ["a"], "embedding": []}]'])
def test_a_file_of_another_shape_is_refused(written: Path, colour_model: PhotoModel, content: str) -> None:
    written.write_text(content, encoding="utf-8")
    with pytest.raises(InvalidBundle, match="holds no golden answers"):
        check_golden_pictures(written, colour_model)


def test_other_weights_are_found_out_by_the_golden_pictures(colour_copy: Path, reseal: Reseal) -> None:
    # The temperature stands for the weights: it changes every probability, and its digest is right.
    description = json.loads((colour_copy / DESCRIPTION).read_text(encoding="utf-8"))
    (colour_copy / DESCRIPTION).write_text(json.dumps(description | {"temperature": 5.0}), encoding="utf-8")
    with pytest.raises(InvalidBundle, match=GOLDEN):
        Predictor.load(reseal(colour_copy), threads=1).check_golden()
