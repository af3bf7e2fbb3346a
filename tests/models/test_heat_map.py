"""Heat maps: a PNG of the picture, reddened where the label's score is high and nowhere else."""

import io

import numpy as np
import pytest
from PIL import Image

from models.heat_map import heat_map

SIZE = 64
GREY = np.full((SIZE, SIZE, 3), 128, np.uint8)


def drawn(scores: np.ndarray, picture: np.ndarray = GREY) -> np.ndarray:
    with Image.open(io.BytesIO(heat_map(picture, scores))) as image:
        assert (image.format, image.mode) == ("PNG", "RGB")
        return np.asarray(image, int)


def test_the_map_has_the_size_of_the_picture() -> None:
    assert drawn(np.ones((7, 7)), GREY[:40]).shape == (40, SIZE, 3)


def test_the_picture_is_reddened_where_the_scores_are() -> None:
    scores = np.zeros((8, 8))
    scores[:, :3] = 5.0
    found = drawn(scores)
    left, right = found[:, :16], found[:, 48:]
    assert (left[..., 0] > 200).all()
    assert (left[..., 2] < 60).all()
    assert np.abs(right - 128).max() <= 2


@pytest.mark.parametrize("scores", [np.zeros((5, 5)), np.full((5, 5), -3.0)], ids=["nothing", "all against"])
def test_where_nothing_speaks_for_the_label_the_picture_is_as_it_was(scores: np.ndarray) -> None:
    assert np.abs(drawn(scores) - 128).max() <= 1


def test_what_speaks_against_the_label_is_not_marked() -> None:
    scores = np.full((8, 8), -100.0)
    scores[4, 4] = 0.1
    found = drawn(scores)
    assert found[36, 36, 0] > 180
    assert np.abs(found[8, 8] - 128).max() <= 2


def test_the_scale_of_the_scores_does_not_matter() -> None:
    scores = np.random.default_rng(1).random((8, 8))
    np.testing.assert_array_equal(drawn(scores), drawn(scores * 1024))


def test_every_value_stays_a_colour() -> None:
    picture = np.random.default_rng(2).integers(0, 256, (SIZE, SIZE, 3)).astype(np.uint8)
    scores = np.eye(8) * 10  # sharp edges, which cubic interpolation overshoots
    found, plain = drawn(scores, picture), picture.astype(int)
    assert (found[..., 0] >= plain[..., 0] - 1).all()
    assert (found[..., 2] <= plain[..., 2] + 1).all()
