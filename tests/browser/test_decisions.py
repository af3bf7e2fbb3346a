"""What an agent decides, corrects, takes back and notes."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.visitor import Visitor


@pytest.fixture
def alert(agent: Visitor) -> str:
    """An alert that waits, on the agent's page."""
    sent = agent.desk.send("Bonjour, il y a un souci ici")
    agent.take(sent)
    return sent


def test_one_key_press_decides_whatever_comes_first(agent: Visitor) -> None:
    agent.open()
    agent.settled()
    alert = agent.alert_id()
    agent.press("Enter")
    agent.left(alert)
    stored = agent.desk.stored(alert)
    assert (stored.queue, agent.desk.history(alert)[-1].rank) == (None, 1)
    assert agent.desk.history(alert)[-1].reviewer == agent.name


def test_every_click_counts_category_department_and_priority(agent: Visitor, alert: str) -> None:
    agent.choose("voirie")
    agent.find("#department").select_option("eau")
    agent.find("#priority-haute").check()
    agent.find("#accept").click()
    agent.left(alert)
    stored = agent.desk.stored(alert)
    assert (stored.category, stored.department, stored.priority) == ("voirie", "eau", "haute")


def test_a_decision_can_be_corrected_and_both_stay_in_the_history(agent: Visitor, alert: str) -> None:
    agent.press("Enter")
    agent.left(alert)
    agent.take(alert)
    expect(agent.find("#decided")).to_be_visible()
    agent.press("2")
    second = agent.find("input[name=category]:checked").input_value()
    agent.find("#accept").click()
    expect(agent.find("#history li")).to_have_count(3)
    expect(agent.find(f"#category-{second}")).to_be_checked()
    assert agent.desk.stored(alert).category == second
    assert len(agent.desk.history(alert)) == 2


def test_undo_on_the_alerts_own_page_puts_it_back(agent: Visitor, alert: str) -> None:
    agent.press("Enter")
    agent.left(alert)
    agent.take(alert)
    agent.find("#undo").click()
    expect(agent.find("#history li.undone")).to_have_count(1)
    expect(agent.find("#history li.undone")).to_contain_text(agent.name or "?")
    assert agent.desk.stored(alert).queue == "review"
    expect(agent.find("#accept")).to_be_enabled()


def test_an_undone_alert_can_be_answered_again(agent: Visitor, alert: str) -> None:
    agent.press("Enter")
    agent.left(alert)
    agent.press("u")
    expect(agent.find(".alert-id")).to_have_text(alert)
    agent.settled()
    agent.press("Enter")
    agent.left(alert)
    assert [entry.undone_by for entry in agent.desk.history(alert)] == [agent.name, None]


def test_a_note_goes_along_with_a_decision(agent: Visitor, alert: str) -> None:
    agent.press("n")
    agent.find("#note").fill("Déjà vu hier avec l'équipe de jour.")
    agent.find("#accept").click()
    agent.left(alert)
    agent.take(alert)
    expect(agent.find("#history q")).to_have_text("Déjà vu hier avec l'équipe de jour.")


def test_a_note_can_be_kept_without_a_decision_and_masks_personal_data(agent: Visitor, alert: str) -> None:
    agent.press("n")
    agent.find("#note").fill("Rappeler au 06 39 98 12 34 demain.")
    agent.find("#save-note").click()
    expect(agent.find("#history q")).to_contain_text("Rappeler au")
    assert "06 39 98" not in agent.page.content()
    assert agent.desk.stored(alert).review_id is None
    assert agent.alert_id() == alert


def test_who_comes_second_with_another_answer_is_told_so(visit: Visit, agent: Visitor, alert: str) -> None:
    agent.press("Enter")
    agent.left(alert)
    other = visit(name=agent.desk.account())
    other.expect(409)
    other.take(alert)
    agent.take(alert)
    agent.find("#undo").click()
    expect(agent.find("#history li.undone")).to_have_count(1)
    other.press("2")
    other.find("#accept").click()
    expect(other.find("#trouble")).to_be_visible()
    assert agent.desk.stored(alert).review_id is None
    other.find("#next").click()
    expect(other.find("#accept")).to_be_enabled()


def test_back_after_a_decision_shows_the_alert_as_it_is_now(agent: Visitor, alert: str) -> None:
    agent.press("Enter")
    agent.left(alert)
    agent.page.go_back()
    expect(agent.find("main")).to_be_visible()
    agent.settled()
    assert agent.find("#decision").count() == 1
    if agent.alert_id() == alert:
        expect(agent.find("#decided")).to_be_visible()


def test_the_deciding_words_are_marked(agent: Visitor) -> None:
    alert = agent.desk.send("Nid-de-poule énorme au milieu de la chaussée, devant le numéro 30")
    agent.take(alert)
    expect(agent.find("#text mark").first).to_be_visible()
    expect(agent.find("#text")).to_have_text("Nid-de-poule énorme au milieu de la chaussée, devant le numéro 30")
