"""Labels needed: read off curves that were written by hand."""

import numpy as np
import pytest

from evaluation.benchmarks.learning.figures import gains, labels_needed, mean_interval
from evaluation.benchmarks.learning.plot import plot_curves
from evaluation.benchmarks.learning.simulation import MEASURES, Curves

COUNTS = (100, 200, 300, 400, 500)
LINE = [0.1, 0.2, 0.3, 0.4, 0.5]
SLOW = [0.1, 0.15, 0.2, 0.25, 0.3]


def curves(**runs: list[list[float]]) -> Curves:
    values = {name.replace("_", " "): dict.fromkeys(MEASURES, np.array(each)) for name, each in runs.items()}
    return Curves(COUNTS, values, dict.fromkeys(MEASURES, 0.9))


def test_random_choice_is_read_off_at_quarters_of_what_is_added() -> None:
    found = [item for item in labels_needed(curves(random=[LINE, LINE]), MEASURES[0]) if item.strategy == "random"]
    assert [item.reference for item in found] == [200, 300, 400]
    assert [item.level for item in found] == pytest.approx([0.2, 0.3, 0.4])
    assert [item.labels.value for item in found] == pytest.approx([200, 300, 400])
    assert {round(item.ratio.value, 9) for item in found} == {1.0}


def test_a_slower_way_needs_more_labels_and_says_where_it_does_not_arrive() -> None:
    found = [item for item in labels_needed(curves(random=[LINE], slow=[SLOW]), MEASURES[0]) if item.strategy == "slow"]
    assert [item.labels.value for item in found] == pytest.approx([300, 500, 500])
    assert found[0].ratio.value == pytest.approx(1.5)
    assert [item.missed for item in found] == [0, 0, 1]


def test_a_level_that_the_start_has_already_needs_no_more_than_the_start() -> None:
    high = [0.6] * 5
    found = [item for item in labels_needed(curves(random=[LINE], high=[high]), MEASURES[0]) if item.strategy == "high"]
    assert {item.labels.value for item in found} == {100.0}


def test_gains_are_mean_heights_above_random_choice() -> None:
    found = gains(curves(random=[LINE, LINE], slow=[SLOW, SLOW]), MEASURES[0])
    assert list(found) == ["slow"]
    assert found["slow"].value == pytest.approx(-0.1)
    assert found["slow"].low == pytest.approx(found["slow"].high)


def test_the_interval_is_that_of_student() -> None:
    found = mean_interval(np.array([1.0, 2.0, 3.0]))
    # The 95 % quantile for two degrees of freedom is 2.920.
    assert (found.value, found.high - found.value) == pytest.approx((2.0, 2.920 / np.sqrt(3)), abs=1e-3)
    one = mean_interval(np.array([4.0]))
    assert (one.low, one.value, one.high) == (4.0, 4.0, 4.0)


def test_the_picture_is_a_png_and_the_same_for_the_same_curves() -> None:
    made = curves(random=[LINE, SLOW], slow=[SLOW, SLOW])
    first, second = plot_curves(made), plot_curves(made)
    assert first.startswith(b"\x89PNG")
    assert first == second
