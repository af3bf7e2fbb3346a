"""`triage serve`: refuses in a sentence, says how to call it, and leaves nothing behind."""

import os
import signal
import socket
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest

from models.folder import ModelFolder
from tests.live_server import triage_serve
from triage.store.store import Store

RunTriage = Callable[..., "subprocess.CompletedProcess[str]"]
Sentence = Callable[["subprocess.CompletedProcess[str]"], str]
START_TIMEOUT_S = 90


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# What is refused


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "triage.example"])  # noqa: S104 - must be refused
def test_other_machines_are_not_served_without_a_key(
    triage: RunTriage, sentence: Sentence, tmp_path: Path, host: str, port: int
) -> None:
    said = sentence(triage("serve", "--host", host, "--port", port))
    assert host in said
    assert "triage key add" in said
    assert not (tmp_path / "state").exists()


def test_a_port_in_use_is_one_sentence(triage: RunTriage, sentence: Sentence) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        said = sentence(triage("serve", "--port", taken))
    assert str(taken) in said
    assert "--port" in said


def test_an_address_of_another_machine_is_one_sentence(triage: RunTriage, sentence: Sentence, port: int) -> None:
    triage("key", "add", "intake")
    assert "192.0.2.1" in sentence(triage("serve", "--host", "192.0.2.1", "--port", port))


@pytest.mark.parametrize("url", ["mysql://host/alerts", "sqlite://", "alerts.db"])
def test_a_store_that_never_serves_is_one_sentence(
    triage: RunTriage, sentence: Sentence, tmp_path: Path, port: int, url: str
) -> None:
    assert "sqlite:///folder/alerts.db" in sentence(triage("serve", "--port", port, store=url))
    assert not (tmp_path / "alerts.db").exists()


def test_a_store_of_a_newer_version_is_one_sentence(
    triage: RunTriage, sentence: Sentence, tmp_path: Path, port: int
) -> None:
    Store.open(f"sqlite:///{tmp_path}/alerts.db").close()
    with closing(sqlite3.connect(tmp_path / "alerts.db")) as connection, connection:
        connection.execute("UPDATE triage_store_version SET version_num = '9999'")
    assert "newer version" in sentence(triage("serve", "--port", port, store="sqlite:///alerts.db"))


def test_keys_for_personal_data_that_are_malformed_are_one_sentence(
    triage: RunTriage, sentence: Sentence, port: int
) -> None:
    said = sentence(triage("serve", "--port", port, personal_keys="hunter2"))
    assert "malformed" in said
    assert "hunter2" not in said


def test_a_bundle_that_is_not_there_is_one_sentence(
    triage: RunTriage, sentence: Sentence, tmp_path: Path, port: int
) -> None:
    assert "manifest.json" in sentence(triage("serve", "--bundle", tmp_path / "nowhere", "--port", port))


def test_a_setting_that_cannot_be_used_is_one_sentence(triage: RunTriage, sentence: Sentence) -> None:
    assert "TRIAGE_MAX_BATCH_SIZE" in sentence(triage("serve", max_batch_size="0"))


def test_a_broken_key_file_is_one_sentence(triage: RunTriage, sentence: Sentence, tmp_path: Path, port: int) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "keys.json").write_text("[]")
    assert "keys.json" in sentence(triage("serve", "--port", port))


# A whole life, from the welcome to the signal that ends it


@dataclass(frozen=True, slots=True)
class Life:
    """What one server printed and answered, its status, and the processes that outlived it."""

    welcome: str
    tried: httpx.Response
    desk: httpx.Response
    again: httpx.Response
    status: int
    orphans: list[psutil.Process]
    output: str


@pytest.fixture(scope="module", params=[signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
def life(
    request: pytest.FixtureRequest,
    command: str,
    environment: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Life]:
    folder = tmp_path_factory.mktemp("life")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number = probe.getsockname()[1]
    process = subprocess.Popen(
        [command, "serve", "--port", str(number)],
        cwd=folder,
        env=environment | {"TRIAGE_STATE_DIR": str(folder / "state")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        start_new_session=True,
    )
    assert process.stdout is not None
    impatience = threading.Timer(START_TIMEOUT_S, process.kill)
    impatience.start()
    children: list[psutil.Process] = []
    try:
        welcome = ""
        while "Ctrl+C" not in welcome and (line := process.stdout.readline()):
            welcome += line
        tried = _try_as_told(welcome)
        link = next(word for word in welcome.split() if "/review/enter?token=" in word)
        desk, again = (httpx.get(link, follow_redirects=True, timeout=30, trust_env=False) for _ in range(2))
        children = psutil.Process(process.pid).children(recursive=True)
        if request.param is signal.SIGINT:
            os.killpg(process.pid, signal.SIGINT)  # as Ctrl+C in a terminal does
        else:
            process.send_signal(request.param)
        rest, _ = process.communicate(timeout=30)
        _, orphans = psutil.wait_procs(children, timeout=2)
        yield Life(welcome, tried, desk, again, process.returncode, orphans, welcome + rest)
    finally:
        impatience.cancel()
        process.kill()
        process.communicate()
        for child in children:
            if child.is_running():
                child.kill()


def _try_as_told(welcome: str) -> httpx.Response:
    """Send the request that the welcome shows, without a shell."""
    words = welcome.partition("curl -s ")[2]
    address = words.split()[0]
    headers = dict(part.split("'")[0].split(": ", 1) for part in words.split("-H '")[1:])
    body = words.partition("-d '")[2].partition("'")[0]
    return httpx.post(address, headers=headers, content=body.encode(), timeout=30, trust_env=False)


@pytest.mark.slow
@pytest.mark.xdist_group("life")
def test_what_the_welcome_shows_works_as_it_stands(life: Life) -> None:
    assert life.tried.status_code == 200, life.output
    assert life.tried.json()["id"] == "demo-1"


@pytest.mark.slow
@pytest.mark.xdist_group("life")
def test_the_welcome_names_the_address_the_api_page_and_where_the_key_is_kept(life: Life) -> None:
    for words in ("http://127.0.0.1:", "/docs", "local.key"):
        assert words in life.welcome


@pytest.mark.slow
@pytest.mark.xdist_group("life")
def test_the_link_of_the_welcome_opens_the_review_desk_once(life: Life) -> None:
    assert life.desk.status_code == 200, life.desk.text
    assert life.desk.url.path == "/review"
    assert life.again.status_code == 403


@pytest.mark.slow
@pytest.mark.xdist_group("life")
def test_a_signal_ends_it_with_status_0_and_no_orphan(life: Life) -> None:
    assert life.status == 0, life.output
    assert life.orphans == []


@pytest.mark.slow
@pytest.mark.xdist_group("life")
def test_nothing_is_printed_that_looks_like_a_failure(life: Life) -> None:
    for word in ("Traceback", "ERROR", "WARNING"):
        assert word not in life.output


# A bundle that does not load


@pytest.mark.slow
@pytest.mark.xdist_group("broken bundle")
def test_a_bundle_that_does_not_load_is_said_alerts_are_taken_in_and_mending_it_is_enough(
    bundle: Path, tmp_path: Path
) -> None:
    models = ModelFolder(tmp_path / "models")
    version = models.install(bundle).manifest.version
    models.promote(version, by="anne")
    damaged = models.path / version / "text" / "model.onnx"
    whole = damaged.read_bytes()
    damaged.write_bytes(b"")
    alert = {"id": "lamp-1", "text": "Lampadaire éteint devant le 12 rue Monge"}
    with (
        triage_serve(tmp_path, {"MODELS": str(models.path)}) as (server, key),
        httpx.Client(base_url=server.base, headers={"X-API-Key": key}, timeout=30, trust_env=False) as client,
    ):
        assert client.get("/readyz?for=predict").status_code == 503
        assert client.post("/v1/predict", json=alert).status_code == 503
        assert client.post("/v1/alerts", json=alert).status_code == 202
        damaged.write_bytes(whole)
        deadline = time.monotonic() + 60
        while client.get("/v1/alerts/lamp-1").json()["prediction"] is None:
            assert time.monotonic() < deadline, server.log.read_text()
            time.sleep(0.2)
        assert client.post("/v1/alerts", json=alert).json()["model"]["version"] == version
        printed = server.log.read_text()
    assert "text/model.onnx is truncated" in printed
    assert "alerts are stored and triaged later" in printed
