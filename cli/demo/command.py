"""`triage demo`."""

import asyncio
import contextlib
import shutil
import signal
import tempfile
import webbrowser
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import socket

    from cli.demo.alerts import DemoAlert
    from cli.demo.answering import DemoAccount
    from cli.demo.clock import TravellingClock
    from cli.demo.photos import PhotoSource
    from cli.demo.service import DemoService


def demo(
    photos: Annotated[
        Path | None,
        typer.Option(help="Take photos from DIR/LABEL/… instead of drawing them.", exists=True, file_okay=False),
    ] = None,
    count: Annotated[int, typer.Option("--alerts", min=1, max=300, help="How many, the newest.")] = 300,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to bind on this machine.")] = 3000,
    bundle: Annotated[Path | None, typer.Option(help="Bundle to serve; models/pretrained by default.")] = None,
    browser: Annotated[bool, typer.Option("--open", help="Open the desk in the browser.")] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the scratch folder when it ends.")] = False,
) -> None:
    """Show the review desk with 300 alerts, in a scratch folder that is gone when it ends; ready within a minute.

    Example: triage demo --open
    """
    from cli.demo.alerts import read_demo_alerts
    from cli.demo.photos import PhotoSource
    from cli.demo.service import listen
    from models.bundle import load_bundle
    from triage.settings import PROJECT_ROOT

    chosen = (bundle or PROJECT_ROOT / "models" / "pretrained").resolve()
    load_bundle(chosen)  # a broken bundle is refused in one sentence
    alerts, source = read_demo_alerts()[-count:], PhotoSource(photos)
    # A scratch folder is cleaned up after a plain kill too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with listen(port) as listening, _scratch(keep=keep) as folder, contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_Demo(folder, chosen, browser).run(alerts, source, listening))


class _Demo:
    """One run of the demo."""

    def __init__(self, folder: Path, bundle: Path, browser: bool) -> None:
        self._folder = folder
        self._bundle = bundle
        self._browser = browser

    async def run(self, alerts: "Sequence[DemoAlert]", photos: "PhotoSource", listening: "socket.socket") -> None:
        """Load the alerts, and serve until a signal."""
        from cli.demo.clock import TravellingClock
        from cli.demo.service import build_service, demo_settings

        clock = TravellingClock()
        service = build_service(demo_settings(self._folder, self._bundle), clock)
        await service.start()
        try:
            with _bar(len(alerts)) as advance:
                accounts = await self._fill(service, clock, alerts, photos, advance)
            base = f"http://127.0.0.1:{listening.getsockname()[1]}"
            _welcome(base, accounts, self._folder)
            if self._browser:
                webbrowser.open(f"{base}/review")
            await service.serve(listening)
        finally:
            await service.stop()

    async def _fill(
        self,
        service: "DemoService",
        clock: "TravellingClock",
        alerts: "Sequence[DemoAlert]",
        photos: "PhotoSource",
        advance: Callable[[], None],
    ) -> "tuple[DemoAccount, ...]":
        from cli.demo.answering import Answering, add_accounts
        from cli.demo.loading import Loader
        from serving.storage import Work

        now: datetime = clock()
        await Loader(service, clock, photos, now).load(alerts, advance)
        engine = service.engine
        accounts = await engine.door.run(Work.WRITE, add_accounts)
        answering = Answering([account.name for account in accounts], engine.review_rules, now)
        await engine.door.run(Work.WRITE, lambda store: answering.run(store, alerts))
        return accounts


@contextlib.contextmanager
def _scratch(*, keep: bool) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="triage-demo-"))
    try:
        yield folder
    finally:
        if keep:
            typer.echo(
                f"\nKept. Serve it again: TRIAGE_STATE_DIR={folder} TRIAGE_PHOTO_STORE={folder}/photos triage serve"
            )
        else:
            shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _bar(total: int) -> Iterator[Callable[[], None]]:
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("sending alerts", total=total)
        yield lambda: progress.advance(task)


def _welcome(base: str, accounts: "Sequence[DemoAccount]", folder: Path) -> None:
    lines = [f"  {account.role.value:<12}{account.name:<18}{account.password}" for account in accounts]
    typer.echo(
        f"\nThe review desk is open.\n\n  address     {base}/review\n"
        + "\n".join(lines)
        + f"\n\nName and password are good for this demo alone. Everything lies in {folder}.\nCtrl+C ends it."
    )
