"""`triage forwarders`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from serving.forwarding.loading import Forwarders
    from triage.settings import Settings
    from triage.taxonomy import Taxonomy

app = typer.Typer(
    no_args_is_help=True,
    help="How departments get their alerts: by webhook, Open311 or e-mail.",
    epilog="Example: triage forwarders check --send-test",
)


@app.callback()
def forwarders() -> None:
    """How departments get their alerts."""


@app.command("check")
def check(
    file: Annotated[
        Path | None, typer.Option(help="The file; by default that of TRIAGE_FORWARDERS.", dir_okay=False)
    ] = None,
    send_test: Annotated[
        bool, typer.Option("--send-test", help="Also send every department a test, which says that it is one.")
    ] = False,
    department: Annotated[
        list[str] | None, typer.Option(help="Look at this department alone; may be given several times.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was found as JSON.")] = False,
) -> None:
    """Say how each department gets its alerts, and what is wrong with the file, a line for each fault.

    Secrets are read from the environment and never printed. The exit status is 1 where the file has faults, or where a
    test was not taken.

    Example: triage forwarders check --file deploy/forwarders.example.yaml
    Example: triage forwarders check --send-test --department voirie
    """
    from serving.forwarding.loading import InvalidForwarders, load_forwarders, without_forwarder
    from serving.models.unloaded import words_and_rules
    from triage.settings import load_settings

    settings = load_settings()
    taxonomy, _ = words_and_rules(settings)
    path = _path(file, settings)
    try:
        found = load_forwarders(path, taxonomy, settings.webhook_hosts)
    except InvalidForwarders as error:
        if as_json:
            typer.echo(json.dumps({"file": str(path), "faults": error.faults}, ensure_ascii=False, indent=2))
        else:
            typer.echo("\n".join((f"{path} cannot be used:", *error.faults)), err=True)
        raise typer.Exit(1) from None
    codes = _chosen(department or (), found)
    results = _send_tests(codes, found, settings, taxonomy) if send_test else {}
    rows = [_row(code, found, taxonomy, results) for code in codes]
    missing = without_forwarder(found, taxonomy)
    if as_json:
        document = {"file": str(path), "faults": [], "departments": rows, "without": missing}
        typer.echo(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        _print(rows)
        _say(missing, found, settings)
    if any(result != "taken" for result in results.values()):
        raise typer.Exit(1)


def _path(file: Path | None, settings: "Settings") -> Path:
    from triage.errors import InvalidConfiguration

    path = file or settings.forwarders
    if path is None:
        raise InvalidConfiguration(
            "No file of forwarders is named; set TRIAGE_FORWARDERS or give --file, such as"
            " deploy/forwarders.example.yaml."
        )
    return path


def _chosen(named: "Sequence[str]", found: "Forwarders") -> list[str]:
    from triage.errors import InvalidConfiguration

    known = found.file.departments
    for code in named:
        if code not in known:
            raise InvalidConfiguration(f"The file has no department '{code}'; it has {', '.join(known)}.")
    return list(dict.fromkeys(named)) or list(known)


def _row(
    code: str, found: "Forwarders", taxonomy: "Taxonomy", results: "Mapping[str, str]"
) -> dict[str, str | bool | None]:
    entry = found.file.departments[code]
    return {
        "department": code,
        "name": taxonomy.departments[code].en,
        "channel": entry.channel,
        "to": entry.destination,
        "original": entry.original,
        "test": results.get(code),
    }


def _send_tests(
    codes: "Sequence[str]", found: "Forwarders", settings: "Settings", taxonomy: "Taxonomy"
) -> dict[str, str]:
    import asyncio

    from rich.console import Console

    from serving.forwarding.building import Channels
    from serving.forwarding.trial import trial
    from serving.outbound.guarded import guarded_client
    from serving.outbound.targets import DeliveryFailed
    from triage.store.base import utc_now

    results: dict[str, str] = {}

    async def send(status: "Console") -> None:
        async with guarded_client(settings.webhook_hosts) as client:
            channels = Channels(found, settings, taxonomy, client)
            for number, code in enumerate(codes, 1):
                with status.status(f"sending test {number} of {len(codes)}, to {code}"):
                    try:
                        await channels.of(code).send(trial(code, taxonomy, settings.area, utc_now()))
                        results[code] = "taken"
                    except DeliveryFailed as failure:
                        results[code] = failure.reason

    asyncio.run(send(Console(stderr=True)))
    return results


def _print(rows: "Sequence[Mapping[str, str | bool | None]]") -> None:
    from rich.table import Table
    from rich.text import Text

    from cli.tables import wide_console

    tested = any(row["test"] for row in rows)
    table = Table()
    for column in ("department", "channel", "to", "text", *(["test"] if tested else [])):
        table.add_column(column, no_wrap=column in {"department", "channel"})
    for row in rows:
        cells = [str(row[name]) for name in ("department", "channel", "to")]
        cells.append("as sent" if row["original"] else "masked")
        if tested:
            cells.append(str(row["test"]))
        table.add_row(*(Text(cell) for cell in cells))
    wide_console().print(table)


def _say(missing: "Sequence[str]", found: "Forwarders", settings: "Settings") -> None:
    if missing:
        typer.echo(f"No forwarder for {', '.join(missing)}: nobody is told of their alerts.")
    if not settings.public_url and any(entry.channel != "webhook" for entry in found.file.departments.values()):
        typer.echo("TRIAGE_PUBLIC_URL is not set, so what departments get has no link to the review desk.")
