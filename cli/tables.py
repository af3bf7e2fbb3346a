"""Tables that more than one sub-command prints."""

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evaluation.evaluate import Evaluation


def print_evaluation(evaluation: "Evaluation") -> None:
    """Print the figures of a model beside those of the baseline."""
    from rich.console import Console
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
    # A pipe has no width; 80 columns would cut the intervals off.
    console = Console() if sys.stdout.isatty() else Console(width=120)
    console.print(table)
    decisions = evaluation.decisions
    console.print(
        f"Routed without review: {decisions.routed:.1%} of the alerts that are not critical, wrong category or"
        f" department in {decisions.routed_error:.1%} of what is routed. Critical alerts caught:"
        f" {decisions.urgent_caught:.1%}; others flagged: {decisions.others_flagged:.1%}.",
        highlight=False,
    )
