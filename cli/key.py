"""`triage key`."""

from typing import Annotated

import typer

from serving.scopes import Scope

app = typer.Typer(
    no_args_is_help=True,
    help="API keys of machines that call the service.",
    epilog="Example: triage key add intake --scope alerts",
)


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="Who will use the key, such as 'intake'.")],
    scope: Annotated[
        list[Scope] | None,
        typer.Option(help="What it may be used for, once for each; predict by default, admin stands for all."),
    ] = None,
    per_minute: Annotated[
        int | None,
        typer.Option(min=1, help="Requests that it may send in a minute; TRIAGE_KEY_REQUESTS_PER_MINUTE by default."),
    ] = None,
    at_once: Annotated[
        int | None, typer.Option(min=1, help="Requests at the same time; TRIAGE_KEY_REQUESTS_AT_ONCE by default.")
    ] = None,
) -> None:
    """Make a key and print it once; a running service knows it within a second.

    Example: triage key add intake --scope alerts --scope predict
    """
    from serving.keys import USUAL_SCOPES, KeyStore
    from triage.settings import load_settings

    typer.echo(
        KeyStore(load_settings().state_dir).add(name, scope or USUAL_SCOPES, per_minute=per_minute, at_once=at_once)
    )


@app.command("list")
def list_keys() -> None:
    """List the names of all keys, when they were made and their scopes; the keys themselves are not stored.

    Example: triage key list
    """
    from serving.keys import KeyStore
    from triage.settings import load_settings

    for key in KeyStore(load_settings().state_dir).all():
        typer.echo(f"{key.name}\t{key.created_at:%Y-%m-%d %H:%M}\t{' '.join(key.scopes)}")


@app.command("remove")
def remove(name: Annotated[str, typer.Argument(help="The key's name, as `triage key list` shows it.")]) -> None:
    """Forget a key; a running service refuses it within a second.

    Example: triage key remove intake
    """
    from serving.keys import KeyStore
    from triage.settings import load_settings

    KeyStore(load_settings().state_dir).remove(name)
