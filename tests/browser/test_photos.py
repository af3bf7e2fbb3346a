"""Photos: shown, enlarged, with where the model looked; and shown to members alone."""

import pytest
from playwright.sync_api import expect

from cli.demo.alerts import read_demo_alerts
from cli.demo.photos import PhotoSource
from tests.browser.conftest import Visit
from tests.browser.installation import Installation
from tests.browser.visitor import Visitor


@pytest.fixture(scope="module")
def photo() -> bytes:
    """A drawing of the demo."""
    return next(filter(None, map(PhotoSource().photo, read_demo_alerts())))


@pytest.fixture
def alert(agent: Visitor, photo: bytes) -> str:
    """An alert with two photos, on the agent's page."""
    sent = agent.desk.send("Voici ce que je vois", photos={"a.jpg": photo, "b.jpg": photo})
    agent.take(sent)
    return sent


@pytest.mark.usefixtures("alert")
def test_photos_are_shown_and_named(agent: Visitor) -> None:
    pictures = agent.find(".photos img")
    expect(pictures).to_have_count(2)
    for number, picture in enumerate(pictures.all(), 1):
        picture.scroll_into_view_if_needed()
        assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
        assert (picture.get_attribute("alt") or "").startswith(f"Photo {number}")


def test_a_photo_is_enlarged_and_keys_rest_meanwhile(agent: Visitor, alert: str) -> None:
    link = agent.find(".photos a.photo").first
    link.focus()
    agent.press("Enter")
    expect(agent.find("dialog.zoom img")).to_be_visible()
    expect(agent.find("dialog.zoom button")).to_be_focused()
    for key in ("s", "1", "d", "?"):
        agent.press(key)
    agent.press("Escape")
    expect(agent.find("dialog")).to_have_count(0)
    expect(link).to_be_focused()
    assert agent.alert_id() == alert
    link.click()
    agent.find("dialog.zoom button").click()
    expect(agent.find("dialog")).to_have_count(0)
    assert agent.desk.stored(alert).review_id is None


@pytest.mark.usefixtures("alert")
def test_where_the_model_looked_is_shown_where_it_can_say(agent: Visitor) -> None:
    links = agent.find(".photos a[data-heat-for]")
    said = agent.find(".photos figcaption").all_inner_texts()
    assert len(said) == 2
    for link in links.all():
        path = link.get_attribute("href") or ""
        answer = agent.context.request.get(agent.desk.base + path)
        assert (answer.status, answer.headers["content-type"]) == (200, "image/png")
        link.click()
        image = agent.find("dialog.zoom img")
        assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
        agent.press("Escape")


def test_nobody_else_gets_a_photo(visit: Visit, desk: Installation, photo: bytes) -> None:
    alert = desk.send("Voici ce que je vois", photos={"a.jpg": photo})
    path = f"/review/alerts/{alert}/photos/1"
    stranger = visit(name=None)
    assert "/review/sign-in" in stranger.open(path).url
    with desk.browserless() as client:
        assert client.get(path).status_code == 303
        assert client.get(path, headers={"Authorization": f"Bearer {desk.key}"}).status_code == 303


def test_a_number_that_no_photo_has_shows_nothing(desk: Installation, photo: bytes) -> None:
    alert = desk.send("Voici ce que je vois", photos={"a.jpg": photo})
    with desk.browserless(desk.session(desk.account())) as client:
        for number in ("0", "2", "99", "-1", "x", "%2e%2e", "1%00", "..%2f..%2fpersonal.key"):
            answer = client.get(f"/review/alerts/{alert}/photos/{number}")
            assert answer.status_code in {400, 404}, number
            assert answer.headers["content-type"].startswith("text/html")
