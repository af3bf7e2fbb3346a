"""The review desk in Chromium, on a real server with a store that was filled through its own routes.

Chromium is started anew for each module: while Playwright runs, no other test of the process could start an event loop.
"""

import os
import shutil
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.demo import ALL, FEWER, SCREENSHOT, Demo, running_demo
from tests.browser.filling import Filling, fill
from tests.browser.installation import Installation, serving
from tests.browser.scenes import Stage, prepare
from tests.browser.visitor import Visitor
from triage.staff import Role

# No name is resolved: what asks another host fails, and is noted besides.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-background-networking",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
)
MISSING = "Chromium is missing: apt-get install chromium"
VIEWPORT: Any = {"width": 1440, "height": 900}
Visit = Callable[..., Visitor]
FAILED = pytest.StashKey[bool]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One server is enough for all tests of this folder, wherever they run; without Chromium they are skipped."""
    here = Path(__file__).parent
    is_missing = shutil.which("chromium") is None and not os.environ.get("CI")
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.xdist_group("browser"))
            item.add_marker(pytest.mark.slow)
            if is_missing:
                item.add_marker(pytest.mark.skip(MISSING))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let fixtures know that their test has failed."""
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Debian's Chromium; in CI a test without it fails."""
    path = shutil.which("chromium")
    if path is None:
        pytest.fail(MISSING)
    return path


@pytest.fixture(scope="module")
def chromium(chromium_path: str) -> Iterator[Browser]:
    """The browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=[*ARGUMENTS])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def desk(chromium_path: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:  # noqa: ARG001
    """The server of all tests."""
    with serving(tmp_path_factory.mktemp("desk")) as installation:
        yield installation


@pytest.fixture(scope="session")
def filled(desk: Installation) -> Filling:
    """What was put into its store before the first test."""
    return fill(desk)


@pytest.fixture(scope="session")
def stage(desk: Installation, filled: Filling) -> Stage:
    """Alerts for tests that look at every page."""
    return prepare(desk, filled)


@pytest.fixture(scope="session")
def demo(chromium_path: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:  # noqa: ARG001
    """The demo; with all its alerts where the README's picture is made from it."""
    with running_demo(tmp_path_factory.mktemp("demo"), FEWER if SCREENSHOT is None else ALL) as running:
        yield running


@pytest.fixture
def visit(
    chromium: Browser, desk: Installation, filled: Filling, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Visit]:
    """Opens windows: `visit()` is an agent's, `visit(role=…)`, `visit(name=…)` and `visit(name=None)` are others'.

    At the end of the test nothing may have gone wrong in any of them. Of a test that failed, pictures are left.
    """
    visitors: list[Visitor] = []

    def run(
        name: str | None = "", *, role: Role = Role.AGENT, language: str = "fr", at: Installation = desk, **options: Any
    ) -> Visitor:
        context = chromium.new_context(**({"viewport": VIEWPORT} | options))
        visitors.append(Visitor(at, context, filled.accounts[role] if name == "" else name))
        visitors[-1].begin(language)
        return visitors[-1]

    yield run
    for number, visitor in enumerate(visitors):
        leave_picture(request, visitor, tmp_path / f"{number}.png")
        visitor.context.close()
    assert [visitor.faults for visitor in visitors if visitor.faults] == []


@pytest.fixture(scope="module")
def kept_window(chromium: Browser, desk: Installation, filled: Filling) -> Iterator[Visitor]:
    """A window for many tests: to open one takes longer than most of what they do in it."""
    visitor = Visitor(desk, chromium.new_context(viewport=VIEWPORT), filled.accounts[Role.AGENT])
    yield visitor
    visitor.context.close()


@pytest.fixture
def agent(kept_window: Visitor, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Visitor]:
    """The window of an agent who reads French; as with `visit`, nothing may have gone wrong in it."""
    kept_window.begin("fr")
    yield kept_window
    leave_picture(request, kept_window, tmp_path / "agent.png")
    kept_window.page.goto("about:blank")
    assert kept_window.faults == []


@pytest.fixture
def supervisor(visit: Visit) -> Visitor:
    """The window of a supervisor who reads French."""
    return visit(role=Role.SUPERVISOR)


def leave_picture(request: pytest.FixtureRequest, visitor: Visitor, path: Path) -> None:
    """Take a picture of a window whose test has failed."""
    if request.node.stash.get(FAILED, False):
        visitor.page.screenshot(path=path)
