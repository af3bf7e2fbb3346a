"""The desk on a phone: nothing is wider than the screen, and what matters is within reach of a thumb."""

from typing import Any

import pytest
from playwright.sync_api import expect

from serving.desk.languages import CODES
from tests.browser.conftest import Visit
from tests.browser.scenes import Stage, tour
from tests.browser.visitor import Visitor
from triage.staff import Role

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
# The narrowest screen, and what a desktop window comes down to at a zoom of 400 % (WCAG 1.4.10).
NARROWEST = 320
WIDTHS = (600, 768, 900, 1024, 1280, 1920, 2560)


def overflow(window: Visitor) -> list[str]:
    """The page's surplus of width, and which elements it comes from."""
    found: list[str] = window.page.evaluate(
        """() => {
            const width = document.documentElement.clientWidth;
            if (document.documentElement.scrollWidth <= width) return [];
            return [...document.querySelectorAll('body *')]
                .filter(each => each.getBoundingClientRect().right > width + 1)
                .map(each => each.outerHTML.slice(0, 120));
        }"""
    )
    return found


@pytest.mark.parametrize("language", CODES)
def test_no_page_is_wider_than_the_screen(visit: Visit, stage: Stage, language: str) -> None:
    found: dict[str, list[str]] = {}
    for name, window in tour(visit, stage, language=language, **PHONE):
        found[name] = overflow(window)
        window.page.set_viewport_size({"width": NARROWEST, "height": 700})
        found[f"{name}, narrowest"] = overflow(window)
        window.page.set_viewport_size(PHONE["viewport"])
    assert {name: each for name, each in found.items() if each} == {}


def test_no_screen_in_between_is_too_narrow_either(visit: Visit, stage: Stage) -> None:
    window = visit(role=Role.SUPERVISOR)
    for path in (f"/review/alerts/{stage.rich}?look=1", "/review/supervisor", "/review/help"):
        window.open(path)
        for width in WIDTHS:
            window.page.set_viewport_size({"width": width, "height": 900})
            assert overflow(window) == [], width
            # What can be pressed in the header lies on nothing else that can be.
            assert overlaps(window, "header.top a, header.top button") == [], width


def overlaps(window: Visitor, selector: str) -> list[list[str]]:
    """Pairs of elements of which one lies on the other."""
    found: list[list[str]] = window.page.evaluate(
        """selector => {
            const all = [...document.querySelectorAll(selector)]
                .map(each => [each, each.getBoundingClientRect()])
                .filter(([each, box]) => box.width && getComputedStyle(each).visibility === 'visible' && box.top >= 0);
            const pairs = [];
            for (const [one, a] of all) for (const [two, b] of all)
                if (one !== two && !one.contains(two) && !two.contains(one)
                    && a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1)
                    pairs.push([one.outerHTML.slice(0, 80), two.outerHTML.slice(0, 80)]);
            return pairs;
        }""",
        selector,
    )
    return found


def test_an_alert_is_answered_by_thumb(visit: Visit) -> None:
    window = visit(**PHONE)
    alert = window.desk.send("Nid-de-poule énorme au milieu de la chaussée")
    window.take(alert)
    # The text and the button are there without scrolling.
    expect(window.find("#text")).to_be_in_viewport()
    expect(window.find("#accept")).to_be_in_viewport()
    expect(window.find("#accept kbd")).to_be_hidden()
    third = window.find("input[name=category]").nth(2)
    third.tap()
    expect(third).to_be_checked()
    code = third.input_value()
    window.find("#accept").tap()
    window.left(alert)
    assert window.desk.stored(alert).category == code
    expect(window.find("#text")).to_be_in_viewport()
    window.find("#undo").tap()
    expect(window.find(".alert-id")).to_have_text(alert)
