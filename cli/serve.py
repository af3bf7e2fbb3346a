"""`triage serve`."""

import ipaddress
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from triage.settings import Settings

READY_TIMEOUT_S = 120


def serve(
    bundle: Annotated[
        Path | None,
        typer.Option(help="Bundle to serve; by default the champion of TRIAGE_MODELS, else models/pretrained."),
    ] = None,
    host: Annotated[str, typer.Option(help="Address to bind; others than this machine's need API keys.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to bind.")] = 3000,
) -> None:
    """Start the service and print how to call it; another champion takes over while it runs.

    Example: triage serve --bundle models/pretrained --port 3000
    """
    from serving.desk.map.backdrop import Backdrop
    from serving.forwarding.loading import load_forwarders
    from serving.keys import KeyStore
    from serving.models.unloaded import words_and_rules
    from triage.settings import load_settings

    settings = load_settings(bundle)
    # What cannot be used is refused here, in one sentence, before a server starts.
    _try_bundle(settings, bundle)
    Backdrop.from_settings(settings)
    if settings.forwarders:
        load_forwarders(settings.forwarders, words_and_rules(settings)[0], settings.webhook_hosts)
    store = KeyStore(settings.state_dir)
    key = store.local_key() if _is_loopback(host) else None
    if not store.all():
        _refuse_to_listen(host)
    _require_free_port(host, port)
    _try_store(settings)
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and service
        [
            sys.executable,
            "-m",
            "bentoml",
            "serve",
            "serving.service:TriageService",
            "--host",
            host,
            "--port",
            str(port),
        ],
        env=_environment(settings),
        cwd=Path(__file__).resolve().parent.parent,
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: process.terminate())
    ready = _wait_until_ready(process, host, port)
    if ready is not None:
        _print_welcome(host, port, key, settings)
        if not ready["predict"]:
            typer.echo("\nNo bundle is loaded: until it is mended alerts are stored, and predictions are refused.")
    raise typer.Exit(_exit_status(process.wait()))


def _environment(settings: "Settings") -> dict[str, str]:
    """The variables of the service, which runs in another folder: paths are whole."""
    from triage.settings import NONE

    named = {
        "TRIAGE_TAXONOMY": settings.taxonomy,
        "TRIAGE_DUPLICATE_RULES": settings.duplicate_rules,
        "TRIAGE_REVIEW_RULES": settings.review_rules,
        "TRIAGE_FORWARDERS": settings.forwarders,
    }
    files = {name: str(path.resolve()) for name, path in named.items() if path is not None}
    if settings.map_tiles.endswith(".pmtiles"):
        files["TRIAGE_MAP_TILES"] = str(Path(settings.map_tiles).resolve())
    return (
        os.environ
        | files
        | {
            "TRIAGE_BUNDLE": str(settings.bundle.resolve()),
            "TRIAGE_MODELS": str(settings.models.resolve()) if settings.models else NONE,
            "TRIAGE_STATE_DIR": str(settings.state_dir.resolve()),
            "TRIAGE_STORE": settings.store_url,
            "BENTOML_DO_NOT_TRACK": "true",
        }
    )


def _try_bundle(settings: "Settings", named: Path | None) -> None:
    """Say what is wrong with a bundle; a broken one is no reason to refuse alerts, a folder that is not there is."""
    from models.bundle import load_bundle
    from models.folder import bundle_in_use
    from triage.errors import InvalidBundle, InvalidModelFolder

    try:
        load_bundle(bundle_in_use(settings.models, settings.bundle))
    except (InvalidBundle, InvalidModelFolder) as error:
        if named is not None and not named.is_dir():
            raise
        typer.echo(
            f"triage: {error.message} Until then alerts are stored and triaged later, and predictions are refused.",
            err=True,
        )


def _try_store(settings: "Settings") -> None:
    """Refuse a store that will never serve; one that cannot be reached now is tried again by the service."""
    from triage.store.configured import open_store
    from triage.store.errors import StoreFailed, StoreTooNew, StoreTooOld

    try:
        open_store(settings).close()
    except (StoreTooNew, StoreTooOld):
        raise
    except StoreFailed as error:
        typer.echo(f"triage: {error.message} Until then alerts are predicted, but not stored.", err=True)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _refuse_to_listen(host: str) -> None:
    from triage.errors import InvalidConfiguration

    raise InvalidConfiguration(
        f"{host} can be reached from other machines, and there is no API key yet. Make one with"
        " `triage key add NAME`, or serve on 127.0.0.1."
    )


def _require_free_port(host: str, port: int) -> None:
    import socket

    from triage.errors import InvalidConfiguration

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise InvalidConfiguration(
                f"Port {port} on {host} cannot be used ({error.strerror}); choose another with --port."
            ) from error


def _wait_until_ready(process: subprocess.Popen[bytes], host: str, port: int) -> dict[str, bool] | None:
    """For which requests the service is ready; None where it has ended, or takes too long."""
    import json

    address = "127.0.0.1" if host == "0.0.0.0" else host  # noqa: S104 - compared, not bound
    deadline = time.monotonic() + READY_TIMEOUT_S
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://{_in_url(address)}:{port}/readyz", timeout=2) as answer:
                ready: dict[str, bool] = json.load(answer)
                return ready
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    return None


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _print_welcome(host: str, port: int, key: str | None, settings: "Settings") -> None:
    base = f"http://{_in_url(host)}:{port}"
    shown = key or "$TRIAGE_KEY"
    body = '{"id": "demo-1", "text": "Un matelas et des cartons traînent sur le trottoir rue Monge depuis lundi"}'
    typer.echo(
        f"\nThe service is ready.\n\n  address   {base}\n  API page  {base}/docs\n"
        f"  API key   {shown}" + (f"   (kept in {settings.state_dir}/local.key)" if key else "") + "\n"
        f"  desk      {_way_to_the_desk(base, host, settings)}\n\n"
        "Try it from another terminal:\n\n"
        f"  curl -s {base}/v1/predict \\\n"
        f"    -H 'Authorization: Bearer {shown}' \\\n"
        "    -H 'Content-Type: application/json' \\\n"
        f"    -d '{body}'\n\n"
        "Ctrl+C stops it."
    )
    sys.stdout.flush()


def _way_to_the_desk(base: str, host: str, settings: "Settings") -> str:
    """Where staff go; before there are accounts a link that works once, on this machine alone."""
    from serving.staff.links import OneTimeLink
    from triage.store.base import utc_now
    from triage.store.configured import open_store
    from triage.store.errors import StoreFailed

    link = OneTimeLink(settings.state_dir)
    address = f"{settings.public_url or base}/review"
    try:
        with open_store(settings) as store:
            closed = not (store.has_staff() or settings.oidc_issuer)
    except StoreFailed:
        return address
    if not closed:
        link.forget()
        return address
    how = "`triage user add NAME --role administrator`"
    if not _is_loopback(host) or settings.public_url:
        link.forget()
        return f"{address}   (closed until there is an account: {how})"
    note = f"(works once, within 15 minutes; {how} makes an account)"
    return f"{address}/enter?token={link.make(utc_now())}\n            {note}"


def _exit_status(code: int) -> int:
    # Ended by our own signal is the ordinary way to stop.
    return 0 if code in (0, -signal.SIGTERM, -signal.SIGINT) else max(code, 1)
