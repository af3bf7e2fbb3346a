"""The real server with the bundle that ships: alerts stored over HTTP, kept by a restart, silent in the log."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from triage.settings import PROJECT_ROOT

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("alerts-server")]

BUNDLE = Path(os.environ.get("TRIAGE_BUNDLE") or PROJECT_ROOT / "models" / "pretrained").resolve()
START_TIMEOUT_S = 90
TEXT = "Lampadaire éteint devant le 12 rue Monge, appelez le 06 12 34 56 78 ou AB-123-CD"
LAMP = {"id": "real/1", "text": TEXT, "lat": 47.3216, "lon": 5.0415, "created_at": "2026-01-15T18:30:00+01:00"}
NEXT = LAMP | {"id": "real 2", "text": "Lampadaire éteint depuis hier devant le 12 rue Monge", "lat": 47.32165}

Serve = Callable[[], Any]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("real")


@pytest.fixture(scope="module")
def serve(folder: Path) -> Serve:
    """Starts `triage serve` in one folder, again and again."""

    @contextmanager
    def run() -> Iterator[httpx.Client]:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("TRIAGE_")}
        settings = {"TRIAGE_STORE": "sqlite:///data/alerts.db", "TRIAGE_THREADS": "1"}
        command = [str(Path(sys.executable).with_name("triage")), "serve", "--bundle", str(BUNDLE), "--port", str(port)]
        with (folder / "server.log").open("ab") as log:
            process = subprocess.Popen(command, cwd=folder, env=environment | settings, stdout=log, stderr=log)
            try:
                base = f"http://127.0.0.1:{port}"
                _wait(base, process)
                headers = {"X-API-Key": (folder / ".triage" / "local.key").read_text().strip()}
                with httpx.Client(base_url=base, headers=headers, timeout=60, trust_env=False) as client:
                    yield client
            finally:
                process.terminate()
                process.wait(timeout=30)

    return run


def _wait(base: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while process.poll() is None and time.monotonic() < deadline:
        try:
            if httpx.get(f"{base}/readyz", timeout=2, trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise RuntimeError("the server did not become ready")


def _triage(folder: Path, *arguments: str) -> str:
    command = [str(Path(sys.executable).with_name("triage")), *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, encoding="utf-8").stdout.strip()


def test_alerts_live_through_a_restart_and_leave_no_trace_of_residents(serve: Serve, folder: Path) -> None:
    with serve() as client:
        first = client.post("/v1/alerts", json=LAMP)
        assert first.status_code == 201, first.text
        second = client.post("/v1/alerts", json=NEXT | {"created_at": "2026-01-16T18:30:00+01:00"})
        compares = "duplicates" in json.loads((BUNDLE / "manifest.json").read_text())["parts"]
        assert [found["id"] for found in second.json()["duplicates"]] == (["real/1"] if compares else [])
        assert client.get("/v1/alerts/real%2F1/original?purpose=test").status_code == 403
        key = {"X-API-Key": _triage(folder, "key", "add", "agent", "--scope", "personal")}
        time.sleep(1.1)  # the service looks for new keys once a second
        original = client.get("/v1/alerts/real%2F1/original?purpose=test", headers=key)
        assert original.json() == {"id": "real/1", "text": TEXT}
        shown = client.get("/v1/alerts").json()
        _triage(folder, "key", "remove", "agent")
        time.sleep(1.1)
        assert client.get("/v1/alerts/real%2F1/original?purpose=test", headers=key).status_code == 401
    with serve() as client:
        assert client.get("/v1/alerts").json() == shown
        assert client.post("/v1/alerts", json=LAMP).content == first.content
        assert (folder / "data" / "alerts.db").exists()
    files = [path for path in folder.rglob("*") if path.is_file()]
    for path in files:
        content = path.read_bytes()
        assert not [trace for trace in (b"06 12 34", b"AB-123", b"0612345678") if trace in content], path
    log = (folder / "server.log").read_text(encoding="utf-8")
    assert not [trace for trace in ("Lampadaire", "12 rue Monge", "real/1") if trace in log]
