"""Keys for personal data: they encrypt the texts as sent, and turn plates into digests that cannot be guessed."""

import base64
import contextlib
import hashlib
import hmac
import os
import re
import secrets
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Self

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from triage.errors import InvalidConfiguration
from triage.store.errors import OriginalUnreadable

KEY_FILE = "personal.key"

_KEY = re.compile(r"[A-Za-z0-9_-]{43}=")
_SEPARATORS = re.compile(r"[\W_]+")
_PLATES = b"ondijon-triage plates 1"
_CONTENTS = b"ondijon-triage contents 1"
_DRAWS = b"ondijon-triage draws 1"


class PersonalKeys:
    """One key or several: the first encrypts, all decrypt, so that a new one can be put in front of an old one."""

    def __init__(self, keys: Sequence[str]) -> None:
        """Take keys as `PersonalKeys.new_key` makes them.

        Raises:
            InvalidConfiguration: there is none, or one is malformed; the message holds no key.
        """
        if not keys:
            raise InvalidConfiguration("Personal data needs at least one key; make one with `PersonalKeys.new_key()`.")
        if not all(_KEY.fullmatch(key) for key in keys):
            raise InvalidConfiguration(
                "A key for personal data is malformed; a key is 32 bytes in URL-safe base64, 44 characters."
            )
        self._fernet = MultiFernet([Fernet(key) for key in keys])
        # The oldest key: digests must stay the same when a new key is put in front.
        oldest = base64.urlsafe_b64decode(keys[-1])
        self._oldest = oldest
        self._plate_key = hmac.digest(oldest, _PLATES, hashlib.sha256)
        self._content_key = hmac.digest(oldest, _CONTENTS, hashlib.sha256)
        self._draw_key = hmac.digest(oldest, _DRAWS, hashlib.sha256)

    @classmethod
    def from_file(cls, state_dir: Path) -> Self:
        """The keys of this machine, one a line in `personal.key` (mode 600), which the first use makes.

        Raises:
            InvalidConfiguration: the file cannot be written or read, or holds no keys.
        """
        if not (state_dir / KEY_FILE).exists():
            write_key_file(state_dir, (cls.new_key(),))
        return cls(read_key_file(state_dir))

    @staticmethod
    def new_key() -> str:
        """A new random key."""
        return Fernet.generate_key().decode()

    def encrypt(self, alert_id: str, text: str) -> bytes:
        """Encrypt the text of an alert, bound to its id."""
        return self._fernet.encrypt(f"{alert_id}\0{text}".encode())

    def decrypt(self, alert_id: str, token: bytes) -> str:
        """The text that was encrypted for this alert.

        Raises:
            OriginalUnreadable: no key fits, or the token is another alert's.
        """
        with contextlib.suppress(InvalidToken):
            owner, _, text = self._fernet.decrypt(token).decode().partition("\0")
            if owner == alert_id:
                return text
        raise OriginalUnreadable(
            "The original text of this alert cannot be decrypted; add the key that it was stored with."
        )

    def renew(self, token: bytes) -> bytes:
        """The same secret, encrypted with the first key.

        Raises:
            OriginalUnreadable: no key fits.
        """
        try:
            return self._fernet.rotate(token)
        except InvalidToken:
            raise OriginalUnreadable("An original text was encrypted with a key that is not here; add it.") from None

    def plate_digest(self, plate: str) -> str:
        """A digest of a plate, the same for every way of writing it: 64 hexadecimal digits.

        Plates are few enough to try them all, so the digest needs a key. It is made from the last key given: plates
        stored before that key was taken away match no later ones.
        """
        letters = _SEPARATORS.sub("", unicodedata.normalize("NFKC", plate)).upper()
        return hmac.digest(self._plate_key, letters.encode(), hashlib.sha256).hex()

    def content_digest(self, content: bytes) -> str:
        """A digest of an alert as it was sent: 64 hexadecimal digits.

        The masked text leaves so few possibilities for a plate or a telephone number that a digest without a key would
        give them away. As for plates, the last key given makes it.
        """
        return hmac.digest(self._content_key, content, hashlib.sha256).hex()

    def secret_for(self, purpose: str) -> bytes:
        """A secret of 32 bytes for another purpose, from which no key follows; the last key given makes it."""
        return hmac.digest(self._oldest, f"ondijon-triage {purpose}".encode(), hashlib.sha256)

    def draw(self, alert_id: str) -> float:
        """A number from 0 to below 1 that is the same for the same alert, and as good as random.

        Whoever sends alerts chooses their ids; without the key they cannot choose who is drawn.
        """
        digest = hmac.digest(self._draw_key, alert_id.encode("utf-8", "surrogatepass"), hashlib.sha256)
        return int.from_bytes(digest[:6], "big") / 2**48


def read_key_file(state_dir: Path) -> tuple[str, ...]:
    """What stands in the file of keys of a machine; nothing where there is none.

    Raises:
        InvalidConfiguration: it cannot be read.
    """
    path = state_dir / KEY_FILE
    with _explained(path), contextlib.suppress(FileNotFoundError):
        return tuple(path.read_text(encoding="ascii", errors="replace").split())
    return ()


def write_key_file(state_dir: Path, keys: Sequence[str]) -> None:
    """Make the file of keys of a machine; where another process was faster, its file stays.

    Raises:
        InvalidConfiguration: it cannot be written.
    """
    path = state_dir / KEY_FILE
    with _explained(path):
        _write_new(path, "\n".join(keys))


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InvalidConfiguration(
            f"{path} cannot be used ({error.strerror}); name another folder with TRIAGE_STATE_DIR."
        ) from error


def _write_new(path: Path, key: str) -> None:
    """Write a key file whole; where another process was faster, its file stays."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    scratch = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as stream:
            stream.write(f"{key}\n")
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(scratch)
    finally:
        scratch.unlink()
