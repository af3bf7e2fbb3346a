"""The plots of a report, each an SVG in a data URI: no file beside the page, and no identifiers that clash in it."""

import base64
import io
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter
from matplotlib.typing import RcKeyType

from evaluation.decisions import DecisionFigures, RiskCoverage
from evaluation.report.content import Confusions, ReliabilityBin
from triage.taxonomy import Head

_STYLE: dict[RcKeyType, Any] = {
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#8a94a3",
    "axes.labelcolor": "#3b4453",
    "axes.titlelocation": "left",
    "axes.titlesize": 10,
    "xtick.color": "#3b4453",
    "ytick.color": "#3b4453",
    "svg.hashsalt": "triage",  # the same figures give the same bytes
}
_BLUE, _GREY, _RED = "#1f5fa8", "#c4ccd6", "#b3261e"


def confusion_plot(confusions: Confusions) -> str:
    """Counts in cells shaded by their share of the truth's rows; truths in lines, answers in columns."""
    counts = np.array(confusions.counts)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    size = len(confusions.codes)
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(2.3 + 0.3 * size, 1.5 + 0.28 * size), layout="constrained")
        axes = figure.subplots()
        axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
        for (line, column), count in np.ndenumerate(counts):
            if count:
                colour = "white" if shares[line, column] > 0.55 else "#1b2430"
                axes.text(column, line, str(count), ha="center", va="center", fontsize=8, color=colour)
        axes.set_xticks(range(size), confusions.codes, rotation=45, ha="right", rotation_mode="anchor")
        axes.set_yticks(range(size), confusions.codes)
        axes.set_xlabel("answer")
        axes.set_ylabel("truth")
        axes.spines[:].set_visible(False)
        axes.tick_params(length=0)
        return _data_uri(figure)


def reliability_plot(reliability: Mapping[Head, Sequence[ReliabilityBin]]) -> str:
    """Accuracy against confidence per head, above the number of rows in each bin."""
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(10.5, 4.2), layout="constrained")
        upper, lower = figure.subplots(2, len(reliability), sharex=True, height_ratios=[3, 1], squeeze=False)
        for above, below, (head, bins) in zip(upper, lower, reliability.items(), strict=True):
            _reliability_axes(above, below, head, bins)
        upper[0].set_ylabel("share right")
        lower[0].set_ylabel("rows")
        return _data_uri(figure)


def _reliability_axes(above: Axes, below: Axes, head: str, bins: Sequence[ReliabilityBin]) -> None:
    width = bins[0].high - bins[0].low
    some = [item for item in bins if item.rows]
    starts = [item.low for item in some]
    heights = [item.accuracy or 0.0 for item in some]
    above.bar(starts, heights, width, align="edge", color=_BLUE, alpha=0.75, edgecolor="white", linewidth=0.6)
    above.plot([0, 1], [0, 1], color="#3b4453", linewidth=1, linestyle="--")
    above.plot([item.confidence or 0.0 for item in some], heights, ".", color="#0b2545", markersize=5)
    above.set(title=head, xlim=(0, 1), ylim=(0, 1.02))
    bars = below.bar(starts, [item.rows for item in some], width, align="edge", color=_GREY, edgecolor="white")
    below.bar_label(bars, fontsize=6, padding=1)
    below.set_xlabel("confidence")
    below.margins(y=0.25)


def risk_coverage_plot(curve: RiskCoverage, policy: RiskCoverage, decisions: DecisionFigures, error_rate: float) -> str:
    """Risk against coverage, by confidence alone and as the policy holds alerts back, and the point that ships."""
    shipped = decisions.routed_error
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(7, 3.6), layout="constrained")
        axes = figure.subplots()
        axes.plot(curve.coverage, curve.risk, color="#8fb3dc", linewidth=1.4, label="by confidence alone")
        axes.plot(policy.coverage, policy.risk, color=_BLUE, linewidth=1.8, label="without what the policy holds back")
        axes.axhline(error_rate, color="#3b4453", linewidth=1, linestyle="--", label=f"stated error, {error_rate:.0%}")
        if shipped.total:
            bar = [[shipped.value - shipped.lower], [shipped.upper - shipped.value]]
            label = f"what ships: {decisions.routed:.1%} routed, {shipped:.1%} wrong"
            axes.errorbar([decisions.routed.value], [shipped.value], bar, fmt="o", color=_RED, capsize=3, label=label)
        axes.set(xlabel="share of the alerts routed", ylabel="share wrong among them", xlim=(0, 1))
        axes.set_ylim(bottom=0)
        axes.xaxis.set_major_formatter(PercentFormatter(1))
        axes.yaxis.set_major_formatter(PercentFormatter(1))
        axes.grid(color="#e6eaef", linewidth=0.8)
        axes.set_axisbelow(True)
        axes.legend(frameon=False, loc="upper left")
        return _data_uri(figure)


def _data_uri(figure: Figure) -> str:
    stream = io.BytesIO()
    figure.savefig(stream, format="svg", metadata={"Date": None})
    return "data:image/svg+xml;base64," + base64.b64encode(stream.getvalue()).decode()
