"""Forms that do not come from the desk's own pages change nothing; nor can the desk be shown inside another page."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.visitor import Visitor

# Another port of this machine is another origin, yet the same site: browsers send its cookies along.
NEIGHBOUR, FOREIGN = "http://127.0.0.1:9", "http://evil.example"


@pytest.fixture
def alert(agent: Visitor) -> str:
    sent = agent.desk.send("Bonjour, il y a un souci ici")
    agent.take(sent)
    return sent


def token_of(window: Visitor) -> str:
    """What the forms of a page carry."""
    return window.find("input[name=csrf]").first.get_attribute("value") or ""


def post(window: Visitor, path: str, fields: dict[str, str]) -> int:
    """Send a form from the page that is open, as a script on it would; the status of the answer."""
    status: int = window.page.evaluate(
        """async ([path, fields]) =>
            (await fetch(path, {method: 'POST', body: new URLSearchParams(fields), redirect: 'manual'})).status""",
        [path, fields],
    )
    return status


@pytest.mark.parametrize("origin", [NEIGHBOUR, FOREIGN])
def test_a_form_on_another_page_is_refused_even_with_the_right_token(agent: Visitor, alert: str, origin: str) -> None:
    token = token_of(agent)
    agent.expect(403)
    agent.play_host(
        origin,
        f"""<form method="post" action="{agent.desk.base}/review/alerts/{alert}/decide">
        <input name="csrf" value="{token}"><input name="category" value="voirie"><button>Win</button></form>""",
    )
    agent.page.goto(f"{origin}/")
    agent.find("button").click()
    agent.page.wait_for_url(f"{agent.desk.base}/**")
    expect(agent.find("#problem, #sign-in-form")).to_be_visible()
    assert agent.desk.stored(alert).review_id is None


@pytest.mark.usefixtures("alert")
@pytest.mark.parametrize("origin", [NEIGHBOUR, FOREIGN])
def test_another_page_cannot_sign_anybody_in_or_out(agent: Visitor, origin: str) -> None:
    agent.expect(403)
    for path in ("sign-out", "sign-in", "keys"):
        form = f'<form method="post" action="{agent.desk.base}/review/{path}"><button>Win</button></form>'
        agent.play_host(origin, form)
        agent.page.goto(f"{origin}/")
        agent.find("button").click()
        agent.page.wait_for_url(f"{agent.desk.base}/**")
        expect(agent.find("#problem, #sign-in-form")).to_be_visible()
    agent.open()
    expect(agent.find("#desk")).to_be_visible()


def test_a_form_without_the_token_of_its_session_is_refused(visit: Visit, agent: Visitor, alert: str) -> None:
    other = visit(name=agent.desk.account())
    other.open()
    right, foreign = token_of(agent), token_of(other)
    assert right != foreign
    agent.expect(403)
    for fields in ({}, {"csrf": ""}, {"csrf": foreign}, {"csrf": right[:-1]}, {"csrf": right.upper() + "0"}):
        assert post(agent, f"/review/alerts/{alert}/decide", {"category": "voirie", **fields}) == 403
    for action in ("decide", "skip", "duplicate", "not-duplicate", "unlink", "undo", "note", "unmask"):
        assert post(agent, f"/review/alerts/{alert}/{action}", {"csrf": foreign, "category": "voirie"}) == 403
    assert post(agent, "/review/sign-out", {}) == 403
    stored = agent.desk.stored(alert)
    assert (stored.queue, stored.review_id) == ("review", None)
    with agent.desk.store() as store:
        assert store.notes(alert) == ()
    # With its own it goes through: a redirect, which such a script is not shown.
    assert post(agent, f"/review/alerts/{alert}/skip", {"csrf": right}) == 0


def test_a_get_changes_nothing(agent: Visitor, alert: str) -> None:
    agent.expect(405)
    for action in ("decide", "skip", "duplicate", "not-duplicate", "unlink", "undo", "note", "unmask"):
        answer = agent.open(f"/review/alerts/{alert}/{action}?category=voirie&csrf=x")
        assert answer.status == 405
    stored = agent.desk.stored(alert)
    assert (stored.queue, stored.review_id) == ("review", None)


@pytest.mark.parametrize("origin", [NEIGHBOUR, FOREIGN])
def test_no_other_page_can_show_the_desk_inside_itself(agent: Visitor, alert: str, origin: str) -> None:
    agent.tolerate("frame-ancestors")
    agent.play_host(origin, f'<iframe src="{agent.desk.base}/review/alerts/{alert}"></iframe>')
    agent.page.goto(f"{origin}/")
    agent.page.wait_for_timeout(300)
    frame = agent.page.frames[-1]
    assert alert not in frame.evaluate("document.documentElement.outerHTML")


def test_no_other_page_can_read_or_load_anything_of_the_desk(agent: Visitor, alert: str) -> None:
    agent.tolerate("CORS", "Failed to load resource", "blocked", "NotSameOrigin")
    address = f"{agent.desk.base}/review/alerts/{alert}"
    agent.play_host(NEIGHBOUR, "<p>evil</p>")
    agent.page.goto(f"{NEIGHBOUR}/")
    read = agent.page.evaluate(
        "url => fetch(url, {credentials: 'include'}).then(answer => answer.text(), () => null)", address
    )
    assert read is None
    opened = agent.page.evaluate("url => { const other = open(url); return other === null || other.closed }", address)
    assert isinstance(opened, bool)
