"""What every part of the store shares."""

from collections.abc import Callable
from datetime import UTC, datetime

from triage.store.database import Database
from triage.store.personal import PersonalKeys

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """This moment."""
    return datetime.now(UTC)


class StoreBase:
    """A database, the keys for personal data if there are any, and a clock."""

    def __init__(self, database: Database, keys: PersonalKeys | None, clock: Clock) -> None:
        self._database = database
        self._keys = keys
        self._clock = clock
