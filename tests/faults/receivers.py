"""A real receiver of webhooks on this machine, which answers as a test tells it to."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True, slots=True)
class Got:
    """A request as it arrived."""

    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(slots=True)
class Says:
    """What is answered."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(slots=True)
class Receiver:
    """Remembers what it got; `answer` decides what it says, and may wait before."""

    url: str
    host: str
    port: int
    got: list[Got] = field(default_factory=list)
    answer: Callable[[Got], Says] = field(default=lambda _: Says())


@contextlib.contextmanager
def receiver(port: int = 0) -> Iterator[Receiver]:
    """A receiver on a free port, or on this one."""
    with _Server(("127.0.0.1", port), _Handler) as server:
        number = server.server_address[1]
        server.state = Receiver(f"http://127.0.0.1:{number}/hook", f"127.0.0.1:{number}", number)
        thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.02))
        thread.start()
        try:
            yield server.state
        finally:
            server.shutdown()
            thread.join()


def free_port() -> int:
    """A port where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number


class _Server(ThreadingHTTPServer):
    state: Receiver
    daemon_threads = True


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        state = self.server.state
        got = Got(self.path, dict(self.headers), self.rfile.read(int(self.headers.get("Content-Length", 0))))
        said = state.answer(got)
        state.got.append(got)
        with contextlib.suppress(ConnectionError):
            self.send_response(said.status)
            for name, value in {"Content-Length": str(len(said.body)), **said.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(said.body)

    def do_GET(self) -> None:
        self.server.state.got.append(Got(self.path, dict(self.headers), b""))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass
