"""Likely duplicates: what is shown of them, and what can be done with a pair."""

import pytest
from playwright.sync_api import expect

from cli.demo.alerts import read_demo_alerts
from cli.demo.photos import PhotoSource
from tests.browser.conftest import Visit
from tests.browser.pairs import OLDER, send_pair
from tests.browser.visitor import Visitor

Pair = tuple[str, str]


@pytest.fixture
def pair(agent: Visitor) -> Pair:
    """Two reports of one fault; the newer one is on the agent's page, and answered by nobody."""
    older, newer = send_pair(agent.desk)
    with agent.desk.store() as store:
        store.unlink(newer)  # whatever the model linked by itself
        store.link(newer, older)
    agent.take(newer)
    return older, newer


def cluster(agent: Visitor, alert: str) -> set[str]:
    """What an alert is linked with."""
    with agent.desk.store() as store:
        stored = store.alert(alert)
        assert stored is not None
        return {other.id for other in store.cluster_alerts(stored.cluster_id)} if stored.cluster_id else set()


def test_a_candidate_shows_what_it_takes_to_judge_it(agent: Visitor) -> None:
    source = PhotoSource()
    photo = next(filter(None, map(source.photo, read_demo_alerts())))
    older, newer = send_pair(agent.desk, photos={"photo.jpg": photo})
    agent.take(newer)
    candidate = agent.find("#candidate-1")
    expect(candidate.locator(".facts strong")).to_have_text("4\N{NO-BREAK SPACE}m")
    expect(candidate.locator(".facts")).to_contain_text("au même moment")
    expect(candidate.locator(".candidate-text")).to_have_text(OLDER)
    expect(candidate.locator(".candidate-share")).to_contain_text("%")
    expect(candidate.locator(".thumb img")).to_be_visible()
    assert candidate.locator(".thumb img").evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    rows = candidate.locator(".waterfall tbody tr")
    assert rows.count() >= 3
    figures = [float(text.replace(",", ".").replace("−", "-")) for text in rows.locator(".figure").all_inner_texts()]
    assert max(figures[1:]) > 0
    expect(candidate.locator(".waterfall tfoot .figure")).to_have_text(
        candidate.locator(".candidate-share").inner_text()
    )
    # The map and its list show it too, at its distance.
    expect(agent.find("#map-list")).to_contain_text("4\N{NO-BREAK SPACE}m")
    assert agent.find(".map-sketch .map-mark").count() == 1
    candidate.locator("#open-1").click()
    expect(agent.find(".alert-id")).to_have_text(older)
    expect(agent.find("#looking")).to_be_visible()


def test_unlinking_takes_it_out_of_the_cluster_and_is_remembered(agent: Visitor, pair: Pair) -> None:
    older, newer = pair
    assert older in cluster(agent, newer)
    agent.find("#unlink-1").click()
    expect(agent.find("#told-apart")).to_be_visible()
    assert older not in cluster(agent, newer)
    agent.page.reload()
    expect(agent.find("#candidate-1")).to_have_count(0)
    agent.find("#told-apart summary").click()
    agent.find("#link-again-1").click()
    expect(agent.find("#candidate-1.linked")).to_be_visible()
    assert older in cluster(agent, newer)


def test_linking_alone_leaves_the_alert_open(agent: Visitor, pair: Pair) -> None:
    older, newer = pair
    agent.find("#unlink-1").click()
    agent.find("#told-apart summary").click()
    agent.find("#link-again-1").click()
    expect(agent.find("#candidate-1.linked")).to_be_visible()
    assert older in cluster(agent, newer)
    assert agent.desk.stored(newer).review_id is None
    expect(agent.find("#accept")).to_be_enabled()


def test_no_duplicate_is_not_proposed_again(agent: Visitor) -> None:
    older, newer = send_pair(agent.desk)
    with agent.desk.store() as store:
        store.unlink(newer)
        rejected = {link.other_id for link in store.links(newer, rejected=True) if link.kind == "rejected"}
    if not rejected:  # the model has not linked the two by itself: say it on the page
        agent.take(newer)
        agent.find("#not-duplicate-1").click()
        expect(agent.find("#told-apart")).to_be_visible()
    for alert in (older, newer):
        agent.take(alert)
        expect(agent.find("#told-apart")).to_be_visible()
        expect(agent.find("#candidate-1")).to_have_count(0)


def test_duplicate_answers_the_alert_and_undo_takes_the_link_along(agent: Visitor, pair: Pair) -> None:
    older, newer = pair
    agent.find("#duplicate-1").click()
    agent.left(newer)
    assert agent.desk.history(newer)[0].duplicate_of == older
    assert older in cluster(agent, newer)
    agent.press("u")
    expect(agent.find(".alert-id")).to_have_text(newer)
    stored = agent.desk.stored(newer)
    assert (stored.queue, stored.review_id) == ("review", None)


def test_an_alert_on_its_own_says_that_nothing_is_near(visit: Visit) -> None:
    agent = visit(language="en")
    agent.take(agent.desk.send("Bonjour, il y a un souci ici"))
    expect(agent.find("#duplicates")).to_contain_text("No other alert nearby")
    expect(agent.find("#map")).to_contain_text("No other open alert within 300")
    agent.take(agent.desk.send("Bonjour, il y a un souci ici", lat=None, lon=None))
    expect(agent.find("#duplicates")).to_contain_text("no place")
    expect(agent.find("#map")).to_contain_text("no place")
