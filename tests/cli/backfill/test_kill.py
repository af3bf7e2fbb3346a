"""A start that is killed loses nothing, doubles nothing, and leaves no process; what it opened was for this machine."""

import json
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import psutil
import pyarrow.parquet as pq
import pytest

RunTriage = Callable[..., "subprocess.CompletedProcess[str]"]
WriteParquet = Callable[..., Path]

pytestmark = pytest.mark.xdist_group("ray")

ROWS, ROWS_PER_PART = 600, 20
PARTS = ROWS // ROWS_PER_PART
START_TIMEOUT_S = 90


@pytest.fixture
def arguments(parquet: WriteParquet, texts: Sequence[str], tmp_path: Path) -> tuple[str, ...]:
    rows = [{"id": f"a{number}", "text": texts[number % len(texts)]} for number in range(ROWS)]
    target = tmp_path / "answers"
    options = ("--rows-per-part", str(ROWS_PER_PART), "--workers", "2", "--json")
    return ("backfill", "--input", str(parquet(rows)), "--output", str(target), *options)


@pytest.fixture
def running(
    command: str, environment: dict[str, str], arguments: tuple[str, ...], tmp_path: Path, scratch: Path
) -> "Iterator[subprocess.Popen[bytes]]":
    """A start of its own, killed at the end if it still runs."""
    with subprocess.Popen(
        [command, *arguments],
        cwd=tmp_path,
        env=environment | {"TMPDIR": str(scratch)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        yield process
        process.kill()


def written(folder: Path) -> dict[str, int]:
    """The parts, each with the moment at which it was written."""
    return {path.name: path.stat().st_mtime_ns for path in folder.glob("part-*.parquet")}


def wait_for_parts(process: "subprocess.Popen[bytes]", folder: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while process.poll() is None and time.monotonic() < deadline and len(written(folder)) < 3:
        time.sleep(0.02)


def listening(processes: Sequence[psutil.Process]) -> set[str]:
    return {
        connection.laddr.ip
        for process in processes
        for connection in process.net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN
    }


@pytest.mark.slow
def test_a_killed_start_is_gone_on_with_where_it_was(
    triage: RunTriage, running: "subprocess.Popen[bytes]", arguments: tuple[str, ...], tmp_path: Path
) -> None:
    folder = tmp_path / "answers"
    wait_for_parts(running, folder)
    family = psutil.Process(running.pid).children(recursive=True)
    assert listening(family) <= {"127.0.0.1", "::ffff:127.0.0.1"}
    agents = [process for process in family if process.name().endswith("Agent")]
    running.send_signal(signal.SIGKILL)
    running.wait(timeout=10)
    # These two end by themselves, but first look for a minute for the head that went before them.
    for agent in agents:
        agent.kill()
    assert not psutil.wait_procs([process for process in family if process not in agents], timeout=30)[1]
    before = written(folder)
    assert 3 <= len(before) < PARTS
    done = triage(*arguments)
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert (summary["rows"], summary["errors"]) == (ROWS, 0)
    assert summary["answered"] == ROWS - len(before) * ROWS_PER_PART
    after = written(folder)
    assert len(after) == PARTS
    assert {name: after[name] for name in before} == before
    answers = pq.read_table(folder)
    assert answers["row"].to_pylist() == list(range(1, ROWS + 1))
    assert answers["id"].to_pylist() == [f"a{number}" for number in range(ROWS)]
    assert sorted(path.name for path in folder.iterdir()) == sorted([*after, "_SUCCESS", "_backfill.json"])
