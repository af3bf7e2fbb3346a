"""Answers to held-out pictures: numbers in one order, calibrated when they are read."""

from pathlib import Path

import numpy as np
import pytest

from models.held_out import HeldOutPhotos, read_held_out
from triage.errors import InvalidBundle

LOGITS = ((2.0, 0.0, -1.0), (0.0, 3.0, 0.0))


def test_probabilities_are_those_of_the_temperature() -> None:
    photos = HeldOutPhotos(labels=(0, 1), logits=LOGITS)
    found, cooler = photos.probabilities(1.0), photos.probabilities(0.5)
    np.testing.assert_allclose(found.sum(axis=1), 1)
    np.testing.assert_allclose(np.log(found[0, 0] / found[0, 1]), 2.0)
    np.testing.assert_allclose(np.log(cooler[0, 0] / cooler[0, 1]), 4.0)


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    photos = HeldOutPhotos(labels=(0, 1), logits=LOGITS)
    (tmp_path / "held_out.json").write_text(photos.model_dump_json(), encoding="utf-8")
    assert read_held_out(tmp_path / "held_out.json") == photos


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        '{"labels": [], "logits": []}',
        '{"labels": [0, 1], "logits": [[1, 2]]}',
        '{"labels": [0, 1], "logits": [[1, 2], [1]]}',
        '{"labels": [2], "logits": [[1, 2]]}',
        '{"labels": [-1], "logits": [[1, 2]]}',
        '{"labels": [0], "logits": [[]]}',
        '{"labels": [0], "logits": [[1, 2]], "files": ["a.jpg"]}',
    ],
    ids=["nothing", "list", "empty", "too few", "ragged", "foreign label", "negative label", "no logits", "files"],
)
def test_a_file_of_another_shape_is_refused_by_name(tmp_path: Path, content: str) -> None:
    (tmp_path / "held_out.json").write_text(content, encoding="utf-8")
    with pytest.raises(InvalidBundle, match=r"held_out\.json holds no held-out answers"):
        read_held_out(tmp_path / "held_out.json")
