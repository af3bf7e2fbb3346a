"""`triage personal-data`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from triage.personal_data import PersonalData
    from triage.photo_storage import PhotoStorage
    from triage.settings import Settings

app = typer.Typer(
    no_args_is_help=True,
    help="What is held about an alert, for its reporter who asks for it, or asks to erase it (GDPR).",
    epilog="Example: triage personal-data show demo-1 --purpose 'request of 2026-11-20'",
)

AlertId = Annotated[str, typer.Argument(help="The alert's id.")]


@app.command("show")
def show(
    alert_id: AlertId,
    purpose: Annotated[str, typer.Option(help="What it is read for; it is logged.")],
    photos: Annotated[
        Path | None, typer.Option(help="Folder to write the alert's photos into, as they are kept.", file_okay=False)
    ] = None,
) -> None:
    """Print everything that is held about an alert as JSON: texts, answers, events, who read it when and what for.

    Names of staff are left out. The reading is logged.

    Example: triage personal-data show demo-1 --purpose 'request of 2026-11-20' --photos copies/
    """
    from triage.settings import load_settings
    from triage.store.audit import COMMAND_LINE
    from triage.store.configured import open_store

    settings = load_settings()
    with open_store(settings) as store:
        held = store.personal_data(alert_id, COMMAND_LINE, purpose)
    if photos is not None:
        _write_photos(held, _photo_storage(settings), photos)
    typer.echo(held.model_dump_json(indent=2))


@app.command("erase")
def erase(
    alert_id: AlertId,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask first.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was erased as JSON.")] = False,
) -> None:
    """Erase what an alert holds of a person: texts, photos, plates, notes. It cannot be taken back.

    A mark stands where the text was; place, codes, answers, times and links stay, so that counts stay true. The audit
    log says that it was done. A second time changes nothing. Backups made before still hold it.

    Example: triage personal-data erase demo-1
    """
    from triage.retention import erase as erase_alert
    from triage.settings import load_settings
    from triage.store.audit import COMMAND_LINE
    from triage.store.configured import open_store

    if not yes:
        typer.confirm(f"Erase the texts and photos of {alert_id!r} for good?", abort=True, err=True)
    settings = load_settings()
    with open_store(settings) as store:
        erased = erase_alert(store, _photo_storage(settings), alert_id, COMMAND_LINE)
    if as_json:
        typer.echo(erased.model_dump_json())
        return
    if not erased.changed:
        typer.echo("There was nothing left to erase.", err=True)
        return
    original = "with the text as sent" if erased.original else "which had no other text as sent"
    typer.echo(f"The text of {alert_id!r} was erased, {original}, and {erased.photos} photos.", err=True)
    if erased.told:
        typer.echo(f"It was forwarded to {', '.join(erased.told)}: tell them, they hold a copy.", err=True)


def _photo_storage(settings: "Settings") -> "PhotoStorage | None":
    from triage.photo_storage import PhotoStorage

    return PhotoStorage(settings.photo_store) if settings.photo_store else None


def _write_photos(held: "PersonalData", storage: "PhotoStorage | None", folder: Path) -> None:
    from triage.errors import InvalidConfiguration

    keys = [photo.key for photo in held.photos if photo.key]
    if keys and storage is None:
        raise InvalidConfiguration("The alert has photos: say where they are with TRIAGE_PHOTO_STORE.")
    folder.mkdir(parents=True, exist_ok=True)
    for number, key in enumerate(keys, 1):
        if storage is not None:
            (folder / f"{number}.jpg").write_bytes(storage.get(key))
