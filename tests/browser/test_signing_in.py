"""Signing in and out, as people do it."""

from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from serving.staff.limits import PER_NAME
from tests.browser.conftest import Visit
from tests.browser.installation import HASH, PASSWORD, Installation
from tests.browser.visitor import Visitor

SIGN_IN = "**/review/sign-in**"


@pytest.fixture
def stranger(visit: Visit) -> Visitor:
    """The window of somebody who has not signed in."""
    return visit(name=None)


def sign_in(window: Visitor, name: str, password: str = PASSWORD) -> None:
    window.find("#name").fill(name)
    window.find("#password").fill(password)
    window.find("#sign-in").click()


def test_the_page_that_was_wanted_opens_after_signing_in(stranger: Visitor) -> None:
    name = stranger.desk.account(display_name="Ana Petit")
    alert = stranger.desk.send("Bonjour, il y a un souci ici")
    stranger.open(f"/review/alerts/{alert}")
    assert stranger.path() == "/review/sign-in"
    expect(stranger.find("#name")).to_be_focused()
    sign_in(stranger, f" {name.upper()} ")  # as somebody on a phone writes it
    expect(stranger.find(".alert-id")).to_have_text(alert)
    expect(stranger.find("#member")).to_have_text("Ana Petit")


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(stranger: Visitor) -> None:
    name = stranger.desk.account()
    stranger.expect(401)
    shown = []
    for typed in (name, "nobody.here"):
        stranger.open("/review/sign-in")
        sign_in(stranger, typed, "not my password")
        expect(stranger.find("#sign-in-error")).to_be_visible()
        expect(stranger.find("#name")).to_have_attribute("aria-describedby", "sign-in-error")
        expect(stranger.find("#password")).to_have_value("")
        shown.append(stranger.find("main").inner_text())
    assert shown[0] == shown[1]
    sign_in(stranger, name)
    stranger.page.wait_for_url("**/review")


def test_too_many_attempts_are_refused_even_with_the_right_password(stranger: Visitor) -> None:
    name = stranger.desk.account()
    with stranger.desk.browserless() as client:
        for _ in range(PER_NAME.amount):
            answer = client.post("/review/sign-in", data={"name": name, "password": "not my password"})
            assert answer.status_code == 401
    stranger.expect(429)
    stranger.open("/review/sign-in")
    with stranger.page.expect_response("**/review/sign-in") as caught:
        sign_in(stranger, name)
    assert (caught.value.status, caught.value.headers["retry-after"]) == (429, "900")
    expect(stranger.find("#sign-in-error")).to_be_visible()
    # Somebody else can still sign in.
    sign_in(stranger, stranger.desk.account())
    stranger.page.wait_for_url("**/review")


def test_an_empty_form_is_not_sent(stranger: Visitor) -> None:
    stranger.open("/review/sign-in")
    stranger.asked.clear()
    stranger.find("#sign-in").click()
    expect(stranger.find("#name")).to_be_focused()
    assert not [url for url in stranger.asked if "/static/" not in url]


def test_signing_out_leaves_nothing_behind(visit: Visit, desk: Installation) -> None:
    window = visit(name=desk.account())
    window.open()
    window.settled()
    alert = window.alert_id()
    old = {cookie["name"]: cookie["value"] for cookie in window.context.cookies()}
    window.find("#sign-out").click()
    window.page.wait_for_url(SIGN_IN)
    assert not [cookie for cookie in window.context.cookies() if "session" in cookie["name"]]
    window.page.go_back()
    expect(window.find("#sign-in-form")).to_be_visible()
    assert alert not in window.page.content()
    with desk.browserless(old) as client:
        assert client.get("/review").headers["location"].startswith("/review/sign-in")


def test_a_disabled_member_is_out_at_the_next_key(visit: Visit, desk: Installation) -> None:
    name = desk.account()
    window = visit(name=name)
    window.expect(401)
    alert = desk.send("Bonjour, il y a un souci ici")
    window.take(alert)
    with desk.store() as store:
        store.disable_account(name)
    window.press("Enter")
    window.page.wait_for_url(SIGN_IN)
    assert desk.stored(alert).review_id is None
    sign_in(window, name)
    expect(window.find("#sign-in-error")).to_be_visible()
    # Whoever is let in again comes back to the alert.
    with desk.store() as store:
        store.enable_account(name)
    sign_in(window, name)
    expect(window.find(".alert-id")).to_have_text(alert)


def test_another_password_ends_the_sessions_of_the_old_one(visit: Visit, desk: Installation) -> None:
    name = desk.account()
    window = visit(name=name)
    window.open()
    window.settled()
    with desk.store() as store:
        store.set_password(name, HASH)
    window.find("#nav-suspects").click()
    window.page.wait_for_url(SIGN_IN)


def test_what_happens_is_in_the_audit_log(visit: Visit, desk: Installation) -> None:
    name, since = desk.account(), datetime.now(UTC)
    window = visit(name=None)
    window.expect(401)
    window.open("/review/sign-in")
    sign_in(window, name, "not my password")
    expect(window.find("#sign-in-error")).to_be_visible()
    sign_in(window, name)
    window.page.wait_for_url("**/review")
    window.find("#sign-out").click()
    window.page.wait_for_url(SIGN_IN)
    with desk.store() as store:
        entries = [entry for entry in reversed(store.audit_log(1_000)) if entry.subject == name and entry.at >= since]
    assert [entry.action for entry in entries] == ["sign_in_failed", "signed_in", "signed_out"]
    assert not [entry for entry in entries if PASSWORD in str(entry) or "not my password" in str(entry)]


def test_no_link_leads_away_after_signing_in(agent: Visitor) -> None:
    for wanted in (
        "//evil.example",
        "https://evil.example/review",
        "/\\evil.example",
        "/v1/alerts",
        "javascript:alert(1)",
    ):
        agent.open(f"/review/sign-in?next={quote(wanted)}")
        assert agent.page.url == f"{agent.desk.base}/review"
