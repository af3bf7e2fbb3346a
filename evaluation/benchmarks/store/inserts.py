"""Alerts stored a second with triage off, by one process and by several, held against bare flushes to the disk."""

import os
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Barrier

from evaluation.benchmarks.store.writers import lane
from triage.store.personal import PersonalKeys
from triage.store.store import Store

_BLOCK = bytes(4096)
_START_TIMEOUT_S = 60


@dataclass(frozen=True, slots=True)
class InsertFigures:
    """Alerts stored a second, all writers together."""

    database: str
    writers: int
    alerts_per_s: float


def bench_inserts(database: str, url: str, writers: int, seconds: float) -> InsertFigures:
    """Store alerts one by one, each with its search for neighbours, prediction, vector, encrypted original and event.

    Args:
        database: what to call it.
        url: an empty store of its own.
        writers: how many processes write at the same time.
        seconds: how long.
    """
    key = PersonalKeys.new_key()
    Store.open(url).close()

    together = Barrier(writers, timeout=_START_TIMEOUT_S)

    def work(number: int) -> tuple[float, ...]:
        with lane(f"lane{number}", url, key) as row:
            return row.write(seconds, together.wait).moments

    with ThreadPoolExecutor(writers) as pool:
        rows = list(pool.map(work, range(writers)))
    start = max(moments[0] for moments in rows)  # from then on all of them write
    stored = sum(start < moment <= start + seconds for moments in rows for moment in moments)
    return InsertFigures(database, writers, stored / seconds)


def flushes_per_s(folder: Path, seconds: float) -> float:
    """How often a second the disk below a folder takes one block for certain: no store acknowledges more commits."""
    with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
        count, started = 0, time.perf_counter()
        while (elapsed := time.perf_counter() - started) < seconds:
            file.write(_BLOCK)
            os.fdatasync(file.fileno())
            count += 1
    return count / elapsed
