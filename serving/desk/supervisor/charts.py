"""Where the lines, dots and words of a chart stand; templates draw them as SVG."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from evaluation.live.intervals import Share

# In units of the drawing, which grows and shrinks with the page: small enough for letters to stay readable on a phone.
WIDTH, HEIGHT = 420, 210
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 16, 12, 30
ROW = 38
_BAR_Y = 20
_MOST_LABELS = 7

Format = Callable[[float], str]


@dataclass(frozen=True, slots=True)
class Tick:
    """A word on an axis."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Dot:
    """A value with its interval."""

    x: float
    y: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Series:
    """Values in a line, which is broken where one is missing; `style` tells lines apart without colours."""

    style: str
    path: str
    dots: tuple[Dot, ...] = ()


@dataclass(frozen=True, slots=True)
class Mark:
    """A line that marks a value of the axis below."""

    style: str
    x: float


@dataclass(frozen=True, slots=True)
class LineChart:
    """Lines over an axis."""

    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    series: tuple[Series, ...]
    marks: tuple[Mark, ...] = ()
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    right: int = WIDTH - _RIGHT
    top: int = _TOP
    bottom: int = HEIGHT - _BOTTOM


@dataclass(frozen=True, slots=True)
class Bar:
    """A row of a chart of bars: words above, and a span from `low` to `high` with a value in it."""

    label: str
    text: str
    y: float
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class BarChart:
    """Bars below each other."""

    bars: tuple[Bar, ...]
    width: int = WIDTH
    bar_y: int = _BAR_Y

    @property
    def height(self) -> int:
        """As high as its rows."""
        return ROW * len(self.bars)


def share_lines(labels: Sequence[str], lines: Sequence[tuple[str, Sequence[Share]]], written: Format) -> LineChart:
    """Shares over time with their intervals; a share of nothing is left out.

    Args:
        labels: of the places on the axis below.
        lines: the style of each line, and a share for each place.
        written: writes a share.
    """
    known = [share.upper for _, shares in lines for share in shares if share.total]
    scale = _Scale(min(1.0, max(known, default=0.0)))
    places = _places(len(labels))
    series = []
    for style, shares in lines:
        dots = tuple(
            Dot(x, scale.y(share.value), scale.y(share.lower), scale.y(share.upper))
            for x, share in zip(places, shares, strict=True)
            if share.total
        )
        series.append(Series(style, _broken_path(places, shares, scale), dots))
    every = math.ceil(len(labels) / _MOST_LABELS)
    ticks = [Tick(x, text) for x, text in zip(places, labels, strict=True)]
    return LineChart(tuple(ticks[::every]), scale.ticks(written), tuple(series))


def curve(
    xs: Sequence[float], ys: Sequence[float], marks: Sequence[tuple[str, float]], x_written: Format, y_written: Format
) -> LineChart:
    """A line over numbers, with marks on the axis below.

    Args:
        xs: ascending.
        ys: one for each.
        marks: the style and the value of each; one outside the axis is left out.
        x_written: writes a value of the axis below.
        y_written: writes one of the other.
    """
    scale = _Scale(max(ys, default=0.0))
    first, last = xs[0], xs[-1]

    def across(value: float) -> float:
        return round(_LEFT + (value - first) / (last - first) * (WIDTH - _RIGHT - _LEFT), 1)

    path = "M" + "L".join(f"{across(x)},{scale.y(y)}" for x, y in zip(xs, ys, strict=True))
    ticks = tuple(Tick(across(x), x_written(x)) for x in (first + (last - first) * step / 7 for step in range(8)))
    marked = tuple(Mark(style, across(value)) for style, value in marks if first <= value <= last)
    return LineChart(ticks, scale.ticks(y_written), (Series("first", path),), marked)


def share_bars(rows: Sequence[tuple[str, str, Share]]) -> BarChart:
    """Bars of shares with their intervals; each row has a label and words for its value."""
    return BarChart(
        tuple(
            Bar(
                label, text, ROW * number, *(round(WIDTH * part, 1) for part in (share.value, share.lower, share.upper))
            )
            for number, (label, text, share) in enumerate(rows)
        )
    )


def span_bars(rows: Sequence[tuple[str, str, tuple[float, float, float]]]) -> BarChart:
    """Spans with a value in each, such as quartiles; each row has a label and words for its value."""
    top = nice_top(max((high for _, _, (_, _, high) in rows), default=0.0))
    return BarChart(
        tuple(
            Bar(label, text, ROW * number, *(round(WIDTH * part / top, 1) for part in (value, low, high)))
            for number, (label, text, (low, value, high)) in enumerate(rows)
        )
    )


def nice_top(value: float) -> float:
    """The least number that is no less, and whose quarters are round."""
    if value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 1.2, 1.6, 2, 2.4, 3.2, 4, 6, 8, 10) if value <= step * power * (1 + 1e-9))


class _Scale:
    """The axis from 0 up to a round number."""

    def __init__(self, greatest: float) -> None:
        self._top = nice_top(greatest)

    def y(self, value: float) -> float:
        bottom = HEIGHT - _BOTTOM
        return round(bottom - value / self._top * (bottom - _TOP), 1)

    def ticks(self, written: Format) -> tuple[Tick, ...]:
        return tuple(Tick(self.y(self._top * step / 4), written(self._top * step / 4)) for step in range(5))


def _places(number: int) -> list[float]:
    between = (WIDTH - _RIGHT - _LEFT) / max(1, number)
    return [round(_LEFT + between * (place + 0.5), 1) for place in range(number)]


def _broken_path(places: Sequence[float], shares: Sequence[Share], scale: _Scale) -> str:
    path, pen = [], "M"
    for x, share in zip(places, shares, strict=True):
        if not share.total:
            pen = "M"
            continue
        path.append(f"{pen}{x},{scale.y(share.value)}")
        pen = "L"
    return "".join(path)
