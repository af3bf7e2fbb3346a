"""WCAG 2.2 AA, as far as a program can tell: axe on every page, in light and dark, in both languages."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from serving.desk.languages import CODES
from tests.browser.conftest import Visit
from tests.browser.scenes import SCENES, Stage, tour
from tests.browser.visitor import Visitor

OPTIONS: dict[str, Any] = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
    "resultTypes": ["violations"],
}
# All that differs in the dark.
CONTRAST: dict[str, Any] = {"runOnly": ["color-contrast", "link-in-text-block"], "resultTypes": ["violations"]}


def faults(window: Visitor, options: dict[str, Any]) -> list[str]:
    """What axe finds: rule, element and message."""
    found = Axe().run(window.page, options=options).response["violations"]
    return [
        f"{rule['id']}: {node['target']} {node['failureSummary']}\n{node['html'][:200]}"
        for rule in found
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("language", CODES)
def test_axe_finds_nothing(visit: Visit, stage: Stage, language: str) -> None:
    found: dict[str, list[str]] = {}
    # Colours that change gradually would be looked at half-way.
    for name, window in tour(visit, stage, language=language, reduced_motion="reduce"):
        window.page.emulate_media(color_scheme="light")
        found[f"{name}, light"] = faults(window, OPTIONS)
        window.page.emulate_media(color_scheme="dark")
        found[f"{name}, dark"] = faults(window, CONTRAST)
    assert {name: each for name, each in found.items() if each} == {}
    assert len(found) == 2 * len(SCENES)
