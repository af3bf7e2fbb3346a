"""Without a mouse, and without the desk's own keys: Tab, Space, Enter and arrows reach everything, and it shows."""

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.installation import PASSWORD, Installation
from tests.browser.scenes import Stage, tour
from tests.browser.visitor import Visitor

# What has the focus, whether that can be seen, and how much of it is in sight and not under something else.
_FOCUSED = """() => {
    const each = document.activeElement;
    if (!each || each === document.body) return null;
    const shown = each.matches('.answer input, .segment input') ? each.nextElementSibling : each;
    const style = getComputedStyle(shown);
    const ring = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
    const box = shown.getBoundingClientRect();
    const points = [[.5, .5], [.1, .5], [.9, .5], [.5, .2], [.5, .8]]
        .map(([x, y]) => document.elementFromPoint(box.left + x * box.width, box.top + y * box.height));
    const visible = points.filter(point => point && (shown.contains(point) || point.contains(shown)
        || each === point || point.closest('label')?.control === each)).length;
    const index = [...document.querySelectorAll('*')].indexOf(each);
    return {name: each.id || each.outerHTML.slice(0, 90), ring, visible, index};
}"""
# What can be used, but is not among the elements with these places in the document; of radio buttons one is enough.
_PASSED_BY = """indexes => {
    const all = [...document.querySelectorAll('*')];
    return [...document.querySelectorAll('a[href], button, select, textarea, summary, input:not([type=hidden])')]
        .filter(each => each.checkVisibility({visibilityProperty: true}) && !each.disabled && each.tabIndex >= 0
            && !each.closest('fieldset:disabled') && (each.type !== 'radio' || each.checked))
        .filter(each => !indexes.includes(all.indexOf(each)))
        .map(each => each.id || each.outerHTML.slice(0, 90));
}"""
MOST_STOPS = 250


@dataclass(frozen=True, slots=True)
class Stop:
    """Where Tab stops."""

    name: str
    ring: bool
    visible: int
    index: int


def walk(window: Visitor, key: str = "Tab") -> list[Stop]:
    """Every stop, wherever the focus was, until it comes back to the first of them."""
    stops: list[Stop] = []
    for _ in range(MOST_STOPS):
        window.press(key)
        found: dict[str, Any] | None = window.page.evaluate(_FOCUSED)
        if found is None:  # it has left the page, and comes in again at the other end
            continue
        if stops and found["index"] == stops[0].index:
            return stops
        stops.append(Stop(**found))
    raise AssertionError(f"the focus stays within {[stop.name for stop in stops[-20:]]}")


def test_the_focus_goes_through_every_page_and_is_always_seen(visit: Visit, stage: Stage) -> None:
    for name, window in tour(visit, stage):
        if name == "photo enlarged":  # keeps the focus for itself
            continue
        stops = walk(window)
        assert [stop.name for stop in stops if not stop.ring] == [], name
        assert [stop.name for stop in stops if stop.visible == 0] == [], name
        assert len(stops) == len({stop.index for stop in stops}), name
        assert window.page.evaluate(_PASSED_BY, [stop.index for stop in stops]) == [], name


def test_the_first_stop_leads_past_the_header(agent: Visitor) -> None:
    agent.open("/review/help")
    agent.press("Tab")
    expect(agent.find(".skip")).to_be_focused()
    expect(agent.find(".skip")).to_be_in_viewport()
    agent.press("Enter")
    agent.press("Tab")
    assert agent.page.evaluate("document.activeElement.closest('main') !== null")


def test_a_whole_shift_without_a_mouse(visit: Visit, desk: Installation) -> None:
    window, name = visit(name=None), desk.account()
    alert = desk.send("Nid-de-poule énorme au milieu de la chaussée")
    window.open(f"/review/alerts/{alert}")
    window.page.keyboard.type(name)
    window.press("Tab")
    window.page.keyboard.type(PASSWORD)
    window.press("Enter")
    window.page.wait_for_url(f"**/review/alerts/{alert}")
    window.settled()
    # The keys of the desk are off, as for people who dictate.
    tab_to(window, "nav-help")
    window.press("Enter")
    window.page.wait_for_url("**/review/help")
    tab_to(window, "keys-off")
    window.press("Space")
    expect(window.find("#keys-on")).to_be_visible()
    window.take(alert)
    first = window.find("input[name=category]:checked").get_attribute("id") or "?"
    tab_to(window, first)
    window.press("ArrowDown")
    second = window.find("input[name=category]:checked").get_attribute("id") or "?"
    assert second != first
    tab_to(window, "accept")
    window.press("Enter")
    window.left(alert)
    assert f"category-{desk.stored(alert).category}" == second
    # The next alert has the focus at its beginning, and undoing is within reach.
    expect(window.find("#alert-title")).to_be_focused()
    tab_to(window, "undo")
    window.press("Space")
    expect(window.find(".alert-id")).to_have_text(alert)
    window.settled()
    tab_to(window, "sign-out")
    window.press("Enter")
    expect(window.find("#sign-in-form")).to_be_visible()


def tab_to(window: Visitor, element: str) -> None:
    """Press Tab until an element has the focus."""
    for _ in range(MOST_STOPS):
        window.press("Tab")
        if window.page.evaluate("document.activeElement?.id") == element:
            return
    raise AssertionError(f"Tab never comes to #{element}")
