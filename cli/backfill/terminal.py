"""The terminal while Ray runs: a bar of ours, and nothing of Ray's."""

import contextlib
import os
from collections.abc import Callable, Iterator

# What is being done, how many rows are done, and of how many.
Show = Callable[[str, int, int], None]


@contextlib.contextmanager
def bar() -> Iterator[Show]:
    """A bar of rows on a stream of its own, which `native_messages_dropped` leaves open."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("rows"))
    with os.fdopen(os.dup(2), "w", encoding="utf-8") as stream:
        console = Console(file=stream)
        # A bar in a file would be nothing but an empty line.
        hidden = not console.is_terminal
        with Progress(*columns, TimeRemainingColumn(), console=console, transient=True, disable=hidden) as progress:
            task = progress.add_task("reading the archive", total=None)
            yield lambda what, done, total: progress.update(task, description=what, completed=done, total=total)


@contextlib.contextmanager
def native_messages_dropped() -> Iterator[None]:
    """Drops what is written to the standard error stream: Ray's C++ part writes there whatever its settings say."""
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(nowhere)
        os.close(kept)
