"""A cluster of two nodes: both answer, and nothing else changes."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import psutil
import pyarrow.parquet as pq
import pytest

RunTriage = Callable[..., "subprocess.CompletedProcess[str]"]
Sentence = Callable[["subprocess.CompletedProcess[str]"], str]
WriteParquet = Callable[..., Path]

pytestmark = pytest.mark.xdist_group("ray")

ROWS = 200


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    """The address of a real cluster with two nodes."""
    script = Path(__file__).with_name("two_nodes.py")
    quiet = os.environ | {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"}
    with subprocess.Popen(
        [sys.executable, script], env=quiet, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdin
        assert process.stdout
        yield process.stdout.readline().decode().strip()
        nodes = psutil.Process(process.pid).children(recursive=True)
        process.stdin.close()
        process.wait(timeout=60)
        assert not psutil.wait_procs(nodes, timeout=30)[1]


@pytest.mark.slow
def test_both_nodes_answer_and_every_row_is_answered_once(
    triage: RunTriage, cluster: str, parquet: WriteParquet, texts: Sequence[str], tmp_path: Path
) -> None:
    rows = [{"id": f"a{number}", "text": texts[number % len(texts)]} for number in range(ROWS)]
    source, target = parquet(rows), tmp_path / "answers"
    options = ("--rows-per-part", "20", "--address", cluster, "--json")
    done = triage("backfill", "--input", source, "--output", target, *options)
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert (summary["rows"], summary["answered"], summary["errors"], summary["workers"]) == (ROWS, ROWS, 0, 2)
    assert len(summary["nodes"]) == 2
    assert all(summary["nodes"].values())
    assert pq.read_table(target)["row"].to_pylist() == list(range(1, ROWS + 1))


@pytest.mark.slow
def test_more_workers_than_the_cluster_has_cores_are_refused(
    triage: RunTriage, sentence: Sentence, cluster: str, parquet: WriteParquet, tmp_path: Path
) -> None:
    source = parquet([{"id": "a", "text": "trou"}])
    done = triage("backfill", "--input", source, "--output", tmp_path / "o", "--address", cluster, "--workers", "3")
    assert "2 cores" in sentence(done)
