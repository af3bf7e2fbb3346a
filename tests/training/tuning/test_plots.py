"""The plots: pictures that hold what they were given, whatever of it is missing."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from training.tuning.plots import TrialPoint, plot_history, plot_importance


def colours(path: Path) -> set[tuple[int, ...]]:
    with Image.open(path) as picture:
        assert picture.format == "PNG"
        return {tuple(pixel) for pixel in np.asarray(picture.convert("RGB")).reshape(-1, 3)[::3].tolist()}


BLUE, VERMILION = (0, 114, 178), (213, 94, 0)


def test_finished_and_pruned_trials_have_colours_of_their_own(tmp_path: Path) -> None:
    points = [TrialPoint(number, 0.5 + 0.01 * number, number % 3 == 2) for number in range(9)]
    plot_history(points, tmp_path / "history.png")
    assert {BLUE, VERMILION} <= colours(tmp_path / "history.png")


@pytest.mark.parametrize("pruned", [True, False])
def test_a_history_of_one_kind_alone_can_be_drawn(tmp_path: Path, pruned: bool) -> None:
    plot_history([TrialPoint(0, 0.4, pruned)], tmp_path / "history.png")
    assert BLUE in colours(tmp_path / "history.png") or pruned


def test_each_choice_has_a_bar_and_more_choices_a_higher_picture(tmp_path: Path) -> None:
    heights = []
    for count in (2, 9):
        plot_importance({f"choice {number}": (number + 1) / 60 for number in range(count)}, tmp_path / "importance.png")
        assert BLUE in colours(tmp_path / "importance.png")
        with Image.open(tmp_path / "importance.png") as picture:
            heights.append(picture.height)
    assert heights[0] < heights[1]


def test_choices_of_which_none_mattered_can_be_drawn(tmp_path: Path) -> None:
    plot_importance({"one": 0.0, "two": 0.0}, tmp_path / "importance.png")
    assert (tmp_path / "importance.png").stat().st_size > 0
