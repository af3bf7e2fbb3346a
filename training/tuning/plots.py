"""How a search went and what mattered in it, as pictures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from matplotlib.typing import RcKeyType

_DOTS = 150
_STYLE: dict[RcKeyType, Any] = {
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlelocation": "left",
}
# Colours that readers who do not tell red from green tell apart (Okabe and Ito).
_FINISHED, _PRUNED, _BEST = "#0072b2", "#d55e00", "#000000"


@dataclass(frozen=True, slots=True)
class TrialPoint:
    """The number of a trial, its score (a pruned one's last), and whether it was pruned."""

    number: int
    score: float
    pruned: bool


def plot_history(points: Sequence[TrialPoint], path: Path) -> None:
    """The score of each trial, and the best of those that finished so far."""
    finished = [point for point in points if not point.pruned]
    pruned = [point for point in points if point.pruned]
    best = [max(point.score for point in finished[: count + 1]) for count in range(len(finished))]
    with rc_context(_STYLE):
        figure = Figure(figsize=(8, 4), layout="constrained")
        axes = figure.subplots()
        axes.scatter(*_columns(finished), color=_FINISHED, s=28, label="finished", zorder=3)
        axes.scatter(*_columns(pruned), color=_PRUNED, marker="x", s=28, label="pruned", zorder=3)
        axes.step([point.number for point in finished], best, where="post", color=_BEST, linewidth=1, label="best")
        axes.set(title="Score of each trial", xlabel="trial", ylabel="macro-F1 on validation, mean of the heads")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.grid(color="#e6eaef", linewidth=0.8)
        axes.legend(frameon=False, loc="lower right")
        figure.savefig(path, dpi=_DOTS, metadata={"Software": None})


def plot_importance(importance: Mapping[str, float], path: Path) -> None:
    """How much of the variance of the scores each choice explains, the most telling above."""
    ordered = sorted(importance.items(), key=lambda item: item[1])
    with rc_context(_STYLE):
        figure = Figure(figsize=(8, 1.2 + 0.32 * len(ordered)), layout="constrained")
        axes = figure.subplots()
        bars = axes.barh([name for name, _ in ordered], [value for _, value in ordered], color=_FINISHED)
        axes.bar_label(bars, [f"{value:.0%}" for _, value in ordered], padding=4)
        axes.set(title="What mattered", xlabel="share of the variance of the scores (fANOVA, finished trials)")
        axes.set_xlim(0, 1.12 * max(*importance.values(), 0.01))
        axes.spines["left"].set_visible(False)
        axes.tick_params(axis="y", length=0)
        figure.savefig(path, dpi=_DOTS, metadata={"Software": None})


def _columns(points: Sequence[TrialPoint]) -> tuple[list[int], list[float]]:
    return [point.number for point in points], [point.score for point in points]
