"""`triage demo` in a process of its own, as `make demo` starts it."""

import contextlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import BrowserContext, Page

from tests.browser.installation import BUNDLE, free_port, wait_for

START_TIMEOUT_S = 180
ALL, FEWER = 300, 120
# Where to write the README's picture.
SCREENSHOT = os.environ.get("TRIAGE_SCREENSHOT")
_ACCOUNT = re.compile(r"^  (agent|supervisor) +(\S+) +(\S+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Demo:
    """A demo that runs: its address, and name and password by role."""

    base: str
    accounts: Mapping[str, tuple[str, str]]

    def signed_in(self, context: BrowserContext, role: str) -> Page:
        """The desk, opened with what was printed."""
        name, password = self.accounts[role]
        window = context.new_page()
        window.goto(f"{self.base}/review")
        window.locator("#name").fill(name)
        window.locator("#password").fill(password)
        window.locator("#sign-in").click()
        window.wait_for_url("**/review")
        return window


@contextlib.contextmanager
def running_demo(folder: Path, alerts: int) -> Iterator[Demo]:
    """Start the demo with its newest alerts, and end it."""
    log, port = folder / "demo.log", free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TRIAGE_")}
    options = {"bundle": BUNDLE, "port": port, "alerts": alerts}
    command = [str(Path(sys.executable).with_name("triage")), "demo"]
    command += [part for name, value in options.items() for part in (f"--{name}", str(value))]
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT)
        try:
            wait_for("Ctrl+C ends it", process, log, START_TIMEOUT_S)
            printed = _ACCOUNT.findall(log.read_text(encoding="utf-8"))
            yield Demo(f"http://127.0.0.1:{port}", {role: (name, password) for role, name, password in printed})
        finally:
            process.terminate()
            process.wait(timeout=60)
