"""The command itself."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from cli.backfill.run import Summary


def backfill(
    source: Annotated[
        str,
        typer.Option("--input", help="The archive: a .parquet or .csv file, a folder or pattern; any fsspec URL."),
    ],
    target: Annotated[str, typer.Option("--output", help="Folder of the answers (Parquet); any fsspec URL.")],
    bundle: Annotated[
        Path | None, typer.Option(help="Bundle to use; the champion, or models/pretrained, by default.")
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(help="Which column holds a field, such as text=Beschreibung; photo= leaves one out; repeatable."),
    ] = None,
    encoding: Annotated[str, typer.Option(help="Encoding of CSV files, such as cp1252.")] = "utf-8",
    separator: Annotated[
        str | None, typer.Option(help="Separator of CSV files; their first line tells it by default.")
    ] = None,
    photos: Annotated[
        Path | None,
        typer.Option(
            help="Folder where paths of photos start; that of a local archive by default.", exists=True, file_okay=False
        ),
    ] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Workers; one for each core by default.")] = None,
    address: Annotated[
        str | None,
        typer.Option(help="Ray cluster that this machine is part of: HOST:PORT or auto; none by default."),
    ] = None,
    rows_per_part: Annotated[int, typer.Option(min=1, max=100_000, help="Rows in one file of answers.")] = 2_000,
    fresh: Annotated[bool, typer.Option("--fresh", help="Start over, also where answers are there already.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Answer a whole archive of alerts as the service would, on every core or on a Ray cluster.

    The answers are a folder of Parquet files with one row for each of the archive. Started again after whatever cut it
    off, it goes on where it was. A bad row gets an error in its place, and the exit status is then 1. Columns are named
    as in `triage predict`: id, text, photo, lat, lon, created_at, category_hint; others are passed over.

    Example: triage backfill --input archive.csv --output answers/ --column text=Beschreibung
    Example: triage backfill --input s3://city/alerts/*.parquet --output s3://city/answers --address auto
    """
    from cli.backfill.run import Request, make_plan, run
    from cli.backfill.terminal import bar
    from cli.bundle_choice import settings_in_use

    settings = settings_in_use(bundle)
    request = Request(source, target, tuple(column or ()), encoding, separator, photos, rows_per_part)
    with bar() as show:
        plan = make_plan(request, settings.bundle, settings)
        summary = run(plan, show, address=address, workers=workers, fresh=fresh)
    _print(summary, target, as_json=as_json)
    if summary.errors:
        raise typer.Exit(1)


def _print(summary: "Summary", target: str, *, as_json: bool) -> None:
    import json
    from dataclasses import asdict

    if as_json:
        typer.echo(json.dumps(asdict(summary) | {"output": target}))
        return
    before = summary.rows - summary.answered
    speed = f", {summary.rows_per_s:,.0f} a second on {summary.workers} workers" if summary.answered else ""
    typer.echo(
        f"{summary.rows:,} rows are answered in {target} ({summary.parts:,} files), {summary.errors:,} of them with an"
        f" error; {before:,} were there before{speed}.",
        err=True,
    )
