"""Shows what gates said: a line for each while they are tried, a table, and JSON."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

    from training.promotion.contest import Contest
    from training.promotion.gate import Gate, GateResult, Measure

_COLOURS = {"pass": "green", "fail": "bold red", "skipped": "dim", "forced": "yellow"}


def try_with_progress(gates: "Iterable[Gate]", contest: "Contest", console: "Console") -> "list[GateResult]":
    """Try each gate, and show which one is being tried."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from training.promotion.gate import try_gates

    gates = tuple(gates)
    results: list[GateResult] = []
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=len(gates))
        for gate in gates:
            progress.update(task, description=f"{gate.code} {gate.title}")
            results.extend(try_gates((gate,), contest))
            progress.advance(task)
    return results


def print_gates(results: "Iterable[GateResult]", contest: "Contest") -> None:
    """Print the table of gates; below the message of a shut one stands each figure that is beyond its limit."""
    from rich.table import Table
    from rich.text import Text

    from cli.tables import wide_console

    after, before = contest.challenger.model_info.version, contest.champion.model_info.version
    table = Table(title=f"{after} against {before}", show_lines=True)
    for column in ("code", "what must hold", "status", "what was found"):
        table.add_column(column, overflow="fold")
    for result in results:
        found = Text(result.message)
        for measure in result.measures:
            if not measure.holds:
                found.append(f"\n{_beyond(measure)}", "red")
        table.add_row(result.code, result.title, Text(result.status, _COLOURS[result.status]), found)
    wide_console().print(table)


def gate_document(result: "GateResult") -> dict[str, Any]:
    """What a machine reads of a gate; a figure that is no number is null."""
    import math

    measures = [
        {
            "name": measure.name,
            "value": measure.value if math.isfinite(measure.value) else None,
            "limit": measure.limit,
            "at_least": measure.at_least,
            "holds": measure.holds,
        }
        for measure in result.measures
    ]
    return {
        "code": result.code,
        "title": result.title,
        "status": result.status,
        "message": result.message,
        "measures": measures,
    }


def _beyond(measure: "Measure") -> str:
    side = "at least" if measure.at_least else "at most"
    return f"{measure.name} is {measure.value:.4g}, {side} {measure.limit:.4g} passes"
