"""API keys for machines: random, stored as digests, compared in constant time."""

import hashlib
import hmac
import secrets
from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from serving.private_file import write_private
from serving.scopes import Scope
from triage.errors import InvalidConfiguration

KEYS_FILE = "keys.json"
LOCAL_KEY_FILE = "local.key"
LOCAL_KEY_NAME = "local"
LOCAL_SCOPES = (Scope.PREDICT, Scope.ALERTS, Scope.EVENTS)
# What a key may be used for where nothing is said, as in files that are older than scopes.
USUAL_SCOPES = (Scope.PREDICT,)


class StoredKey(BaseModel):
    """A key's name, digest, birth, scopes and limits; the key itself is shown once and never stored.

    Attributes:
        per_minute: requests a minute; the setting counts where there is none.
        at_once: requests at the same time, likewise.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    created_at: datetime
    scopes: Annotated[tuple[Scope, ...], Field(min_length=1)] = USUAL_SCOPES
    per_minute: Annotated[int, Field(ge=1)] | None = None
    at_once: Annotated[int, Field(ge=1)] | None = None

    def may(self, scope: Scope) -> bool:
        """Whether the key may be used for what needs this scope."""
        return scope in self.scopes or Scope.ADMIN in self.scopes


class _KeyFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    keys: list[StoredKey] = []


class KeyStore:
    """The keys of one installation, in a file that only its owner may read."""

    def __init__(self, state_dir: Path) -> None:
        self._folder = state_dir
        self._path = state_dir / KEYS_FILE

    @property
    def path(self) -> Path:
        """The file, which need not exist."""
        return self._path

    def all(self) -> tuple[StoredKey, ...]:
        """Every stored key.

        Raises:
            InvalidConfiguration: the file is broken.
        """
        if not self._path.exists():
            return ()
        try:
            return tuple(_KeyFile.model_validate_json(self._path.read_bytes()).keys)
        except (ValidationError, OSError) as error:
            raise InvalidConfiguration(f"The key file {self._path} cannot be read; restore or remove it.") from error

    def add(
        self,
        name: str,
        scopes: Collection[Scope] = USUAL_SCOPES,
        *,
        per_minute: int | None = None,
        at_once: int | None = None,
    ) -> str:
        """Make a key, store its digest and return the key.

        Args:
            name: who will use it.
            scopes: what for; at least one.
            per_minute: requests a minute, where the settings are not to decide.
            at_once: requests at the same time, likewise.

        Raises:
            InvalidConfiguration: the name is taken or empty, or the file cannot be written.
        """
        keys = self.all()
        if not name.strip():
            raise InvalidConfiguration("A key needs a name that says who uses it, such as 'intake'.")
        if any(key.name == name for key in keys):
            raise InvalidConfiguration(f"A key named '{name}' exists already; choose another name.")
        key = f"triage_{secrets.token_urlsafe(32)}"
        chosen = tuple(scope for scope in Scope if scope in scopes)
        stored = StoredKey(
            name=name,
            sha256=_digest(key),
            created_at=datetime.now(UTC),
            scopes=chosen,
            per_minute=per_minute,
            at_once=at_once,
        )
        self._write_all([*keys, stored])
        return key

    def remove(self, name: str) -> None:
        """Forget a key: whoever holds it is refused from now on.

        Raises:
            InvalidConfiguration: no key has this name, or the file cannot be written.
        """
        keys = self.all()
        left = [key for key in keys if key.name != name]
        if len(left) == len(keys):
            raise InvalidConfiguration(f"There is no key named '{name}'; `triage key list` names those that exist.")
        self._write_all(left)
        if name == LOCAL_KEY_NAME:  # the next start makes another one
            (self._folder / LOCAL_KEY_FILE).unlink(missing_ok=True)

    def local_key(self) -> str:
        """The key of this machine's own user, made at the first start (file mode 600)."""
        path = self._folder / LOCAL_KEY_FILE
        if path.exists():
            key = path.read_text(encoding="ascii", errors="replace").strip()
            stored = KeyRing(self.all()).find(key)
            if stored is not None:
                self._widen(stored)
                return key
            raise InvalidConfiguration(
                f"The key in {path} is not in {self._path}; remove both files and start again to make a new one."
            )
        key = self.add(LOCAL_KEY_NAME, LOCAL_SCOPES)
        self._write(path, key + "\n")
        return key

    def _widen(self, local: StoredKey) -> None:
        """Give a local key that is older than scopes what a new one gets."""
        if all(map(local.may, LOCAL_SCOPES)):
            return
        wider = local.model_copy(update={"scopes": LOCAL_SCOPES})
        self._write_all(wider if key == local else key for key in self.all())

    def _write_all(self, keys: Iterable[StoredKey]) -> None:
        self._write(self._path, _KeyFile(keys=list(keys)).model_dump_json(indent=2, exclude_none=True))

    def _write(self, path: Path, content: str) -> None:
        try:
            write_private(path, content)
        except OSError as error:
            raise InvalidConfiguration(
                f"{path} cannot be written ({error.strerror}); name another folder with TRIAGE_STATE_DIR."
            ) from error


class KeyRing:
    """The keys that a running service accepts."""

    def __init__(self, keys: tuple[StoredKey, ...]) -> None:
        self._keys = keys

    def find(self, key: str) -> StoredKey | None:
        """What is known of a key, or None; takes the same time for every wrong key."""
        digest = _digest(key)
        found = None
        for stored in self._keys:
            if hmac.compare_digest(stored.sha256, digest):
                found = stored
        return found

    def owner(self, key: str) -> str | None:
        """The name of the key, or None."""
        stored = self.find(key)
        return stored.name if stored else None


def _digest(key: str) -> str:
    # Keys carry 256 random bits, so a plain digest cannot be searched as a password's could.
    return hashlib.sha256(key.encode()).hexdigest()
