"""The real command in a process of its own, with a scratch state folder."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.postgres import postgres_server, postgresql_url
from triage.settings import PROJECT_ROOT

__all__ = ["postgres_server", "postgresql_url"]

RunTriage = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def command() -> str:
    """The path of `triage` in this environment."""
    return str(Path(sys.executable).with_name("triage"))


@pytest.fixture(scope="session")
def environment() -> dict[str, str]:
    """The variables of this process without any setting of the project, for a terminal without colours."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TRIAGE_")}
    return kept | {"NO_COLOR": "1", "COLUMNS": "120", "TERM": "dumb", "TRIAGE_THREADS": "1"}


@pytest.fixture
def triage(command: str, environment: dict[str, str], tmp_path: Path) -> RunTriage:
    """Runs `triage` in a scratch folder and returns status, stdout and stderr."""

    def run(*arguments: str | Path, **settings: str | Path) -> "subprocess.CompletedProcess[str]":
        chosen = {"TRIAGE_STATE_DIR": str(tmp_path / "state")}
        chosen |= {f"TRIAGE_{name.upper()}": str(value) for name, value in settings.items()}
        return subprocess.run(
            [command, *map(str, arguments)],
            cwd=tmp_path,
            env=environment | chosen,
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )

    return run


@pytest.fixture(scope="session")
def bundle() -> Path:
    """The bundle that ships."""
    return PROJECT_ROOT / "models" / "pretrained"


@pytest.fixture(scope="session")
def sentence() -> Callable[..., str]:
    """Checks that a command ended with status 2 and one sentence on stderr; returns the sentence."""

    def read(done: "subprocess.CompletedProcess[str]") -> str:
        assert done.returncode == 2, done.stderr
        assert done.stdout == ""
        assert "Traceback" not in done.stderr
        [line] = done.stderr.splitlines()
        assert line.startswith("triage: ")
        assert line.endswith(".")
        return line

    return read
