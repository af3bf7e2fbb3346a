"""When a file that names a model is to be read again."""

import time
from collections.abc import Callable
from pathlib import Path

RETRY_S = 60.0

_NOTHING_SEEN = (0, 0, 0)


class Changes:
    """Tells that a file changed; and now and then that what it names was refused, for that may have been mended.

    Args:
        path: the file.
        clock: seconds of any kind that only grow.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._path = path
        self._clock = clock
        self._mark: tuple[int, int, int] | None = _NOTHING_SEEN
        self._refusal = ""
        self._retry_at = 0.0

    def due(self) -> bool:
        """Whether to read it now; the next time only after another change."""
        mark = self._look()
        again = bool(self._refusal) and self._clock() >= self._retry_at
        if mark == self._mark and not again:
            return False
        if mark != self._mark:
            self._refusal = ""
        self._mark = mark
        self._retry_at = self._clock() + RETRY_S
        return True

    def accept(self) -> None:
        """What the file names is in use."""
        self._refusal = ""

    def refuse(self, why: str) -> bool:
        """What the file names cannot be used. Returns whether that is news."""
        is_news = why != self._refusal
        self._refusal = why
        return is_news

    def _look(self) -> tuple[int, int, int] | None:
        """What changes with the file: each new one is another inode, written at another time."""
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_ino, found.st_size
