"""The folder of models that a command changes, and who changes it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from models.folder import ModelFolder
    from triage.settings import Settings

Models = Annotated[Path | None, typer.Option(help="Folder of models; the setting TRIAGE_MODELS by default.")]
Why = Annotated[str, typer.Option(help="Your reason, for the history.")]
By = Annotated[str | None, typer.Option(help="Who decides; your login name by default.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the outcome as JSON.")]


def model_folder(named: Path | None, settings: "Settings") -> "ModelFolder":
    """The folder that an option names, else the setting.

    Raises:
        InvalidConfiguration: neither does.
    """
    from models.folder import ModelFolder
    from triage.errors import InvalidConfiguration

    path = named or settings.models
    if path is None:
        raise InvalidConfiguration("Which folder of models? Name it with --models, or set TRIAGE_MODELS.")
    return ModelFolder(path)


def who(named: str | None) -> str:
    """The name that an option gives, else that of the login."""
    import getpass

    if named and named.strip():
        return named.strip()
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container may run as a number without a name
        return "unknown"
