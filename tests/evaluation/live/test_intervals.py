"""Exact bounds of shares, against the definition, another implementation and cases worked out by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta, binom

from evaluation.live.intervals import Share, beta_quantile


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


@given(st.integers(1, 100_000), st.sampled_from([0.8, 0.9, 0.95, 0.975, 0.999]), st.data())
def test_bounds_of_any_confidence_are_quantiles_of_beta_variables(
    total: int, confidence: float, data: st.DataObject
) -> None:
    hits = data.draw(st.integers(1, total))
    lower = beta_quantile(1 - confidence, hits, total - hits + 1)
    assert lower == pytest.approx(beta.ppf(1 - confidence, hits, total - hits + 1), rel=1e-9)
    assert Share.of(hits, total, confidence).lower == lower


def test_more_confidence_widens_the_bounds() -> None:
    usual, sure = Share.of(7, 50), Share.of(7, 50, 0.975)
    assert sure.lower < usual.lower < usual.upper < sure.upper


def test_a_share_formats_as_its_value() -> None:
    assert f"{Share.of(1, 4):.1%}" == "25.0%"
