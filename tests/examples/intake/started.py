"""The example as its command starts it."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.browser.installation import free_port, wait_for
from triage.settings import PROJECT_ROOT

SECRET = "of these tests alone"  # noqa: S105 - signs links that live for one run


@contextlib.contextmanager
def started(folder: Path, triage_url: str, key: str) -> Iterator[str]:
    """Run `python -m examples.intake`; gives its address."""
    port, log = free_port(), folder / "intake.log"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TRIAGE_")}
    paths = [str(PROJECT_ROOT), str(PROJECT_ROOT / "clients" / "python" / "src")]
    environment |= {"PYTHONPATH": os.pathsep.join(paths), "NO_PROXY": "127.0.0.1"}
    environment |= {"TRIAGE_KEY": key, "INTAKE_SECRET": SECRET, "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "examples.intake", "--triage", triage_url, "--port", str(port)]
    command += ["--limit", "1000 per minute"]
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT)
        try:
            wait_for("Ctrl+C stops it", process, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(timeout=30)
    assert key not in log.read_text(encoding="utf-8")
