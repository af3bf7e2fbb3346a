"""Where lines, dots and words of a chart stand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.live.intervals import Share
from serving.desk.supervisor.charts import WIDTH, curve, nice_top, share_bars, share_lines, span_bars


@given(st.floats(1e-6, 1e9))
def test_an_axis_ends_little_above_the_greatest_value(value: float) -> None:
    top = nice_top(value)
    assert value <= top * (1 + 1e-6)
    assert top <= 2 * value


def test_an_axis_of_nothing_still_has_a_length() -> None:
    assert nice_top(0) == 1


def test_a_line_is_broken_where_a_week_has_no_answer() -> None:
    shares = [Share.of(1, 2), Share.of(0, 0), Share.of(2, 4), Share.of(3, 4)]
    chart = share_lines(["1", "2", "3", "4"], [("first", shares)], str)
    [series] = chart.series
    assert len(series.dots) == 3
    assert series.path.count("M") == 2
    assert series.path.count("L") == 1


def test_intervals_lie_around_their_dots_within_the_chart() -> None:
    chart = share_lines(["1", "2"], [("first", [Share.of(1, 30), Share.of(29, 30)])], str)
    for dot in chart.series[0].dots:
        assert chart.top <= dot.high < dot.y < dot.low <= chart.bottom
        assert chart.left < dot.x < chart.right


def test_of_many_weeks_only_some_are_named() -> None:
    labels = [str(number) for number in range(52)]
    chart = share_lines(labels, [("first", [Share.of(1, 2)] * 52)], str)
    assert len(chart.x_ticks) <= 7
    assert chart.x_ticks[0].text == "0"


def test_marks_stand_where_their_value_is_and_nowhere_else() -> None:
    chart = curve([0.3, 1.0], [0.0, 10.0], [("today", 0.65), ("tried", 1.01)], str, str)
    [mark] = chart.marks
    assert mark.style == "today"
    assert mark.x == pytest.approx((chart.left + chart.right) / 2)


def test_a_curve_of_zeros_lies_on_the_axis() -> None:
    chart = curve([0.0, 1.0], [0.0, 0.0], [], str, str)
    left, right, bottom = float(chart.left), float(chart.right), float(chart.bottom)
    assert chart.series[0].path == f"M{left},{bottom}L{right},{bottom}"


def test_bars_are_as_long_as_their_shares() -> None:
    chart = share_bars([("a", "50 %", Share.of(5, 10)), ("b", "100 %", Share.of(4, 4))])
    assert [bar.value for bar in chart.bars] == [WIDTH / 2, WIDTH]
    assert chart.bars[0].low < chart.bars[0].value < chart.bars[0].high
    assert chart.height == 2 * chart.bars[1].y


def test_spans_share_one_axis() -> None:
    chart = span_bars([("a", "2 s", (1.0, 2.0, 4.0)), ("b", "5 s", (4.0, 5.0, 10.0))])
    assert (chart.bars[0].low, chart.bars[0].value, chart.bars[0].high) == (42.0, 84.0, 168.0)
    assert chart.bars[1].high == WIDTH
