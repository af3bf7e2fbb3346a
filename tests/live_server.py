"""Real servers for tests: started on a free port with a state folder of their own, and stopped or killed at the end."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import httpx
import psutil

TRIAGE = str(Path(sys.executable).with_name("triage"))
START_TIMEOUT_S = 150
STOP_TIMEOUT_S = 30


@dataclass(frozen=True, slots=True)
class Started:
    """A running server.

    Attributes:
        base: its address.
        log: the file that takes all it prints.
        process: the one that was started; the one that answers may be a child of it.
    """

    base: str
    log: Path
    process: "subprocess.Popen[bytes]"

    @property
    def is_ready(self) -> bool:
        """Whether it takes requests."""
        try:
            return httpx.get(f"{self.base}/readyz", timeout=2, trust_env=False).status_code == 200
        except httpx.TransportError:
            return False

    def wait(self, seconds: float = START_TIMEOUT_S) -> None:
        """Wait until it takes requests."""
        deadline = time.monotonic() + seconds
        while not self.is_ready:
            printed = self.log.read_text(errors="replace")
            assert self.process.poll() is None, f"The server has ended:\n{printed}"
            assert time.monotonic() < deadline, f"The server did not become ready:\n{printed}"
            time.sleep(0.05)

    @property
    def family(self) -> list[psutil.Process]:
        """All processes of the server, the one that was started first."""
        with contextlib.suppress(psutil.NoSuchProcess):
            first = psutil.Process(self.process.pid)
            return [first, *first.children(recursive=True)]
        return []

    @property
    def workers(self) -> list[psutil.Process]:
        """The processes that answer."""
        return [member for member in self.family if "worker" in " ".join(_command(member))]


@contextlib.contextmanager
def started(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], port: int, *, ready: bool = True
) -> Iterator[Started]:
    """Start a server, and stop it at the end.

    Args:
        command: starts it.
        folder: where it runs.
        environment: all of its variables.
        port: where it will listen.
        ready: whether to wait until it takes requests.
    """
    log = folder / "server.log"
    with log.open("ab") as output:
        # In the group of the tests, so that a signal to these ends it too.
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=output, stderr=output)
        server = Started(f"http://127.0.0.1:{port}", log, process)
        try:
            if ready:
                server.wait()
            yield server
        finally:
            family = server.family
            process.terminate()
            try:
                process.wait(timeout=STOP_TIMEOUT_S)
            finally:
                for member in family:
                    with contextlib.suppress(psutil.NoSuchProcess):
                        member.kill()
                process.wait(STOP_TIMEOUT_S)


@contextlib.contextmanager
def triage_serve(
    folder: Path,
    settings: Mapping[str, str] = MappingProxyType({}),
    *options: str,
    port: int | None = None,
    ready: bool = True,
) -> Iterator[tuple[Started, str]]:
    """A `triage serve` with one thread for its model, and its local key.

    Args:
        folder: where it runs; its state is in `state`.
        settings: more settings, by their names without `TRIAGE_`.
        options: more of its command.
        port: where it listens; a free one by default.
        ready: whether to wait until it takes requests.
    """
    number = port or free_port()
    given = {"STATE_DIR": str(folder / "state"), "THREADS": "1", **settings}
    variables = plain_environment() | {f"TRIAGE_{name}": value for name, value in given.items()}
    with started([TRIAGE, "serve", "--port", str(number), *options], folder, variables, number, ready=ready) as server:
        yield server, (folder / "state" / "local.key").read_text().strip() if ready else ""


def free_port() -> int:
    """A port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def plain_environment() -> dict[str, str]:
    """The variables of this process but for settings."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("TRIAGE_", "BENTOML_"))}


def _command(process: psutil.Process) -> list[str]:
    try:
        return list(process.cmdline())
    except psutil.Error:
        return []
