"""`triage demo`: a whole life, from the accounts that it prints to the folder that is gone, and what it refuses."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

RunTriage = Callable[..., "subprocess.CompletedProcess[str]"]
Sentence = Callable[["subprocess.CompletedProcess[str]"], str]
START_TIMEOUT_S = 180


@dataclass(frozen=True, slots=True)
class Life:
    """What a demo printed and showed, how it ended and what it left."""

    welcome: str
    queue: str
    supervisor: httpx.Response
    for_agents: int
    status: int
    left: list[Path]
    output: str
    city: list[Path]


@pytest.fixture(scope="module")
def life(command: str, environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    folder = tmp_path_factory.mktemp("demo")
    scratch, city = folder / "scratch", folder / "city"
    scratch.mkdir()
    # The settings of a city must not count: a demo may never write into its store.
    settings = {"TRIAGE_STATE_DIR": str(city), "TRIAGE_STORE": f"sqlite:///{city}/alerts.db", "TMPDIR": str(scratch)}
    process = subprocess.Popen(
        [command, "demo", "--alerts", "60", "--port", str(_free_port())],
        cwd=folder,
        env=environment | settings,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        start_new_session=True,
    )
    assert process.stdout is not None
    impatience = threading.Timer(START_TIMEOUT_S, process.kill)
    impatience.start()
    try:
        welcome = ""
        while "Ctrl+C" not in welcome and (line := process.stdout.readline()):
            welcome += line
        with _signed_in(welcome, "agent") as agent, _signed_in(welcome, "supervisor") as supervisor:
            queue = agent.get("/review").text
            shown = supervisor.get("/review/supervisor")
            for_agents = agent.get("/review/supervisor").status_code
        os.killpg(process.pid, signal.SIGINT)  # as Ctrl+C in a terminal does
        rest, _ = process.communicate(timeout=30)
        left = list(scratch.glob("triage*"))
        yield Life(welcome, queue, shown, for_agents, process.returncode, left, welcome + rest, list(city.glob("*")))
    finally:
        impatience.cancel()
        process.kill()
        process.communicate()


@contextlib.contextmanager
def _signed_in(welcome: str, role: str) -> Iterator[httpx.Client]:
    [base] = re.findall(r"http://[\d.]+:\d+", welcome)[:1]
    [(name, password)] = re.findall(rf"^  {role} +(\S+) +(\S+)$", welcome, re.MULTILINE)
    with httpx.Client(base_url=base, headers={"Origin": base}, trust_env=False, timeout=30) as client:
        assert client.post("/review/sign-in", data={"name": name, "password": password}).status_code == 303
        yield client


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.slow
@pytest.mark.xdist_group("demo")
def test_the_printed_accounts_open_the_desk_and_only_the_supervisor_sees_figures(life: Life) -> None:
    assert 'id="decision"' in life.queue
    assert life.supervisor.status_code == 200
    assert life.for_agents == 403


@pytest.mark.slow
@pytest.mark.xdist_group("demo")
def test_some_alerts_wait_with_a_photo_and_a_place(life: Life) -> None:
    assert 'id="map"' in life.queue
    assert "demo-" in life.queue


@pytest.mark.slow
@pytest.mark.xdist_group("demo")
def test_ctrl_c_ends_it_and_leaves_nothing_behind(life: Life) -> None:
    assert life.status == 0, life.output
    assert life.left == []


@pytest.mark.slow
@pytest.mark.xdist_group("demo")
def test_the_store_of_the_city_is_left_alone(life: Life) -> None:
    assert life.city == []


@pytest.mark.slow
@pytest.mark.xdist_group("demo")
def test_nothing_is_printed_that_looks_like_a_failure(life: Life) -> None:
    for word in ("Traceback", "ERROR", "WARNING", "Error"):
        assert word not in life.output


def test_a_port_in_use_is_one_sentence(triage: RunTriage, sentence: Sentence) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        said = sentence(triage("demo", "--port", other.getsockname()[1]))
    assert "--port" in said


def test_a_folder_without_photos_is_one_sentence(triage: RunTriage, sentence: Sentence, tmp_path: Path) -> None:
    assert "photo labels" in sentence(triage("demo", "--photos", tmp_path, "--port", _free_port()))
