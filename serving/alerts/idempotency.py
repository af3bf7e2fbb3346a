"""The header `Idempotency-Key`: one key stands for one alert."""

from collections import OrderedDict

from starlette.requests import Request

from serving.problems import Problem
from triage.errors import FieldError

HEADER = "Idempotency-Key"
MAX_CHARACTERS = 200
# A guard against mistakes of callers; that a repeat is harmless rests on the alert's own id, which is stored.
MAX_KEYS = 10_000


def idempotency_key(request: Request) -> str | None:
    """The key of a request, if it has one.

    Raises:
        Problem: 422 where it is empty, too long, not printable, or given twice.
    """
    values = request.headers.getlist(HEADER)
    if not values:
        return None
    if len(values) > 1 or not 1 <= len(values[0]) <= MAX_CHARACTERS or not values[0].isprintable():
        message = f"must be 1 to {MAX_CHARACTERS} printable characters, given once"
        fault = FieldError(HEADER, "invalid_header", message)
        raise Problem(422, "invalid_header", f"The header cannot be used: {HEADER} {message}.", (fault,))
    return values[0]


class IdempotencyKeys:
    """Remembers for what the latest keys were used since the service started."""

    def __init__(self, most: int = MAX_KEYS) -> None:
        self._most = most
        self._used: OrderedDict[tuple[str, str], str] = OrderedDict()

    def claim(self, caller: str, key: str | None, digest: str) -> bool:
        """Use a key for an alert; each caller has keys of its own.

        Returns:
            Whether the key is new.

        Raises:
            Problem: 409 where it was used for another alert.
        """
        if key is None:
            return False
        is_new = (caller, key) not in self._used
        if self._used.setdefault((caller, key), digest) != digest:
            fault = FieldError(HEADER, "idempotency_key_used", "was used for another alert; choose a new one")
            detail = f"The {HEADER} was used for an alert with another id or other content."
            raise Problem(409, "idempotency_key_used", detail, (fault,))
        self._used.move_to_end((caller, key))
        while len(self._used) > self._most:
            self._used.popitem(last=False)
        return is_new

    def release(self, caller: str, key: str | None) -> None:
        """Forget a key whose alert was not stored: it may be mended and sent again."""
        if key is not None:
            self._used.pop((caller, key), None)
