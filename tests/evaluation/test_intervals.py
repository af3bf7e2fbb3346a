"""Bootstrap intervals, against the normal approximation and cases worked out by hand."""

import numpy as np
import pytest

from evaluation.intervals import Interval, bootstrap


def test_an_interval_formats_as_its_value() -> None:
    assert f"{Interval(0.5, 0.4, 0.6):.2f}" == "0.50"


def test_the_interval_of_a_mean_is_that_of_the_normal_approximation() -> None:
    values = np.arange(400) % 2
    found = bootstrap(lambda rows: float(values[rows].mean()), 400)
    half = 1.645 * 0.5 / np.sqrt(400)
    assert found.value == 0.5
    assert found.low == pytest.approx(0.5 - half, abs=0.01)
    assert found.high == pytest.approx(0.5 + half, abs=0.01)


def test_equal_seeds_draw_equal_rows() -> None:
    draws: list[list[int]] = [[], []]
    for drawn in draws:
        bootstrap(lambda rows, drawn=drawn: drawn.append(int(rows.sum())) or 0.0, 10)  # type: ignore[func-returns-value]
    assert draws[0] == draws[1]
    assert len(set(draws[0])) > 10


def test_a_centred_interval_lies_around_a_figure_that_repeated_rows_raise() -> None:
    # The share of rows that were not drawn is 0 as measured, and about 1/e in each draw.
    def missing(rows: np.ndarray) -> float:
        return 1 - len(set(rows.tolist())) / 100

    plain, centred = bootstrap(missing, 100), bootstrap(missing, 100, centred=True)
    assert plain.value == centred.value == 0.0
    assert plain.low > 0.3
    assert centred.low == 0.0
    assert 0 < centred.high < 0.1
