"""How events, and those who are told of them, are printed."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from triage.store.delivery_records import Delivery, Outlook
    from triage.store.records import OutboxEvent


def print_table(columns: Sequence[str], rows: "Sequence[Sequence[str]]") -> None:
    """Print rows under their columns; without rows nothing at all."""
    from rich.table import Table
    from rich.text import Text

    from cli.tables import wide_console

    if not rows:
        return
    table = Table()
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(_printable(cell)) for cell in row))
    wide_console().print(table)


def _printable(cell: str) -> str:
    # Whatever a cell quotes, a terminal shows it and does not obey it.
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in cell)


def state_in_words(outlook: "Outlook") -> str:
    """How a target is doing, in a line."""
    state = outlook.state
    parts = []
    if state.failing_since is not None:
        parts.append(f"failing since {state.failing_since:%Y-%m-%d %H:%M} UTC: {state.reason}")
    if outlook.waiting:
        parts.append(f"{outlook.waiting} waiting")
    if outlook.dead:
        parts.append(f"{outlook.dead} given up")
    return "; ".join(parts) or "well"


def target_document(outlook: "Outlook") -> dict[str, Any]:
    """How a target is doing, ready for JSON."""
    state = outlook.state
    return {
        "target": state.name,
        "failing_since": state.failing_since.isoformat() if state.failing_since else None,
        "reason": state.reason,
        "paused_until": state.paused_until.isoformat() if state.paused_until else None,
        "waiting": outlook.waiting,
        "oldest": outlook.oldest.isoformat() if outlook.oldest else None,
        "dead": outlook.dead,
    }


def event_document(event: "OutboxEvent") -> dict[str, Any]:
    """An event, ready for JSON."""
    return {
        "seq": event.seq,
        "id": event.id,
        "alert": event.alert_id,
        "kind": event.kind,
        "at": event.created_at.isoformat(),
        "body": event.body,
    }


def delivery_document(delivery: "Delivery") -> dict[str, Any]:
    """What became of an event at a target, ready for JSON."""
    return event_document(delivery.event) | {
        "target": delivery.target,
        "attempts": delivery.attempts,
        "since": delivery.since.isoformat(),
        "reason": delivery.reason,
    }


def print_event(event: "OutboxEvent", *, as_json: bool) -> None:
    """Print an event on one line."""
    # JSON in ASCII: whatever an event quotes, a terminal shows it and does not obey it.
    if as_json:
        typer.echo(json.dumps(event_document(event)))
    else:
        at = f"{event.created_at:%Y-%m-%d %H:%M:%S}"
        typer.echo(f"{event.seq}\t{at}\t{event.kind}\t{json.dumps(event.alert_id)}\t{json.dumps(event.body)}")
