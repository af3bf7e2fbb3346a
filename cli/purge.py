"""`triage purge`."""

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from triage.retention import PurgeReport, Retention
    from triage.settings import Settings

_FOR_EVER = "none"


def purge(
    personal_after: Annotated[
        str | None,
        typer.Option(
            help="Erase what is personal after so long, such as 90d; 'none' erases none of it. "
            "TRIAGE_PURGE_PERSONAL_AFTER by default."
        ),
    ] = None,
    photos_after: Annotated[
        str | None,
        typer.Option(
            help="Erase photos after so long, such as 365d; 'none' erases none. TRIAGE_PURGE_PHOTOS_AFTER by default."
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count what would be erased, and erase nothing.")] = False,
    store_url: Annotated[
        str | None, typer.Option("--store", help="URL of the alert store; that of the settings by default.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the counts as JSON.")] = False,
) -> None:
    """Erase what was kept long enough, while the service runs; what is counted stays.

    Of persons: texts as sent, digests of number plates, and what staff and departments wrote by hand. Of photos: the
    files, in a folder or in S3, and what tells one picture from another. Alerts, texts without personal data, places,
    answers, decisions and links stay. Time counts from the day the alert came, or was made if that is earlier. The
    service writes between the short batches. The audit log says how much went. Run it every night, from cron:

    17 3 * * *  triage purge --json

    Example: triage purge --personal-after 90d --photos-after 365d --dry-run
    """
    from cli.progress import status
    from triage.photo_storage import PhotoStorage
    from triage.retention import Purger
    from triage.settings import load_settings
    from triage.store.audit import COMMAND_LINE
    from triage.store.base import utc_now
    from triage.store.store import Store

    settings = load_settings()
    retention = _retention(settings, personal_after, photos_after)
    photos = PhotoStorage(settings.photo_store) if settings.photo_store else None
    with Store.open(store_url or settings.store_url) as store, status("looking for what is too old") as tell:
        purger = Purger(store, photos, utc_now, advance=lambda what, count: tell(f"erased {count:,} {what}"))
        report = purger.purge(retention, COMMAND_LINE, dry_run=dry_run)
    _tell(report, as_json=as_json)


def _retention(settings: "Settings", personal_after: str | None, photos_after: str | None) -> "Retention":
    from triage.retention import Retention

    return Retention(
        _kept_for(personal_after, settings.purge_personal_after, "--personal-after"),
        _kept_for(photos_after, settings.purge_photos_after, "--photos-after"),
    )


def _kept_for(value: str | None, otherwise: timedelta | None, option: str) -> timedelta | None:
    from triage.durations import read_duration
    from triage.errors import InvalidConfiguration

    if value is None or value == _FOR_EVER:
        return None if value else otherwise
    try:
        return read_duration(value)
    except ValueError as error:
        raise InvalidConfiguration(f"{option}: {error}.") from None


def _tell(report: "PurgeReport", *, as_json: bool) -> None:
    from dataclasses import asdict

    if as_json:
        typer.echo(json.dumps(asdict(report)))
        return
    verb = "would be erased" if report.dry_run else "erased"
    lines = [*report.erased.items(), ("photos", report.photos), ("alerts that named photos", report.alerts_with_photos)]
    for what, count in lines:
        typer.echo(f"{count:>9,} {what} {verb}", err=True)
