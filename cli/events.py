"""`triage events`."""

from typing import Annotated

import typer

app = typer.Typer(
    no_args_is_help=True,
    help="What happened to alerts, who was told of it, and what nobody took.",
    epilog="Example: triage events tail --follow",
)

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
Target = Annotated[
    str | None,
    typer.Option(help="One target alone, such as 'webhook:residents-app'; `triage events targets` lists all."),
]
LOOK_EVERY_S = 0.5


@app.command("tail")
def tail(
    limit: Annotated[int, typer.Option(min=0, max=100_000, help="How many of the latest events.")] = 20,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with those that happen, until Ctrl+C.")] = False,
    alert: Annotated[str | None, typer.Option(help="Of one alert alone.")] = None,
    kind: Annotated[list[str] | None, typer.Option(help="Of this kind alone, once for each.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show the latest events, oldest first: number, time (UTC), kind, alert, what is told of it.

    Example: triage events tail --follow --kind alert.closed
    """
    import time

    from cli.event_tables import print_event
    from serving.outbound.registering import checked_kinds
    from triage.settings import load_settings
    from triage.store.configured import open_store

    kinds = checked_kinds(kind or ())
    with open_store(load_settings()) as store:
        last = store.latest_event()
        for event in store.latest_events(limit, alert, kinds) if limit else ():
            print_event(event, as_json=as_json)
            last = max(last, event.seq)
        while follow:
            for event in store.events_after(last, 1_000, alert, kinds):
                print_event(event, as_json=as_json)
                last = event.seq
            time.sleep(LOOK_EVERY_S)


@app.command("targets")
def targets(as_json: AsJson = False) -> None:
    """Show who is told of events: webhooks and forwarders, since when one fails, what waits, what was given up.

    Example: triage events targets
    """
    import json

    from cli.event_tables import print_table, state_in_words, target_document
    from triage.settings import load_settings
    from triage.store.configured import open_store

    with open_store(load_settings()) as store:
        outlooks = store.target_states()
    if as_json:
        for outlook in outlooks:
            typer.echo(json.dumps(target_document(outlook)))
        return
    print_table(("target", "state"), [(outlook.state.name, state_in_words(outlook)) for outlook in outlooks])


@app.command("dead")
def dead(
    target: Target = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="How many at most.")] = 100,
    as_json: AsJson = False,
) -> None:
    """List events that a target did not take within a day, oldest first; they stay until they are sent anew.

    Example: triage events dead --target webhook:residents-app
    """
    import json

    from cli.event_tables import delivery_document, print_table
    from triage.settings import load_settings
    from triage.store.configured import open_store

    with open_store(load_settings()) as store:
        letters = store.dead_letters(target, limit)
    if as_json:
        for letter in letters:
            typer.echo(json.dumps(delivery_document(letter)))
        return
    rows = [
        (
            letter.event.id,
            letter.target,
            letter.event.kind,
            letter.event.alert_id,
            f"{letter.event.created_at:%Y-%m-%d %H:%M}",
            str(letter.attempts),
            letter.reason or "",
        )
        for letter in letters
    ]
    print_table(("event", "target", "kind", "alert", "happened (UTC)", "attempts", "why"), rows)


@app.command("replay")
def replay(
    events: Annotated[
        list[str] | None, typer.Argument(help="Ids of events, as `triage events dead` shows them.")
    ] = None,
    target: Target = None,
    everything: Annotated[bool, typer.Option("--all", help="Every event that was given up.")] = False,
    as_json: AsJson = False,
) -> None:
    """Send events anew that were given up, each for a day from now on; those of an alert in order.

    Example: triage events replay --target webhook:residents-app
    """
    import json

    from triage.errors import InvalidConfiguration
    from triage.settings import load_settings
    from triage.store.configured import open_store

    if not (events or target or everything):
        raise InvalidConfiguration("Say what to send anew: ids of events, --target NAME, or --all.")
    with open_store(load_settings()) as store:
        count = store.replay_dead_letters(target, events or None)
    if events and not count:
        raise InvalidConfiguration("None of these events was given up; `triage events dead` lists those that were.")
    typer.echo(json.dumps({"replayed": count}) if as_json else f"Sent anew: {count}.")
