"""Personal data: masked for all, shown to supervisors who ask for it, each time logged."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.installation import Installation
from tests.browser.visitor import Visitor
from triage.staff import Role

NUMBER, PLATE = "06 39 98 45 67", "SS-042-AB"
TEXT = f"Voiture {PLATE} garée sur le trottoir, appelez-moi au {NUMBER} svp"


@pytest.fixture
def alert(desk: Installation) -> str:
    return desk.send(TEXT)


def readings(desk: Installation, alert: str) -> list[str]:
    """Who read the text as sent, by the log beside the alert; the audit log says the same."""
    with desk.store() as store:
        beside = [entry.reader for entry in store.readings(alert)]
        audited = [entry.actor for entry in store.audit_log(1_000, "unmask") if entry.subject == alert]
    assert sorted(beside) == sorted(audited)
    return beside


def test_an_agent_sees_masks_and_has_no_way_past_them(agent: Visitor, alert: str) -> None:
    agent.take(alert)
    expect(agent.find("#text .mask")).to_have_count(2)
    expect(agent.find("#unmask")).to_have_count(0)
    content = agent.page.content()
    assert NUMBER not in content
    assert PLATE not in content
    agent.expect(403)
    token = agent.find("#decision input[name=csrf]").get_attribute("value")
    agent.page.evaluate(
        """([path, csrf]) => { const form = document.createElement('form'); form.method = 'post'; form.action = path;
            const field = document.createElement('input'); field.name = 'csrf'; field.value = csrf;
            form.append(field); document.body.append(form); form.submit(); }""",
        [f"/review/alerts/{alert}/unmask", token],
    )
    expect(agent.find("#problem")).to_have_attribute("data-code", "role_missing")
    assert NUMBER not in agent.page.content()
    assert readings(agent.desk, alert) == []


def test_a_supervisor_sees_the_text_as_sent_and_each_time_is_logged(supervisor: Visitor, alert: str) -> None:
    supervisor.take(alert)
    assert NUMBER not in supervisor.page.content()
    supervisor.find("#unmask").click()
    expect(supervisor.find("#text")).to_have_text(TEXT)
    expect(supervisor.find("#history")).to_contain_text(f"{supervisor.name} a lu le texte")
    assert readings(supervisor.desk, alert) == [supervisor.name]
    # Neither the address nor the list tells it again, and a fresh look is masked.
    assert "unmask" not in supervisor.page.url
    expect(supervisor.find("#queue")).not_to_contain_text(NUMBER)
    supervisor.find("#mask").click()
    expect(supervisor.find("#text .mask")).to_have_count(2)
    supervisor.page.reload()
    supervisor.settled()
    assert NUMBER not in supervisor.page.content()
    supervisor.find("#unmask").click()
    expect(supervisor.find("#text")).to_have_text(TEXT)
    assert readings(supervisor.desk, alert) == [supervisor.name] * 2


def test_back_shows_masks_again(supervisor: Visitor, alert: str) -> None:
    supervisor.take(alert)
    supervisor.find("#unmask").click()
    expect(supervisor.find("#unmasked")).to_be_visible()
    supervisor.find("#nav-help").click()
    supervisor.page.wait_for_url("**/review/help")
    supervisor.page.go_back()
    expect(supervisor.find("#text .mask")).to_have_count(2)
    assert NUMBER not in supervisor.page.content()


def test_it_is_never_kept_by_the_browser(visit: Visit, alert: str) -> None:
    supervisor = visit(role=Role.SUPERVISOR)
    answer = supervisor.open(f"/review/alerts/{alert}")
    assert answer.headers["cache-control"] == "no-store"
    with supervisor.page.expect_response("**/unmask") as caught:
        supervisor.find("#unmask").click()
    assert caught.value.headers["cache-control"] == "no-store"
