"""The keys as they are now: a running service notices those that were added or removed."""

import logging
import time
from collections.abc import Callable

from serving.keys import KeyRing, KeyStore, StoredKey
from triage.errors import InvalidConfiguration

CHECK_EVERY_S = 1.0
logger = logging.getLogger("triage.serving")


class LiveKeys:
    """Reads the key file again when it has changed, and looks at most once a second.

    A file that is gone means that there are no keys. One that cannot be read changes nothing, for the keys in it are
    not known: the service goes on with those it had.
    """

    def __init__(self, store: KeyStore, clock: Callable[[], float] = time.monotonic) -> None:
        """Read the keys.

        Raises:
            InvalidConfiguration: the file is broken.
        """
        self._store = store
        self._clock = clock
        self._mark = self._look()
        self._ring = KeyRing(store.all())
        self._next_look = clock() + CHECK_EVERY_S

    def find(self, key: str) -> StoredKey | None:
        """What is known of a key, or None; takes the same time for every wrong key."""
        if self._clock() >= self._next_look:
            self._next_look = self._clock() + CHECK_EVERY_S
            self._refresh()
        return self._ring.find(key)

    def _refresh(self) -> None:
        mark = self._look()
        if mark == self._mark:
            return
        self._mark = mark
        try:
            self._ring = KeyRing(self._store.all())
        except InvalidConfiguration as error:
            logger.error("%s The keys known so far go on to count.", error.message)

    def _look(self) -> tuple[int, int, int] | None:
        """What changes with the file: each new one is another inode, written at another time."""
        try:
            found = self._store.path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_ino, found.st_size
