"""Whatever is sent as a photo, it is decoded or refused with a sentence, in time, and in little memory.

The files are made by one process and decoded by another, so that the memory measured is that of decoding alone.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from triage.settings import PROJECT_ROOT

HERE = Path(__file__).parent
MOST_SECONDS, MOST_MB = 2.0, 300

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("hostile")]

Judged = list[dict[str, Any]]


@pytest.fixture(scope="module")
def judged() -> Judged:
    """Every hostile file and what became of it, in order; one process decodes them all."""
    run = [sys.executable, "-W", "error"]
    with subprocess.Popen([*run, HERE / "hostile_photos.py"], stdout=subprocess.PIPE) as source:
        judge = subprocess.run(
            [*run, HERE / "judge_photos.py"], stdin=source.stdout, capture_output=True, cwd=PROJECT_ROOT, check=False
        )
    assert source.returncode == 0
    assert judge.returncode == 0, judge.stderr.decode()
    assert not judge.stderr, judge.stderr.decode()
    return [json.loads(line) for line in judge.stdout.splitlines()]


def test_there_are_hundreds_of_them_and_each_has_a_name_of_its_own(judged: Judged) -> None:
    names = [photo["name"] for photo in judged]
    assert len(names) == len(set(names)) >= 200


def test_each_becomes_what_it_should(judged: Judged) -> None:
    wrong = [photo for photo in judged if photo["outcome"] not in ("refused", "decoded")]
    assert wrong == []
    others = [photo for photo in judged if photo["expected"] not in ("either", photo["outcome"])]
    assert others == []


def test_each_refusal_is_a_sentence(judged: Judged) -> None:
    refusals = {photo["why"] for photo in judged if photo["outcome"] == "refused"}
    assert [why for why in refusals if not (why.startswith("The ") and why.endswith("."))] == []


def test_none_takes_long(judged: Judged) -> None:
    assert [photo for photo in judged if photo["seconds"] > MOST_SECONDS] == []


def test_none_takes_much_memory(judged: Judged) -> None:
    assert [(photo["name"], photo["mb"]) for photo in judged if photo["mb"] > MOST_MB][:1] == []
