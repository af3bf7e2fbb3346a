"""Which bundle a command reads: what `triage serve` would answer with, unless the command line names one."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from triage.settings import Settings


def settings_in_use(bundle: Path | None = None) -> "Settings":
    """The settings, whose bundle is the one of the command line, else the champion, else that of the settings.

    Raises:
        InvalidConfiguration: a setting cannot be used.
        InvalidBundle: the champion is broken.
        InvalidModelFolder: the folder of models cannot be read, or its champion is not what was promoted.
    """
    from models.folder import bundle_in_use
    from triage.settings import load_settings

    settings = load_settings(bundle)
    return settings.model_copy(update={"bundle": bundle_in_use(settings.models, settings.bundle)})
