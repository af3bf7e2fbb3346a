"""Passwords: argon2id, the same time for names that exist and those that do not, and a bound on the memory taken."""

import base64
import secrets
import unicodedata

from anyio import CapacityLimiter, to_thread
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from triage.errors import InvalidConfiguration

MIN_CHARACTERS = 12
MAX_CHARACTERS = 1_000
# One check takes 64 MiB and a core for some 50 ms.
_AT_ONCE = 2


def checked_password(password: str) -> str:
    """A password that may be chosen.

    Raises:
        InvalidConfiguration: it is too short or too long.
    """
    if not MIN_CHARACTERS <= len(password) <= MAX_CHARACTERS:
        raise InvalidConfiguration(
            f"A password has {MIN_CHARACTERS} to {MAX_CHARACTERS} characters; a few words make a good one."
        )
    return password


class Passwords:
    """Makes and checks hashes.

    Args:
        hasher: the parameters of argon2id.
    """

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher(time_cost=3, memory_cost=65_536, parallelism=1)
        self._turn = CapacityLimiter(_AT_ONCE)
        self._nobodys = _nobodys_hash(self._hasher)

    def hash(self, password: str) -> str:
        """What is stored of a password."""
        return self._hasher.hash(_one_spelling(password))

    async def check(self, stored: str | None, password: str) -> bool:
        """Whether a password is the one that was stored; without one it never is, and that takes as long."""
        fits = await to_thread.run_sync(self._fits, stored or self._nobodys, password, limiter=self._turn)
        return fits and stored is not None

    @property
    def waiting(self) -> int:
        """How many checks wait for their turn."""
        return self._turn.statistics().tasks_waiting

    def _fits(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, _one_spelling(password[:MAX_CHARACTERS]))
        except (VerificationError, InvalidHashError):
            return False


def _nobodys_hash(hasher: PasswordHasher) -> str:
    """A hash that no password has, and that takes as long to check as any other."""
    salt, digest = (
        base64.b64encode(secrets.token_bytes(length)).decode().rstrip("=")
        for length in (hasher.salt_len, hasher.hash_len)
    )
    cost = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2id$v=19${cost}${salt}${digest}"


def _one_spelling(password: str) -> bytes:
    # Keyboards write "é" as one character or as two. A lone surrogate is nobody's password, but must not raise.
    return unicodedata.normalize("NFC", password).encode("utf-8", "replace")
