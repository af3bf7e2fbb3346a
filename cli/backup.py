"""`triage backup`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from triage.backup.archive import BackupManifest
    from triage.backup.making import Beside
    from triage.settings import Settings


def backup(
    output_file: Annotated[
        Path, typer.Option("--output", help="File to write, such as triage-2026-11-23.zip.", dir_okay=False)
    ],
    with_photos: Annotated[
        bool, typer.Option("--with-photos", help="Also keep the photos that TRIAGE_PHOTO_STORE holds.")
    ] = False,
    with_keys: Annotated[
        bool,
        typer.Option(
            "--with-keys", help="Also keep the keys for personal data; whoever has the file reads all of it then."
        ),
    ] = False,
    store_url: Annotated[
        str | None, typer.Option("--store", help="URL of the alert store; that of the settings by default.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what is in it as JSON.")] = False,
) -> None:
    """Write the whole alert store into one file, while the service runs.

    Every row is as it was at one moment; nobody waits meanwhile. `triage restore` reads the file into SQLite or
    PostgreSQL, whichever it came from. Texts as sent are in it as they are stored, encrypted: keep the keys for them
    (TRIAGE_PERSONAL_KEYS, or personal.key in the state folder) somewhere else. API keys, triage.toml and the bundle are
    not in it.

    Example: triage backup --output triage-2026-11-23.zip --with-photos
    """
    from cli.progress import bar
    from triage.backup.making import make_backup
    from triage.settings import load_settings
    from triage.store.base import utc_now
    from triage.store.database import Database, require_file

    settings = load_settings()
    url = store_url or settings.store_url
    require_file(url)
    beside = _beside(settings, with_photos=with_photos, with_keys=with_keys)
    database = Database(url)
    try:
        with bar("backing up") as advance:
            manifest = make_backup(database, output_file, beside, utc_now, advance)
    finally:
        database.close()
    _tell(manifest, output_file, as_json=as_json)


def _beside(settings: "Settings", *, with_photos: bool, with_keys: bool) -> "Beside":
    from triage.backup.making import Beside
    from triage.errors import InvalidConfiguration
    from triage.photo_storage import PhotoStorage
    from triage.store.configured import keys_at_hand

    if with_photos and not settings.photo_store:
        raise InvalidConfiguration("No photos are kept: set TRIAGE_PHOTO_STORE, or leave --with-photos out.")
    keys = keys_at_hand(settings) if with_keys else ()
    if with_keys and not keys:
        raise InvalidConfiguration("There are no keys for personal data here; leave --with-keys out.")
    return Beside(PhotoStorage(settings.photo_store) if with_photos else None, keys)


def _tell(manifest: "BackupManifest", path: Path, *, as_json: bool) -> None:
    if manifest.keys is not None:
        typer.echo(
            f"{path} holds the keys for personal data: keep it as secret as what they encrypt, and never beside another"
            " backup.",
            err=True,
        )
    if as_json:
        typer.echo(manifest.model_dump_json(exclude={"tables": {"__all__": {"sha256"}}}))
        return
    photos = "" if manifest.photos is None else f" and {manifest.photos:,} photos"
    missing = f" {manifest.photos_missing:,} photos that alerts name are not kept any more." * bool(
        manifest.photos_missing
    )
    typer.echo(
        f"{manifest.rows:,} rows{photos}, as they were at {manifest.made_at:%Y-%m-%d %H:%M:%S} UTC, are in {path}"
        f" ({path.stat().st_size / 1e6:,.1f} MB).{missing}",
        err=True,
    )
