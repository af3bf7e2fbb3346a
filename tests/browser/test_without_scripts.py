"""A browser that runs no scripts can do everything."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from cli.demo.alerts import read_demo_alerts
from cli.demo.photos import PhotoSource
from tests.browser.conftest import Visit
from tests.browser.installation import PASSWORD, Installation
from tests.browser.pairs import send_pair
from tests.browser.visitor import Visitor
from triage.staff import Role


@pytest.fixture
def plain(visit: Visit) -> Visitor:
    """An agent's window without scripts."""
    return visit(java_script_enabled=False)


@pytest.fixture
def alert(plain: Visitor) -> str:
    sent = plain.desk.send("Nid-de-poule énorme au milieu de la chaussée")
    plain.open(f"/review/alerts/{sent}")
    return sent


def test_signing_in_and_out(visit: Visit, desk: Installation) -> None:
    window, name = visit(name=None, java_script_enabled=False), desk.account()
    window.open("/review/help")
    window.find("#name").fill(name)
    window.find("#password").fill(PASSWORD)
    window.find("#password").press("Enter")
    window.page.wait_for_url("**/review/help")
    window.find("#sign-out").click()
    expect(window.find("#sign-in-form")).to_be_visible()


def test_accepting_takes_the_next_one(plain: Visitor, alert: str) -> None:
    plain.find("#accept").click()
    assert plain.path() == "/review"
    assert plain.alert_id() != alert
    assert plain.desk.history(alert)[0].rank == 1


def test_enter_in_the_form_accepts(plain: Visitor, alert: str) -> None:
    plain.find("#decision input[name=category]:checked").press("Enter")
    assert plain.path() == "/review"
    assert plain.desk.stored(alert).review_id


def test_choosing_all_three(plain: Visitor, alert: str) -> None:
    plain.choose("proprete")
    plain.find("#department").select_option("collecte")
    plain.find("#priority-basse").check()
    plain.find("#accept").click()
    stored = plain.desk.stored(alert)
    assert (stored.category, stored.department, stored.priority) == ("proprete", "collecte", "basse")


def test_the_department_follows_the_category(plain: Visitor, alert: str) -> None:
    plain.choose("espaces_verts")
    plain.find("#accept").click()
    stored = plain.desk.stored(alert)
    assert (stored.category, stored.department) == ("espaces_verts", "espaces_verts")


def test_skipping_undoing_and_noting(plain: Visitor, alert: str) -> None:
    plain.find("#note-box summary").click()
    plain.find("#note").fill("Vu hier")
    plain.find("#save-note").click()
    expect(plain.find("#history q")).to_have_text("Vu hier")
    plain.find("#skip").click()
    assert plain.alert_id() != alert
    plain.open(f"/review/alerts/{alert}")
    plain.find("#accept").click()
    plain.find("#undo").click()
    assert plain.alert_id() == alert
    expect(plain.find("#history li.undone")).to_have_count(1)
    assert plain.desk.stored(alert).queue == "review"


@pytest.mark.usefixtures("alert")
def test_the_deciding_words(plain: Visitor) -> None:
    plain.find("#show-words").click()
    expect(plain.find("#text mark").first).to_be_visible()
    expect(plain.find("#accept")).to_be_enabled()


def test_pairs(plain: Visitor) -> None:
    older, newer = send_pair(plain.desk)
    with plain.desk.store() as store:
        store.link(newer, older)

    def act(selector: str, then: Callable[[], None]) -> None:
        plain.find(selector).click()
        then()

    plain.open(f"/review/alerts/{newer}")
    act("#unlink-1", lambda: expect(plain.find("#told-apart")).to_be_visible())
    plain.find("#told-apart summary").click()
    act("#link-again-1", lambda: expect(plain.find("#candidate-1.linked")).to_be_visible())
    plain.find("#candidate-1 details summary").click()
    plain.find("#duplicate-1").click()
    assert plain.desk.history(newer)[0].duplicate_of == older
    assert plain.path() == "/review"


def test_unmasking(visit: Visit, desk: Installation) -> None:
    alert = desk.send("Nid-de-poule énorme, rappelez le 06 39 98 12 34")
    window = visit(role=Role.SUPERVISOR, java_script_enabled=False)
    window.open(f"/review/alerts/{alert}?look=1")
    window.find("#unmask").click()
    expect(window.find("#text")).to_contain_text("06 39 98 12 34")
    window.find("#mask").click()
    expect(window.find("#text")).not_to_contain_text("06 39 98 12 34")


def test_photos_languages_keys_and_the_second_queue(plain: Visitor) -> None:
    photo = next(filter(None, map(PhotoSource().photo, read_demo_alerts())))
    alert = plain.desk.send("Voici", photos={"a.jpg": photo})
    plain.open(f"/review/alerts/{alert}")
    # Chromium's own page for a picture wants a style and an icon.
    plain.tolerate("inline style", "401")
    plain.find(".photos a.photo").click()
    assert plain.path().endswith("/photos/1")
    plain.page.go_back()
    plain.find("#language-en").click()
    expect(plain.find("html")).to_have_attribute("lang", "en")
    assert plain.alert_id() == alert
    plain.find("#nav-help").click()
    plain.find("#keys-off").click()
    expect(plain.find("#keys-on")).to_be_visible()
    plain.find("#nav-suspects").click()
    expect(plain.find("#nav-suspects")).to_have_attribute("aria-current", "page")
