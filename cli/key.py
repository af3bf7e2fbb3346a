"""`triage key`."""

from typing import Annotated

import typer

app = typer.Typer(
    no_args_is_help=True,
    help="API keys of machines that call the service.",
    epilog="Example: triage key add intake",
)


@app.command("add")
def add(name: Annotated[str, typer.Argument(help="Who will use the key, such as 'intake'.")]) -> None:
    """Make a key and print it once; a running service knows it after a restart.

    Example: triage key add intake
    """
    from serving.keys import KeyStore
    from triage.settings import load_settings

    typer.echo(KeyStore(load_settings().state_dir).add(name))


@app.command("list")
def list_keys() -> None:
    """List the names of all keys; the keys themselves are not stored.

    Example: triage key list
    """
    from serving.keys import KeyStore
    from triage.settings import load_settings

    for key in KeyStore(load_settings().state_dir).all():
        typer.echo(f"{key.name}\t{key.created_at:%Y-%m-%d %H:%M}")
