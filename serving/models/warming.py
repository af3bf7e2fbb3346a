"""Reads what was stored of late for a model that takes over, so that no request has to wait for it to do so."""

import asyncio
import time
from concurrent.futures import Executor

from serving.engine import Engine
from serving.problems import Problem
from serving.storage import Work
from triage.store.pages import MAX_PAGE
from triage.store.store import Store

# At 1,000 contacts a day, where an alert is looked for is mostly among these; others are read when they are met.
MOST_TEXTS = 1_000
MOST_S = 20.0
# A small part runs for some ten milliseconds; then requests have their turn, but not for ever.
_PART = 4
_PAUSE_S, _PAUSES = 0.01, 5


async def warm(engine: Engine, thread: Executor) -> int:
    """Let the finder of an engine that does not answer yet read the newest alerts that another model had read.

    Args:
        engine: about to take over.
        thread: where it reads.

    Returns:
        How many texts were read; none where the store cannot be asked, which is no reason to stay with the old model.
    """
    finder = engine.duplicates.finder
    if finder is None:
        return 0
    try:
        texts = await engine.door.run(Work.READ, lambda store: _newest_texts(store, finder.version))
    except Problem:
        return 0
    loop, deadline, read = asyncio.get_running_loop(), time.monotonic() + MOST_S, 0
    while read < len(texts) and time.monotonic() < deadline:
        for _ in range(_PAUSES):
            if engine.batcher.queue.is_idle:
                break
            await asyncio.sleep(_PAUSE_S)
        part = texts[read : read + _PART]
        await loop.run_in_executor(thread, finder.prepare, part)
        read += len(part)
    return read


def _newest_texts(store: Store, version: str) -> list[str]:
    """Texts that a model of another version had read, the newest first."""
    texts: list[str] = []
    cursor = None
    for _ in range(MOST_TEXTS // MAX_PAGE):
        page = store.alerts(cursor=cursor)
        texts += [alert.text for alert in page.alerts if alert.vector_version != version and alert.lat is not None]
        cursor = page.cursor
        if cursor is None:
            break
    return list(dict.fromkeys(texts))
