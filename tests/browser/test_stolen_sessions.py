"""What a stolen, guessed or altered cookie is worth."""

import pytest
from playwright.sync_api import expect
from starlette.responses import Response

from serving.staff.cookies import Cookies
from serving.staff.site import Site
from tests.browser.conftest import Visit
from tests.browser.installation import PASSWORD, Installation
from triage.store.personal import PersonalKeys

# What the secret of cookies is derived for; the right one, so that the key alone makes the difference.
COOKIES = "cookies 1"


@pytest.fixture
def cookie(desk: Installation) -> tuple[str, str]:
    """The cookie of somebody who has signed in."""
    return desk.session_cookie(desk.account())


def test_scripts_cannot_read_it_and_other_sites_cannot_send_it(visit: Visit, desk: Installation) -> None:
    window, name = visit(name=None), desk.account()
    window.open("/review/sign-in")
    window.find("#name").fill(name)
    window.find("#password").fill(PASSWORD)
    window.find("#sign-in").click()
    window.page.wait_for_url("**/review")
    [cookie] = [cookie for cookie in window.context.cookies() if "_session_" in cookie["name"]]
    assert (cookie["httpOnly"], cookie["sameSite"], cookie["path"]) == (True, "Lax", "/")
    assert cookie["expires"] == -1  # gone with the browser
    assert name not in cookie["value"]
    assert cookie["value"] not in window.page.evaluate("document.cookie")
    assert "session" not in window.page.evaluate("document.cookie")


def test_an_altered_cookie_is_nobodys(visit: Visit, cookie: tuple[str, str]) -> None:
    name, value = cookie
    secret, _, signature = value.rpartition(".")
    altered = [
        secret,
        f"{secret}.",
        f".{signature}",
        f"{secret}.{signature[:-2]}AA",
        f"{secret[:-2]}AA.{signature}",
        f"{value}.{signature}",
        value.upper(),
        "a" * 3_000,
    ]
    thief = visit(name=None)
    for wrong in altered:
        thief.context.clear_cookies()
        thief.context.add_cookies([{"name": name, "value": wrong, "url": thief.desk.base}])
        thief.open()
        assert thief.path() == "/review/sign-in", wrong
    thief.context.add_cookies([{"name": name, "value": value, "url": thief.desk.base}])
    thief.open()
    expect(thief.find("#desk")).to_be_visible()


def test_signing_in_gives_a_new_cookie_and_ends_the_one_before(visit: Visit, cookie: tuple[str, str]) -> None:
    """A cookie that somebody planted is worth nothing after its victim has signed in."""
    name, planted = cookie
    victim = visit(name=None)
    victim.context.add_cookies([{"name": name, "value": planted, "url": victim.desk.base}])
    victim.open("/review")  # signed in as somebody else
    account = victim.desk.account()
    token = victim.find("input[name=csrf]").first.get_attribute("value")
    answer = victim.context.request.post(
        f"{victim.desk.base}/review/sign-in",
        form={"name": account, "password": PASSWORD, "csrf": token or ""},
        headers={"Origin": victim.desk.base},
    )
    assert answer.ok
    [given] = [one["value"] for one in victim.context.cookies() if one["name"] == name]
    assert given != planted
    victim.open()
    expect(victim.find("#member")).to_have_text(account.upper())
    with victim.desk.browserless({name: planted}) as attacker:
        assert attacker.get("/review").headers["location"].startswith("/review/sign-in")


def test_a_cookie_with_the_signature_of_another_installation_is_nobodys(visit: Visit, cookie: tuple[str, str]) -> None:
    name, value = cookie
    secret = value.rpartition(".")[0]
    answer = Response()
    Cookies(PersonalKeys([PersonalKeys.new_key()]).secret_for(COOKIES)).set_session(answer, Site("http://x"), secret)
    forged = answer.headers["set-cookie"].partition(";")[0].partition("=")[2]
    assert forged.startswith(secret)
    thief = visit(name=None)
    thief.context.add_cookies([{"name": name, "value": forged, "url": thief.desk.base}])
    thief.open()
    assert thief.path() == "/review/sign-in"


def test_a_session_opens_no_route_of_the_api(desk: Installation, cookie: tuple[str, str]) -> None:
    with desk.browserless(dict([cookie])) as client:
        assert client.get("/v1/alerts").status_code == 401
        assert client.get("/metrics").status_code == 401
    with desk.browserless() as client:
        answer = client.get("/review", headers={"Authorization": f"Bearer {desk.key}"})
        assert answer.headers["location"].startswith("/review/sign-in")
