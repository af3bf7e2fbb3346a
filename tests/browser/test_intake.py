"""The page of residents in a phone's browser: a report with photo and position, and its live follow-up."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from examples.intake.links import Links
from ondijon_triage_client import TriageClient
from tests.browser.conftest import FAILED
from tests.browser.installation import Installation
from tests.browser.test_phone import NARROWEST, PHONE
from tests.examples.intake.started import SECRET, started

Open = Callable[..., Page]
PLACE = {"latitude": 47.321600, "longitude": 5.041500, "accuracy": 12}
_WIDER = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def intake(desk: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the page."""
    with started(tmp_path_factory.mktemp("intake"), desk.base, desk.key) as base:
        yield base


@pytest.fixture
def phone(
    chromium: Browser, intake: str, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Page]]:
    """Opens the form on a phone; nothing may go wrong in it, and of a test that failed a picture is left."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def run(**options: Any) -> Page:
        usual = PHONE | {"permissions": ["geolocation"], "geolocation": PLACE, "reduced_motion": "reduce"}
        context = chromium.new_context(**(usual | options))
        context.set_default_timeout(15_000)
        context.on("console", lambda said: faults.append(said.text) if said.type in {"error", "warning"} else None)
        context.on(
            "request", lambda asked: None if asked.url.startswith((intake, "blob:")) else faults.append(asked.url)
        )
        contexts.append(context)
        page = context.new_page()
        page.goto(intake)
        return page

    yield run
    for number, context in enumerate(contexts):
        if request.node.stash.get(FAILED, False):
            context.pages[0].screenshot(path=tmp_path / f"{number}.png", full_page=True)
        context.close()
    assert faults == []


def alert_of(page: Page) -> str:
    alert_id = Links(SECRET).followed(page.url.rpartition("/")[2])
    assert alert_id is not None
    return alert_id


def test_a_resident_reports_by_thumb_and_follows_live(
    phone: Open, desk: Installation, draw: Callable[..., Any], tmp_path: Path
) -> None:
    draw("street_light").save(tmp_path / "street.jpg")
    page = phone()
    page.locator("#text").fill("Lampadaire éteint devant l'école, rue Monge")
    page.locator("#album").set_input_files(tmp_path / "street.jpg")
    expect(page.locator("#previews img")).to_have_count(1)
    page.locator("#locate").tap()
    expect(page.locator("#located")).to_contain_text("à 12 m près")
    page.locator("#agreed").check()
    assert not page.evaluate(_WIDER)
    page.screenshot(path=tmp_path / "form.png", full_page=True)
    page.locator("#send").tap()
    page.wait_for_url("**/suivi/*")
    steps = page.locator("#steps li")
    expect(steps.first).to_contain_text("Nous avons bien reçu votre signalement")
    with TriageClient(desk.base, desk.key, trust_env=False) as triage:
        alert = triage.get_alert(alert_of(page))
        assert (alert.lat, alert.lon, alert.channel, len(alert.photos)) == (47.3216, 5.0415, "web", 1)
        expect(page.locator("#live")).to_have_text("Cette page affiche les nouvelles d’elle-même.")
        triage.status(alert.id, "in_progress", note="Une équipe passe jeudi", department="eclairage")
        # Nobody has loaded the page again.
        expect(steps.last).to_contain_text("L’intervention a commencé.")
        expect(steps.last).to_contain_text("Une équipe passe jeudi")
        triage.close_alert(alert.id)
        expect(steps.last).to_contain_text("Le problème est traité.")
    shown = steps.count()
    assert not page.evaluate(_WIDER)
    page.screenshot(path=tmp_path / "follow.png", full_page=True)
    # The whole story is there after a reload too, in the other language.
    page.locator(".language").tap()
    expect(page.locator("h1")).to_have_text("Your report")
    assert page.locator("#steps li").count() == shown
    expect(page.locator("#steps li").last).to_contain_text("The fault has been dealt with.")


def test_it_works_without_scripts(phone: Open) -> None:
    page = phone(java_script_enabled=False)
    expect(page.locator("#position")).to_be_hidden()
    page.locator("#text").fill("Nid-de-poule énorme")
    page.locator("#address").fill("12 rue Devosge")
    page.locator("#commune").fill("Dijon")
    page.locator("#agreed").check()
    page.locator("#send").tap()
    page.wait_for_url("**/suivi/*")
    expect(page.locator("#steps li").first).to_contain_text("Nous avons bien reçu votre signalement")
    assert page.locator("meta[http-equiv=refresh]").count() == 1


def test_a_refused_position_leads_to_the_address(phone: Open) -> None:
    page = phone(permissions=[])
    page.locator("#locate").tap()
    expect(page.locator("#located")).to_contain_text("indiquez l’adresse")
    expect(page.locator("#address")).to_be_focused()


def test_the_narrowest_screen_is_wide_enough(phone: Open) -> None:
    page = phone(viewport={"width": NARROWEST, "height": 700})
    assert not page.evaluate(_WIDER)
    page.locator("details summary").tap()
    assert not page.evaluate(_WIDER)


def test_every_control_has_a_name_and_enough_contrast(phone: Open) -> None:
    from axe_playwright_python.sync_playwright import Axe

    for scheme in ("light", "dark"):
        page = phone(color_scheme=scheme, bypass_csp=True)
        found = Axe().run(page).response["violations"]
        assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found] == []
