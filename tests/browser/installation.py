"""A `triage serve` of its own in a scratch folder, and what tests do to it beside its pages."""

import contextlib
import itertools
import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from serving.staff.passwords import Passwords
from triage.settings import PROJECT_ROOT, Settings
from triage.staff import Role
from triage.store.configured import open_store
from triage.store.records import StoredAlert
from triage.store.review_records import ReviewEntry
from triage.store.store import Store

# Another bundle, such as a challenger, may be put to the same tests.
BUNDLE = Path(os.environ.get("TRIAGE_BUNDLE") or PROJECT_ROOT / "models" / "pretrained").resolve()
PASSWORD = "un cheval vert 12"  # noqa: S105 - of accounts that live for one run
HASH = Passwords().hash(PASSWORD)
START_TIMEOUT_S = 180
_LINK = re.compile(r"http://\S+/review/enter\?token=\S+")
# The city ends at 47.45: whatever is farther north is looked at by staff, whatever the model says.
_NORTH, _STEP = 47.5, 0.02


@dataclass(frozen=True, slots=True)
class Installation:
    """One server with its store.

    Attributes:
        base: its address.
        settings: where its store is.
        key: an API key that it knows.
        log: the file that takes all it prints.
    """

    base: str
    settings: Settings
    key: str
    log: Path
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    _sessions: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def one_time_link(self) -> str:
        """The link that was printed at the start."""
        return _LINK.findall(self.log.read_text(encoding="utf-8"))[-1]

    def store(self) -> Store:
        """The store, beside the server."""
        return open_store(self.settings)

    def stored(self, alert_id: str) -> StoredAlert:
        """An alert as it is now."""
        with self.store() as store:
            alert = store.alert(alert_id)
        assert alert is not None
        return alert

    def history(self, alert_id: str) -> tuple[ReviewEntry, ...]:
        """What was decided on an alert."""
        with self.store() as store:
            return store.history(alert_id)

    def number(self) -> int:
        """A number that was never given before."""
        return next(self._numbers)

    def send(self, text: str, *, photos: Mapping[str, bytes] | None = None, **fields: Any) -> str:
        """Send an alert as the resident's app does; its id.

        Without a place of its own it lies outside the city and far from all others, so that it waits for staff.
        """
        number = self.number()
        document: dict[str, Any] = {"id": f"browser-{number}", "text": text, "lat": _NORTH + number * _STEP, "lon": 5.0}
        document = {name: value for name, value in (document | fields).items() if value is not None}
        document.setdefault("created_at", datetime.now(UTC).isoformat())
        headers = {"Authorization": f"Bearer {self.key}"}
        body: dict[str, Any] = {"json": document}
        if photos:
            parts = [("photo", (name, content, "image/jpeg")) for name, content in photos.items()]
            body = {"files": [("alert", ("alert.json", json.dumps(document), "application/json")), *parts]}
        answer = httpx.post(f"{self.base}/v1/alerts", headers=headers, timeout=60, trust_env=False, **body)
        assert answer.status_code == 201, answer.text
        return str(document["id"])

    def account(self, role: Role = Role.AGENT, display_name: str = "", name: str = "") -> str:
        """A new account; its name."""
        name = name or f"{role.value}.{self.number()}"
        with self.store() as store:
            store.add_account(name, display_name or name.upper(), role, HASH)
        return name

    def session(self, name: str) -> dict[str, str]:
        """The cookies of somebody who has signed in: once for all tests, since attempts are counted."""
        if name not in self._sessions:
            with self.browserless() as client:
                answer = client.post("/review/sign-in", data={"name": name, "password": PASSWORD})
                assert answer.status_code == 303, answer.text
                self._sessions[name] = dict(client.cookies)
        return self._sessions[name]

    def session_cookie(self, name: str) -> tuple[str, str]:
        """The name and the value of the one cookie that counts."""
        [found] = [(key, value) for key, value in self.session(name).items() if "_session_" in key]
        return found

    def browserless(self, cookies: Mapping[str, str] | None = None) -> httpx.Client:
        """A client that says, as browsers do, where its forms come from."""
        headers = {"Origin": self.base}
        return httpx.Client(base_url=self.base, headers=headers, cookies=cookies, timeout=60, trust_env=False)


@contextlib.contextmanager
def serving(folder: Path, **settings: str) -> Iterator[Installation]:
    """Start a server in a folder, and stop it."""
    state, log = folder / "state", folder / "server.log"
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TRIAGE_")}
    chosen = {"STATE_DIR": str(state), "PHOTO_STORE": str(folder / "photos"), "THREADS": "1"} | settings
    environment |= {f"TRIAGE_{name}": value for name, value in chosen.items()}
    command = [str(Path(sys.executable).with_name("triage")), "serve", "--bundle", str(BUNDLE), "--port", str(port)]
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT)
        try:
            wait_for("Ctrl+C stops it", process, log)
            key = (state / "local.key").read_text().strip()
            yield Installation(f"http://127.0.0.1:{port}", Settings(state_dir=state), key, log)
        finally:
            process.terminate()
            process.wait(timeout=30)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(words: str, process: "subprocess.Popen[bytes]", log: Path, timeout_s: float = START_TIMEOUT_S) -> None:
    """Wait until a process has printed something.

    Raises:
        RuntimeError: it ended, or did not print it in time.
    """
    deadline = time.monotonic() + timeout_s
    while process.poll() is None and time.monotonic() < deadline:
        if words in log.read_text(encoding="utf-8", errors="replace"):
            return
        time.sleep(0.1)
    raise RuntimeError(f"'{words}' was not printed:\n{log.read_text(encoding='utf-8', errors='replace')}")
