"""The queue: one alert for each agent, who holds which, skipping, and its further pages."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.filling import claimed
from tests.browser.installation import Installation
from tests.browser.visitor import Visitor


@pytest.fixture
def colleague(visit: Visit, desk: Installation) -> Visitor:
    """The window of another agent."""
    return visit(name=desk.account())


def test_agents_who_come_at_once_never_get_the_same_alert(desk: Installation) -> None:
    names = [desk.account() for _ in range(6)]
    sessions = [desk.session(name) for name in names]
    for _ in range(2 * len(names)):
        desk.send("Bonjour, il y a un souci ici")
    start = Barrier(len(names))

    def work(session: dict[str, str]) -> Sequence[str]:
        with desk.browserless(session) as client:
            start.wait()
            return [claimed(client), claimed(client)]

    with ThreadPoolExecutor(len(names)) as pool:
        given = list(pool.map(work, sessions))
    assert all(first == again for first, again in given)
    assert len({first for first, _ in given}) == len(names)


def test_two_windows_show_two_alerts_and_say_who_holds_the_other(agent: Visitor, colleague: Visitor) -> None:
    mine = agent.desk.send("Bonjour, il y a un souci ici")
    agent.take(mine)
    colleague.open()
    theirs = colleague.alert_id()
    assert theirs != mine
    agent.open(f"/review/alerts/{theirs}")
    expect(agent.find("#held")).to_contain_text(colleague.name or "?")
    expect(agent.find("#accept")).to_be_disabled()
    row = agent.find(f'#queue a[href="/review/alerts/{theirs}"] .held')
    expect(row).to_contain_text(colleague.name or "?")
    for key in ("Enter", "2", "s"):
        agent.press(key)
    agent.page.wait_for_timeout(200)
    assert agent.desk.stored(theirs).review_id is None
    colleague.settled()
    colleague.press("Enter")
    colleague.left(theirs)
    assert agent.desk.history(theirs)[-1].reviewer == colleague.name


def test_an_answer_to_what_another_agent_holds_is_not_stored(agent: Visitor, colleague: Visitor) -> None:
    alert = agent.desk.send("Bonjour, il y a un souci ici")
    agent.take(alert)
    now = datetime.now(UTC)
    with agent.desk.store() as store:  # meanwhile the claim has run out, and a colleague has come
        store.release(alert, agent.name or "?")
        store.claim(alert, colleague.name or "?", now, now + timedelta(minutes=15))
    agent.expect(409)
    agent.press("Enter")
    expect(agent.find("#trouble")).to_contain_text(colleague.name or "?")
    assert agent.desk.stored(alert).review_id is None


def test_a_claim_that_ran_out_leaves_the_alert_to_others(agent: Visitor) -> None:
    alert = agent.desk.send("Bonjour, il y a un souci ici")
    now = datetime.now(UTC)
    with agent.desk.store() as store:
        store.claim(alert, agent.desk.account(), now - timedelta(minutes=20), now - timedelta(minutes=5))
    agent.take(alert)
    expect(agent.find("#held")).to_have_count(0)
    agent.press("Enter")
    agent.left(alert)
    assert agent.desk.stored(alert).review_id


def test_a_reload_shows_the_same_alert(agent: Visitor) -> None:
    agent.open()
    alert = agent.alert_id()
    for _ in range(2):
        agent.page.reload()
        assert agent.alert_id() == alert


def test_what_one_agent_skips_another_one_gets(agent: Visitor, colleague: Visitor) -> None:
    colleague.open()
    alert = colleague.alert_id()
    colleague.settled()
    colleague.press("s")
    colleague.left(alert)
    seen = set()
    for _ in range(3):
        colleague.settled()
        seen.add(current := colleague.alert_id())
        colleague.press("s")
        colleague.left(current)
    assert alert not in seen
    agent.take(alert)
    expect(agent.find("#accept")).to_be_enabled()


def test_looking_takes_nothing_away(agent: Visitor, colleague: Visitor) -> None:
    alert = agent.desk.send("Bonjour, il y a un souci ici")
    agent.open(f"/review/alerts/{alert}?look=1")
    expect(agent.find("#looking")).to_be_visible()
    colleague.take(alert)
    expect(colleague.find("#accept")).to_be_enabled()
    agent.find("#take").click()
    expect(agent.find("#held")).to_contain_text(colleague.name or "?")


def test_the_list_shows_what_waits_and_goes_on(agent: Visitor) -> None:
    agent.open()
    rows = agent.find("#queue li")
    assert rows.count() == 30
    first = rows.first.inner_text()
    total = int("".join(filter(str.isdigit, agent.find("#queue-count").inner_text())))
    with agent.desk.store() as store:
        counts = store.queue_counts()
    assert total == counts.get("review", 0) + counts.get("sample", 0)
    agent.find("#queue-more").click()
    expect(agent.find("#queue li").first).not_to_have_text(first)
    rows.last.locator("a").click()
    expect(agent.find("#decision")).to_be_visible()


def test_a_second_queue_holds_suspected_labels(agent: Visitor) -> None:
    agent.open("/review/suspects")
    agent.settled()
    alert = agent.alert_id()
    assert agent.desk.stored(alert).queue == "suspect"
    expect(agent.find("#nav-suspects")).to_have_attribute("aria-current", "page")
    # Nothing is chosen beforehand: the question is which of two answers is right.
    expect(agent.find("input[name=category]:checked")).to_have_count(0)
    # Chromium tells of each folded choice that it cannot point at; it points at the first that is in sight.
    agent.tolerate("An invalid form control with name='category' is not focusable")
    agent.press("Enter")
    expect(agent.find("input[name=category]").first).to_be_focused()
    assert agent.desk.stored(alert).queue == "suspect"
    current = agent.desk.stored(alert).category
    agent.choose(current or "?")
    agent.find("#accept").click()
    agent.left(alert)
    assert agent.path() == "/review/suspects"
    entry = agent.desk.history(alert)[-1]
    assert (entry.action, entry.category, entry.queue) == ("confirm_label", current, "suspect")
    agent.press("u")
    expect(agent.find(".alert-id")).to_have_text(alert)
    assert agent.desk.stored(alert).queue == "suspect"
