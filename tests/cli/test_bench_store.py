"""`triage bench store`, with few alerts and few kills."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

RunTriage = Callable[..., "subprocess.CompletedProcess[str]"]
Sentence = Callable[["subprocess.CompletedProcess[str]"], str]

SMALL = ("--alerts", "10000", "--district", "20", "--kills", "2", "--writers", "2", "--seconds", "0.5")


@pytest.mark.slow
@pytest.mark.xdist_group("postgresql")
def test_the_figures_of_both_databases_are_printed(triage: RunTriage, tmp_path: Path, postgresql_url: str) -> None:
    done = triage("bench", "store", *SMALL, "--store-url", postgresql_url, "--folder", tmp_path / "here", "--json")
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert figures["lookups"]["few"]["alerts"] == figures["lookups"]["many"]["alerts"] == 10_000
    assert figures["ratio"] > 0
    assert figures["flushes_per_s"] > 0
    assert [(each["database"], each["writers"]) for each in figures["inserts"]] == [
        ("SQLite", 1),
        ("SQLite", 2),
        ("PostgreSQL", 1),
        ("PostgreSQL", 2),
    ]
    assert figures["kills"].keys() == {"SQLite", "PostgreSQL"}
    for found in figures["kills"].values():
        assert found["kills"] == 2 <= found["acknowledged"] <= found["stored"]
        assert (found["lost"], found["doubled"], found["incomplete"], found["uncalled"]) == (0, 0, 0, 0)
    assert not list((tmp_path / "here").iterdir())


def test_a_server_that_cannot_be_used_is_one_sentence(triage: RunTriage, sentence: Sentence) -> None:
    done = triage("bench", "store", *SMALL, "--store-url", "postgresql://someone:hunter2@127.0.0.1:1/d")
    assert "hunter2" not in sentence(done)
