"""Tables that more than one sub-command prints."""

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console

    from evaluation.evaluate import Evaluation
    from evaluation.targets import Target

_COLOURS = {"reached": "green", "missed": "red"}


def print_evaluation(evaluation: "Evaluation") -> None:
    """Print the figures of a model beside those of the baseline."""
    from rich.table import Table

    table = Table(title=f"{evaluation.rows} alerts, 90 % bootstrap intervals")
    for column in ("head", "macro-F1", "tf-idf baseline", "gain", "accuracy", "top 3", "calibration error"):
        table.add_column(column, justify="left" if column == "head" else "right")
    for head, figures in evaluation.model.items():
        interval, baseline = figures.macro_f1, evaluation.baseline[head].macro_f1
        table.add_row(
            head,
            f"{interval.value:.3f} ({interval.low:.3f}–{interval.high:.3f})",
            f"{baseline.value:.3f} ({baseline.low:.3f}–{baseline.high:.3f})",
            f"{100 * (interval.value - baseline.value):+.1f}",
            f"{figures.accuracy:.3f}",
            f"{figures.top_3:.3f}",
            f"{figures.calibration_error:.3f}",
        )
    console = wide_console()
    console.print(table)
    decisions = evaluation.decisions
    console.print(
        f"Routed without review: {decisions.routed:.1%} of the alerts that are not critical, wrong category or"
        f" department in {decisions.routed_error:.1%} of these (at most {decisions.routed_error.upper:.1%}, with 90 %"
        f" confidence). Critical alerts caught: {decisions.urgent_caught:.1%} (at least"
        f" {decisions.urgent_caught.lower:.1%}); others flagged: {decisions.others_flagged:.1%}.",
        highlight=False,
    )


def print_figures(metrics: "Mapping[str, float]") -> None:
    """Print named figures."""
    from rich.table import Table

    table = Table()
    table.add_column("figure")
    table.add_column("value", justify="right")
    for name, value in metrics.items():
        table.add_row(name, f"{value:.3f}")
    wide_console().print(table)


def print_targets(targets: "Sequence[Target]") -> None:
    """Print the table of targets, each reached, missed, or not measured."""
    from rich.table import Table
    from rich.text import Text

    table = Table(title="Targets")
    for column in ("what", "target", "found", "how sure", "status"):
        table.add_column(column, justify="right" if column in {"target", "found"} else "left")
    for target in targets:
        status = Text(target.status, _COLOURS.get(target.status, "dim"))
        table.add_row(target.name, target.goal, target.found, target.bounds, status)
    wide_console().print(table)


def wide_console() -> "Console":
    """A terminal as it is; whatever else reads gets lines that are not cut short."""
    from rich.console import Console

    # A pipe has no width; 80 columns would cut the intervals off.
    return Console() if sys.stdout.isatty() else Console(width=140)
