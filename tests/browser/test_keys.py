"""Every key does what is printed on its button, and nothing while somebody writes."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.pairs import send_pair
from tests.browser.visitor import Visitor

LETTERS = "cepnsdxu?1"


@pytest.fixture
def alert(agent: Visitor) -> str:
    """An alert that waits, on the agent's page."""
    sent = agent.desk.send("Bonjour, il y a un souci ici")
    agent.take(sent)
    return sent


def chosen(agent: Visitor) -> str:
    return agent.find("input[name=category]:checked").get_attribute("value") or ""


def test_enter_accepts_what_stands_first_and_opens_the_next_alert(agent: Visitor, alert: str) -> None:
    agent.press("Enter")
    agent.left(alert)
    stored = agent.desk.stored(alert)
    assert stored.prediction is not None
    codes = [stored.prediction[head]["code"] for head in ("category", "department", "priority")]
    assert [stored.category, stored.department, stored.priority] == codes
    [entry] = agent.desk.history(alert)
    assert (entry.reviewer, entry.action, entry.queue, entry.rank) == (agent.name, "decide", "review", 1)
    assert entry.seconds is not None
    assert entry.model_version == stored.prediction["model"]["version"]
    assert entry.shown["category"][0][0] == codes[0]
    assert agent.alert_id() != alert
    expect(agent.find("#alert-title")).to_be_focused()


def test_a_digit_chooses_the_category_with_this_number(agent: Visitor, alert: str) -> None:
    choices = agent.find("input[name=category]")
    for number in (2, 3, 4, 5, 6, 7, 8, 9, 1):
        agent.press(str(number))
        choice = choices.nth(number - 1)
        expect(choice).to_be_checked()
        expect(choice).to_be_focused()
        expect(agent.find(f"label[for={choice.get_attribute('id')}]")).to_be_visible()
        department = choice.get_attribute("data-department") or "?"
        expect(agent.find("#department option:checked")).to_contain_text(department)
    agent.press("0")
    assert agent.alert_id() == alert


def test_enter_after_a_digit_stores_that_category(agent: Visitor, alert: str) -> None:
    agent.press("3")
    third = chosen(agent)
    agent.press("Enter")
    agent.left(alert)
    assert agent.desk.stored(alert).category == third
    assert agent.desk.history(alert)[0].rank == 3


@pytest.mark.usefixtures("alert")
def test_c_unfolds_the_other_categories_and_folds_them_again(agent: Visitor) -> None:
    folded = agent.find("#other-categories")
    assert folded.get_attribute("open") is None
    agent.press("c")
    expect(folded).to_have_attribute("open", "")
    expect(folded.locator("input").first).to_be_focused()
    agent.press("c")
    expect(folded).not_to_have_attribute("open", "")


def test_e_goes_to_the_department_and_enter_accepts_from_there(agent: Visitor, alert: str) -> None:
    agent.press("e")
    expect(agent.find("#department")).to_be_focused()
    agent.press("Escape")  # the list that has opened
    agent.find("#department").select_option(index=2)
    department = agent.find("#department").input_value()
    agent.press("Enter")
    agent.left(alert)
    assert agent.desk.stored(alert).department == department


def test_p_goes_to_the_priority_and_arrows_change_it(agent: Visitor, alert: str) -> None:
    before = agent.find("input[name=priority]:checked").input_value()
    agent.press("p")
    expect(agent.find(f"#priority-{before}")).to_be_focused()
    agent.press("ArrowRight")
    after = agent.find("input[name=priority]:checked").input_value()
    assert after != before
    agent.press("Enter")
    agent.left(alert)
    assert agent.desk.stored(alert).priority == after


def test_s_skips(agent: Visitor, alert: str) -> None:
    agent.press("s")
    agent.left(alert)
    stored = agent.desk.stored(alert)
    assert (stored.queue, stored.review_id) == ("review", None)


def test_u_takes_back_the_last_decision(agent: Visitor, alert: str) -> None:
    agent.press("Enter")
    agent.left(alert)
    agent.press("u")
    expect(agent.find(".alert-id")).to_have_text(alert)
    stored = agent.desk.stored(alert)
    assert (stored.queue, stored.review_id) == ("review", None)
    assert agent.desk.history(alert)[0].undone_by == agent.name


def test_d_links_the_first_candidate_and_goes_on(agent: Visitor) -> None:
    older, newer = send_pair(agent.desk)
    agent.take(newer)
    agent.press("d")
    agent.left(newer)
    [entry] = agent.desk.history(newer)
    assert (entry.action, entry.duplicate_of) == ("duplicate", older)


def test_x_says_that_the_first_candidate_is_no_duplicate(agent: Visitor) -> None:
    older, newer = send_pair(agent.desk)
    agent.take(newer)
    first = agent.find("#candidate-1 form input[name=other]")
    assert first.get_attribute("value") == older
    agent.press("x")
    expect(agent.find("#told-apart")).to_be_visible()
    expect(agent.find("#candidate-1")).to_have_count(0)
    assert agent.alert_id() == newer


@pytest.mark.usefixtures("alert")
def test_n_opens_the_note(agent: Visitor) -> None:
    agent.press("n")
    expect(agent.find("#note")).to_be_focused()


@pytest.mark.usefixtures("alert")
def test_a_question_mark_opens_the_help(agent: Visitor) -> None:
    agent.press("?")
    agent.page.wait_for_url("**/review/help")


def test_capitals_count_as_letters(agent: Visitor, alert: str) -> None:
    agent.press("S")
    agent.left(alert)


def test_keys_are_letters_while_somebody_writes(agent: Visitor, alert: str) -> None:
    agent.press("n")
    agent.page.keyboard.type(LETTERS)
    agent.press("Enter")
    expect(agent.find("#note")).to_have_value(f"{LETTERS}\n")
    assert agent.alert_id() == alert
    stored = agent.desk.stored(alert)
    assert (stored.queue, stored.review_id) == ("review", None)


def test_keys_are_letters_in_the_form_to_sign_in(visit: Visit) -> None:
    stranger = visit(name=None)
    stranger.open("/review/sign-in")
    for field in ("#name", "#password"):
        stranger.find(field).focus()
        stranger.page.keyboard.type("a?s1")
        expect(stranger.find(field)).to_have_value("a?s1")
    assert stranger.path() == "/review/sign-in"


def test_keys_with_a_modifier_are_the_browsers(agent: Visitor, alert: str) -> None:
    for modifier in ("Control", "Alt", "Meta"):
        for key in ("s", "2", "d", "Enter"):
            agent.press(f"{modifier}+{key}")
    agent.page.wait_for_timeout(200)
    assert agent.alert_id() == alert
    assert agent.desk.stored(alert).review_id is None


def test_a_key_that_is_held_answers_one_alert(agent: Visitor, alert: str) -> None:
    agent.page.keyboard.down("Enter")
    agent.left(alert)
    following = agent.alert_id()
    for _ in range(5):
        agent.page.keyboard.down("Enter")
    agent.page.keyboard.up("Enter")
    agent.page.wait_for_timeout(200)
    assert agent.alert_id() == following
    assert agent.desk.stored(following).review_id is None


def test_enter_pressed_twice_at_once_stores_one_decision(agent: Visitor, alert: str) -> None:
    agent.page.evaluate(
        """() => { for (let i = 0; i < 2; i++)
            document.body.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', bubbles: true})); }"""
    )
    agent.left(alert)
    following = agent.alert_id()
    agent.page.wait_for_timeout(200)
    assert agent.alert_id() == following
    assert len(agent.desk.history(alert)) == 1
    assert agent.desk.stored(following).review_id is None


def test_enter_on_a_link_follows_the_link(agent: Visitor, alert: str) -> None:
    agent.find("#nav-help").focus()
    agent.press("Enter")
    agent.page.wait_for_url("**/review/help")
    assert agent.desk.stored(alert).review_id is None


def test_keys_can_be_turned_off_and_on_again(visit: Visit) -> None:
    agent = visit()
    alert = agent.desk.send("Bonjour, il y a un souci ici")
    agent.open("/review/help")
    agent.find("#keys-off").click()
    agent.take(alert)
    expect(agent.find(".answers kbd")).to_have_count(0)
    expect(agent.find("[aria-keyshortcuts]")).to_have_count(0)
    for key in ("s", "u", "d", "Enter", "?"):
        agent.press(key)
    agent.page.wait_for_timeout(200)
    assert agent.alert_id() == alert
    agent.open("/review/help")
    agent.find("#keys-on").click()
    agent.take(alert)
    agent.press("s")
    agent.left(alert)


def test_every_key_is_printed_on_its_control_and_told_by_the_help(agent: Visitor) -> None:
    _, newer = send_pair(agent.desk)
    agent.take(newer)
    printed = set()
    for control in agent.find("[data-key]").all():
        key = control.get_attribute("data-key") or ""
        assert (control.get_attribute("aria-keyshortcuts") or "").lower() == key
        name = control.get_attribute("id") or ""
        label = (
            control if control.evaluate("e => e.matches('button, a, summary')") else agent.find(f"label[for={name}]")
        )
        if control.get_attribute("name") == "priority":
            label = agent.find("#priorities-label")
        words = [word.lower() for word in label.locator("kbd").all_text_contents()]
        assert words == ["entrée" if key == "enter" else key], name
        printed.add(key)
    assert printed >= {"enter", "s", "d", "x", "c", "e", "p", "n", "1", "5", "9"}
    agent.open("/review/help")
    told = " ".join(agent.find("kbd").all_text_contents()).lower()
    told = re.sub(r"1–9", "1 2 3 4 5 6 7 8 9", told).replace("entrée", "enter")
    assert printed | {"u", "?"} <= set(told.split())
