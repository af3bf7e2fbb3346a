"""A real server of its own for one benchmark, on a free port with a scratch state folder."""

import contextlib
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import psutil

START_TIMEOUT_S = 150


@dataclass(frozen=True, slots=True)
class RunningServer:
    """Where the server listens, and a key that it knows.

    Attributes:
        pid: of the process that was started; the one that answers is below it.
        start_s: seconds from its start until it was ready.
    """

    base: str
    key: str
    pid: int
    start_s: float

    def memory_mb(self) -> float:
        """Resident memory of the process that answers, the largest of those that were started."""
        started = psutil.Process(self.pid)
        sizes = [0.0]
        for process in (started, *started.children(recursive=True)):
            with contextlib.suppress(psutil.NoSuchProcess):
                sizes.append(process.memory_info().rss / 1e6)
        return max(sizes)

    def metrics(self) -> dict[str, float]:
        """The current Prometheus samples by name and labels."""
        request = urllib.request.Request(  # noqa: S310 - our own server on loopback
            f"{self.base}/metrics", headers={"Authorization": f"Bearer {self.key}"}
        )
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - our own server on loopback
            lines = answer.read().decode().splitlines()
        samples = (re.fullmatch(r"([^# ][^ ]*) ([^ ]+)", line) for line in lines)
        return {match[1]: float(match[2]) for match in samples if match}


@contextlib.contextmanager
def running_server(bundle: Path, settings: Mapping[str, str] = MappingProxyType({})) -> Iterator[RunningServer]:
    """Start `triage serve` with the echo route, stop it at the end.

    Args:
        bundle: what it serves.
        settings: more variables of the environment.

    Raises:
        RuntimeError: the server does not become ready.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as state:
        environment = os.environ | {"TRIAGE_BENCH_ROUTES": "true", "TRIAGE_STATE_DIR": state, **settings}
        begun = time.monotonic()
        process = subprocess.Popen(  # noqa: S603 - our own command
            [str(Path(sys.executable).with_name("triage")), "serve", "--bundle", str(bundle), "--port", str(port)],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            base = f"http://127.0.0.1:{port}"
            _wait(base, process)
            key = (Path(state) / "local.key").read_text().strip()
            yield RunningServer(base, key, process.pid, time.monotonic() - begun)
        finally:
            process.terminate()
            process.wait(timeout=30)


def _wait(base: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{base}/readyz", timeout=2) as answer:  # noqa: S310
                if answer.status == 200:
                    return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise RuntimeError("The benchmark's server did not become ready; start `triage serve` by hand to see why.")
