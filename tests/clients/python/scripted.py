"""A real HTTP server on this machine whose answers a test writes beforehand: failures that no healthy service shows."""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

PROBLEM = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Scripted:
    """One answer; without a status the connection is cut without one."""

    status: int | None
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it came."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


def answer(document: Any, status: int = 200) -> Scripted:
    """An answer in JSON."""
    return Scripted(status, json.dumps(document).encode(), {"Content-Type": "application/json"})


def problem(status: int, code: str = "overloaded", **headers: str) -> Scripted:
    """A problem document."""
    document = {"type": f"urn:triage:problem:{code}", "title": "T", "status": status, "detail": "Detail.", "errors": []}
    return Scripted(status, json.dumps(document).encode(), {"Content-Type": PROBLEM} | headers)


def stream(text: str) -> Scripted:
    """An event stream that ends after its text."""
    return Scripted(200, text.encode(), {"Content-Type": "text/event-stream"})


CUT = Scripted(None)


class ScriptedService:
    """Gives its answers one after the other, the last one again and again, and remembers what was asked."""

    def __init__(self) -> None:
        self.answers: list[Scripted] = []
        self.asked: list[Asked] = []
        script = self

        class Handler(BaseHTTPRequestHandler):
            def _answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                script.asked.append(Asked(self.command, self.path, dict(self.headers), body))
                given = script.answers.pop(0) if len(script.answers) > 1 else script.answers[0]
                if given.status is None:
                    self.close_connection = True
                    return
                self.send_response(given.status)
                for name, value in given.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(given.body)))
                self.end_headers()
                self.wfile.write(given.body)

            do_GET = do_POST = do_PATCH = do_DELETE = _answer  # noqa: N815 - names that http.server looks for

            def log_message(self, *_: Any) -> None:
                """Keep the tests' output short."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
