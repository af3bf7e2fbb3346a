"""What a long run shows of its progress: on stderr, on terminals alone, and gone when it is over."""

import contextlib
from collections.abc import Callable, Iterator


@contextlib.contextmanager
def bar(title: str) -> Iterator[Callable[[int, int], None]]:
    """A bar that is told what has been done so far, and of how much."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    # Elsewhere it would leave an empty line.
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(title, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=max(1, total))


@contextlib.contextmanager
def status(title: str) -> Iterator[Callable[[str], None]]:
    """A line that says what is being done, where nobody knows how much there is."""
    from rich.console import Console

    with Console(stderr=True).status(title) as shown:
        yield shown.update
