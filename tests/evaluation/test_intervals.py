"""Bounds and intervals, against the definitions and cases worked out by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from evaluation.intervals import Interval, Share, bootstrap


def test_of_no_hits_the_upper_bound_is_where_none_has_a_chance_of_one_in_ten() -> None:
    share = Share.of(0, 20)
    assert (share.value, share.lower) == (0.0, 0.0)
    assert share.upper == pytest.approx(1 - 0.1 ** (1 / 20))


def test_of_hits_alone_the_lower_bound_is_where_all_have_a_chance_of_one_in_ten() -> None:
    share = Share.of(55, 55)
    assert (share.value, share.upper) == (1.0, 1.0)
    assert share.lower == pytest.approx(0.1 ** (1 / 55))


@given(st.integers(1, 200), st.data())
def test_at_each_bound_what_was_seen_has_a_chance_of_one_in_ten(total: int, data: st.DataObject) -> None:
    hits = data.draw(st.integers(0, total))
    share = Share.of(hits, total)
    assert share.lower <= share.value <= share.upper
    if hits:
        assert binom.sf(hits - 1, total, share.lower) == pytest.approx(0.1, rel=1e-6)
    if hits < total:
        assert binom.cdf(hits, total, share.upper) == pytest.approx(0.1, rel=1e-6)


def test_a_share_of_nothing_is_zero_and_its_bounds_say_nothing() -> None:
    assert Share.of(0, 0) == Share(0, 0, 0.0, 0.0, 1.0)


def test_a_share_is_counted_among_the_rows_asked_for() -> None:
    values, among = np.array([True, True, False, False]), np.array([True, False, True, True])
    found = Share.among(values, among)
    assert (found.hits, found.total) == (1, 3)


def test_shares_and_intervals_format_as_their_values() -> None:
    assert f"{Share.of(1, 4):.1%}" == "25.0%"
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
