"""The supervisor's page and its simulator."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.visitor import Visitor
from triage.staff import Role

TILES = ("accuracy", "overrides", "load", "time", "waiting")
SECTIONS = ("accuracy", "weeks-section", "simulator", "categories", "times", "agreement", "returned", "drift")


def simulated(window: Visitor) -> list[str]:
    """What would be tried, as the table says it."""
    return window.find("#simulation td.tried").all_inner_texts()


def slide(window: Visitor, slider: str, value: str) -> None:
    """Move a slider as a hand does."""
    window.find(slider).evaluate(
        "(e, value) => { e.value = value; e.dispatchEvent(new Event('input', {bubbles: true})); }", value
    )


def test_it_is_for_supervisors(agent: Visitor, visit: Visit) -> None:
    agent.expect(403)
    agent.open()
    expect(agent.find("#nav-supervisor")).to_have_count(0)
    assert agent.open("/review/supervisor").status == 403
    for role in (Role.SUPERVISOR, Role.ADMINISTRATOR):
        window = visit(role=role)
        window.open()
        window.find("#nav-supervisor").click()
        expect(window.find("h1")).to_have_text("Supervision")


def test_it_shows_every_figure(supervisor: Visitor) -> None:
    supervisor.open("/review/supervisor")
    for tile in TILES:
        expect(supervisor.find(f"#tile-{tile} .tile-value")).to_be_visible()
    for section in SECTIONS:
        expect(supervisor.find(f"section#{section} h2")).to_be_visible()
    expect(supervisor.find("#tile-overrides .tile-value")).to_contain_text("%")
    expect(supervisor.find("#agreement tbody tr").first).to_be_visible()
    with supervisor.desk.store() as store:
        counts = store.queue_counts()
    waiting = supervisor.find("#tile-waiting .tile-value").inner_text()
    assert int(waiting) == counts.get("review", 0) + counts.get("sample", 0)


def test_moving_the_slider_shows_at_once_what_it_would_bring(supervisor: Visitor) -> None:
    supervisor.open("/review/supervisor")
    before = simulated(supervisor)
    supervisor.asked.clear()
    slide(supervisor, "#error-rate", "0.5")
    expect(supervisor.find("#error-rate-shown")).to_contain_text("0,5")
    expect(supervisor.find("#simulated-threshold .tried")).not_to_have_text(before[0])
    strict = simulated(supervisor)
    slide(supervisor, "#threshold", "30")
    expect(supervisor.find("#simulated-threshold .tried")).to_contain_text("30")
    assert simulated(supervisor) != strict
    # The page itself was not loaded again.
    assert all("/review/supervisor/simulator" in url for url in supervisor.asked)
    assert supervisor.page.evaluate("document.activeElement.id") != "main"


def test_the_slider_moves_by_the_arrow_keys_and_keeps_the_focus(supervisor: Visitor) -> None:
    supervisor.open("/review/supervisor")
    slider = supervisor.find("#threshold")
    slider.focus()
    before = float(slider.input_value())
    with supervisor.page.expect_response("**/simulator?**"):
        for _ in range(3):
            supervisor.press("ArrowLeft")
    expect(supervisor.find("#threshold-shown")).to_be_visible()
    expect(slider).to_be_focused()
    assert float(slider.input_value()) == before - 1.5


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_its_button_asks_for_the_same_without_scripts(visit: Visit, scripts: bool) -> None:
    window = visit(role=Role.SUPERVISOR, java_script_enabled=scripts)
    window.open("/review/supervisor?threshold=60#simulator")
    expect(window.find("#simulated-threshold .tried")).to_contain_text("60")
    window.find("#by-threshold button").click()
    expect(window.find("#simulated-threshold .tried")).to_contain_text("60")
    expect(window.find("#simulation svg").first).to_be_visible()


def test_another_time_can_be_looked_at(supervisor: Visitor) -> None:
    supervisor.open("/review/supervisor")
    supervisor.find("#weeks").select_option("4")
    supervisor.find("#period button").click()
    supervisor.page.wait_for_url("**/review/supervisor?weeks=4*")
    expect(supervisor.find("#weeks")).to_have_value("4")


def test_every_chart_has_a_table_with_the_same(supervisor: Visitor) -> None:
    supervisor.open("/review/supervisor")
    for section in ("weeks-section", "categories", "times", "simulation"):
        within = supervisor.find(f"#{section}")
        assert within.locator("svg").count() >= 1
        within.locator("details summary").first.click()
        assert within.locator("details table tbody tr").count() >= 1
