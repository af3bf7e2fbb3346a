"""A progress bar for streams of alerts; it needs the extra `progress`, which brings rich."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ondijon_triage_client.batches import Progress
from ondijon_triage_client.errors import TriageClientError


class RichMissing(TriageClientError):
    """The extra `progress` is not installed."""


@contextmanager
def progress_bar(total: int | None = None, description: str = "Alerts") -> Iterator[Callable[[Progress], None]]:
    """Show a bar on the terminal; what it gives goes to `predict_batch(…, progress=…)`.

    Args:
        total: how many alerts there are, where that is known.
        description: stands before the bar.

    Raises:
        RichMissing: rich is not installed.
    """
    try:
        from rich.progress import Progress as Bar  # noqa: PLC0415 - an extra
    except ImportError:
        raise RichMissing("A progress bar needs rich: pip install 'ondijon-triage-client[progress]'.") from None
    with Bar() as bar:
        task = bar.add_task(description, total=total)

        def show(progress: Progress) -> None:
            failures = f" ({progress.failed} failed)" if progress.failed else ""
            bar.update(task, completed=progress.done, description=description + failures)

        yield show
