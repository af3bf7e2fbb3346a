"""The curves as a picture."""

import io
from collections.abc import Mapping

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from evaluation.benchmarks.learning.figures import REFERENCE, mean_interval
from evaluation.benchmarks.learning.simulation import MEASURES, Curve, Curves

_DOTS = 110
# Colours that readers who do not tell red from green tell apart (Okabe and Ito).
_COLOURS = ("#000000", "#d55e00", "#0072b2", "#56b4e9", "#e69f00", "#009e73", "#cc79a7")


def plot_curves(curves: Curves) -> bytes:
    """A PNG with one field a measure: mean over the seeds by the number of labels, with 90 % intervals."""
    with rc_context({"font.size": 9, "axes.spines.top": False, "axes.spines.right": False}):
        figure = Figure(figsize=(11, 7.4), layout="constrained")
        for axes, measure in zip(figure.subplots(2, 2).ravel(), MEASURES, strict=True):
            values = {name: found[measure] for name, found in curves.values.items()}
            _draw(axes, measure, curves.counts, values, curves.full[measure])
        handles, names = figure.axes[0].get_legend_handles_labels()
        figure.legend(handles, names, loc="outside lower center", ncols=4, frameon=False)
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png", dpi=_DOTS, metadata={"Software": None})
    return buffer.getvalue()


def _draw(axes: Axes, measure: str, counts: tuple[int, ...], values: Mapping[str, Curve], full: float) -> None:
    for (name, runs), colour in zip(values.items(), _COLOURS, strict=False):
        points = [mean_interval(runs[:, column]) for column in range(len(counts))]
        style = "--" if name == REFERENCE else "-"
        axes.plot(counts, [point.value for point in points], style, color=colour, label=name, linewidth=1.6)
        low, high = [point.low for point in points], [point.high for point in points]
        axes.fill_between(counts, low, high, color=colour, alpha=0.08, linewidth=0)
    axes.axhline(full, color="#8a94a3", linewidth=1, linestyle=":", label="all labels of the corpus")
    axes.set_title(measure, loc="left")
    axes.set_xlabel("labels")
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.grid(color="#e6eaef", linewidth=0.8)
    axes.set_axisbelow(True)
