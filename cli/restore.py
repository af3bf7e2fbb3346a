"""`triage restore`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from triage.backup.archive import BackupReader
    from triage.backup.restoring import Restored
    from triage.settings import Settings
    from triage.store.database import Database


def restore(
    input_file: Annotated[
        Path, typer.Option("--input", help="What `triage backup` wrote.", exists=True, dir_okay=False)
    ],
    replace: Annotated[bool, typer.Option("--replace", help="Lose what is stored there now.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Read all of the backup, and restore nothing.")] = False,
    store_url: Annotated[
        str | None, typer.Option("--store", help="URL of the alert store; that of the settings by default.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was restored as JSON.")] = False,
) -> None:
    """Put a backup into the alert store: all of it, or nothing is changed.

    Every digest is checked first. A backup of an older version is brought to this one. A store that holds anything is
    left alone unless --replace is given; then whatever was erased in it at a resident's wish since the backup is erased
    again. Photos in the backup go to TRIAGE_PHOTO_STORE, keys for personal data into the state folder where there are
    none. A running service answers 503 to what needs the store meanwhile; stop it if you can.

    Example: triage restore --input triage-2026-11-23.zip
    Example: triage restore --input triage-2026-11-23.zip --store postgresql://triage@db/triage --replace
    """
    from cli.progress import bar
    from triage.backup.archive import opened_backup
    from triage.settings import load_settings
    from triage.store.database import Database

    settings = load_settings()
    with opened_backup(input_file) as backup:
        with bar("checking") as advance:
            backup.verify(advance)
        if check:
            _tell_checked(backup, input_file, as_json=as_json)
            return
        database = Database(store_url or settings.store_url)
        try:
            restored = _restore(database, backup, settings, replace=replace)
        finally:
            database.close()
        _tell(backup, restored, input_file, as_json=as_json)
    _warn_of_keys(settings, store_url or settings.store_url)


def _restore(database: "Database", backup: "BackupReader", settings: "Settings", *, replace: bool) -> "Restored":
    from cli.progress import bar
    from triage.backup.restoring import restore_photos, restore_tables
    from triage.errors import InvalidConfiguration
    from triage.photo_storage import PhotoStorage
    from triage.store.base import utc_now
    from triage.store.configured import put_keys_back

    if backup.manifest.photos and not settings.photo_store:
        raise InvalidConfiguration("The backup holds photos: say where they go with TRIAGE_PHOTO_STORE.")
    storage = PhotoStorage(settings.photo_store) if settings.photo_store else None
    keys = backup.keys()
    if keys:
        put_keys_back(settings, keys)
    with bar("restoring") as advance:
        restored = restore_tables(database, backup, utc_now, advance, replace=replace)
    if storage is not None and backup.manifest.photos:
        restore_photos(backup, storage, leave_out=restored.photos)
    return restored


def _tell_checked(backup: "BackupReader", path: Path, *, as_json: bool) -> None:
    if as_json:
        typer.echo(backup.manifest.model_dump_json(exclude={"tables": {"__all__": {"sha256"}}}))
        return
    manifest = backup.manifest
    photos = "" if manifest.photos is None else f" and {manifest.photos:,} photos"
    typer.echo(
        f"{path} is whole: {manifest.rows:,} rows{photos} of {manifest.made_at:%Y-%m-%d %H:%M:%S} UTC, from a"
        f" {manifest.database} store of revision {manifest.revision}.",
        err=True,
    )


def _tell(backup: "BackupReader", restored: "Restored", path: Path, *, as_json: bool) -> None:
    made_at = backup.manifest.made_at
    if as_json:
        counts = {"rows": restored.rows, "photos": backup.manifest.photos or 0, "erased_again": len(restored.erased)}
        typer.echo(json.dumps(counts | {"made_at": made_at.isoformat()}))
    else:
        typer.echo(f"The store is as it was at {made_at:%Y-%m-%d %H:%M:%S} UTC: {restored.rows:,} rows.", err=True)
    if restored.erased:
        typer.echo(f"Erased since then, and now erased again: alerts {len(restored.erased):,}.", err=True)
    typer.echo(
        f"What was erased since {path} was made, and is not noted in the store that it replaced, is back: erase it"
        " again (`triage personal-data erase`), and run `triage purge`.",
        err=True,
    )


def _warn_of_keys(settings: "Settings", url: str) -> None:
    from triage.store.configured import keys_at_hand
    from triage.store.personal import PersonalKeys
    from triage.store.store import Store

    keys = keys_at_hand(settings)
    with Store.open(url, key=PersonalKeys(keys) if keys else None) as store:
        if not store.can_read_originals():
            typer.echo(
                "The texts as sent cannot be read with the keys that are here: put those of the backed-up service into"
                " TRIAGE_PERSONAL_KEYS, or into personal.key in the state folder, before the service starts.",
                err=True,
            )
