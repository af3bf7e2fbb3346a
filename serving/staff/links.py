"""The one-time link: opens the desk on this machine before there are accounts."""

import contextlib
import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from serving.private_file import write_private
from triage.errors import InvalidConfiguration

LINK_FILE = "enter.json"
LIFETIME = timedelta(minutes=15)


class _Link(BaseModel):
    model_config = ConfigDict(extra="forbid")

    sha256: str
    made_at: datetime


class OneTimeLink:
    """The link of one installation: its digest lies in the state folder until it is used.

    Args:
        state_dir: the folder.
    """

    def __init__(self, state_dir: Path) -> None:
        self._path = state_dir / LINK_FILE

    def make(self, now: datetime) -> str:
        """Make a link, which replaces any other; gives its token.

        Raises:
            InvalidConfiguration: the folder cannot be written.
        """
        token = secrets.token_urlsafe(32)
        try:
            write_private(self._path, _Link(sha256=_digest(token), made_at=now).model_dump_json())
        except OSError as error:
            raise InvalidConfiguration(
                f"{self._path} cannot be written ({error.strerror}); name another folder with TRIAGE_STATE_DIR."
            ) from error
        return token

    def forget(self) -> None:
        """Make the link useless."""
        with contextlib.suppress(OSError):
            self._path.unlink()

    def use(self, token: str, now: datetime) -> bool:
        """Whether a token is the link's, in its time; then it is used up."""
        try:
            link = _Link.model_validate_json(self._path.read_bytes())
            right = hmac.compare_digest(link.sha256, _digest(token))
            # A link from the future was made before the clock was set back: nobody knows how old it is.
            in_time = timedelta(0) <= now - link.made_at <= LIFETIME
        except (OSError, ValidationError, TypeError):
            return False
        if not (right and in_time):
            return False
        with contextlib.suppress(FileNotFoundError):
            self._path.unlink()  # of two that come at once, one finds nothing to remove
            return True
        return False


def _digest(token: str) -> str:
    # 256 random bits: a plain digest cannot be searched as a password's could.
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
