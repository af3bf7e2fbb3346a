"""`triage photo`."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    no_args_is_help=True,
    help="Photos as they may be kept: without metadata, with faces, persons and plates blurred.",
    epilog="Example: triage photo keep street.jpg --store photos/",
)


@app.command("keep")
def keep(
    photos: Annotated[list[Path], typer.Argument(help="Photos.", exists=True, dir_okay=False)],
    store: Annotated[
        str | None, typer.Option(help="Folder or s3:// URL; the setting TRIAGE_PHOTO_STORE by default.")
    ] = None,
    seen: Annotated[
        bool, typer.Option("--seen", help="A person has looked at them: store those with vehicles too.")
    ] = False,
    bundle: Annotated[Path | None, typer.Option(help="Bundle to use; the one that is served by default.")] = None,
) -> None:
    """Blur photos and store the copies; prints the key of each, or that it waits for a person.

    Example: triage photo keep street.jpg --store photos/
    """
    from cli.bundle_choice import settings_in_use
    from models.bundle import load_bundle
    from models.privacy import PrivacyDetector
    from models.privacy.keeping import PhotoKeeper
    from triage.errors import InvalidConfiguration, PhotoRefused
    from triage.photo import decode_photo
    from triage.photo_storage import PhotoStorage

    settings = settings_in_use(bundle)
    url = store or settings.photo_store
    if not url:
        raise InvalidConfiguration("No photo is kept: name a folder or URL with --store, or set TRIAGE_PHOTO_STORE.")
    detector = PrivacyDetector.from_bundle(
        load_bundle(settings.bundle), settings.threads, hold_vehicles=settings.hold_vehicles
    )
    keeper = PhotoKeeper(detector, PhotoStorage(url))
    refused = False
    for path in photos:
        try:
            kept = keeper.keep(decode_photo(path.read_bytes()).image, seen=seen)
        except PhotoRefused as error:
            typer.echo(f"{path}\trefused: {error.message}")
            refused = True
            continue
        found = ", ".join(f"{count} × {kind}" for kind, count in sorted(kept.found.items())) or "nothing personal"
        typer.echo(f"{path}\t{kept.key or 'waits for a person: look at it, then add --seen'}\t{found}")
    if refused:
        raise typer.Exit(1)
