"""Sessions: how they begin, go on and end, and that nobody takes one over."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.serving.staff.desk_client import LOCAL, PASSWORD, Browser, Desk, StartDesk
from triage.staff import Role
from triage.store.audit import AuditEntry
from triage.store.personal import PersonalKeys
from triage.store.sessions import NewSession
from triage.store.staff import AccountDisabled

HTTPS = "https://triage.example"


def session_cookie(browser: Browser) -> tuple[str, str]:
    [(name, value)] = [(name, value) for name, value in browser.cookies.items() if "session" in name]
    return name, value


def with_cookie(desk: Desk, name: str, value: str, base: str = LOCAL) -> Browser:
    browser = desk.browser(base)
    browser.cookies.set(name, value, browser.client.base_url.host)
    return browser


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(desk: Desk) -> None:
    desk.account()
    session, device = desk.browser().sign_in("a.petit").headers.get_list("set-cookie")
    assert re.fullmatch(r"triage_session_[0-9a-f]{8}=[\w.-]+; HttpOnly; Path=/; SameSite=lax", session)
    assert re.fullmatch(r"triage_device_[0-9a-f]{8}=[\w.-]+; HttpOnly; Max-Age=15552000; Path=/; SameSite=lax", device)


def test_over_https_the_cookie_is_the_hosts_own(start: StartDesk) -> None:
    desk = start(public_url=HTTPS)
    desk.account()
    for cookie in desk.browser(HTTPS).sign_in("a.petit").headers.get_list("set-cookie"):
        assert re.fullmatch(r"__Host-triage_\w+_[0-9a-f]{8}=[\w.-]+; HttpOnly;.* Path=/; SameSite=lax; Secure", cookie)


def test_without_https_other_addresses_show_nothing_and_take_no_password(desk: Desk) -> None:
    desk.account()
    for base in ("http://triage.example", "http://192.0.2.7:3000", "http://127.0.0.1.evil.example:3000"):
        browser = desk.browser(base)
        for answer in (browser.get("/review"), browser.get("/review/sign-in"), browser.sign_in("a.petit")):
            assert answer.status_code == 403
            assert "https" in answer.text
            assert "set-cookie" not in answer.headers
            assert "<form" not in answer.text.replace('action="/review/sign-out"', "")


def test_the_store_holds_digests_alone(desk: Desk) -> None:
    _, value = session_cookie(desk.signed_in())
    path = desk.settings.store_url.removeprefix("sqlite:///")
    files = b"".join(file.read_bytes() for file in Path(path).parent.glob("alerts.db*"))
    assert value.encode() not in files
    assert value.rpartition(".")[0].encode() not in files
    assert PASSWORD.encode() not in files
    with closing(sqlite3.connect(path)) as connection:
        [(digest,)] = connection.execute("SELECT digest FROM sessions").fetchall()
    name, _ = session_cookie(desk.signed_in())
    assert with_cookie(desk, name, digest).get("/review").status_code == 303


def test_a_session_that_was_planted_is_not_the_one_that_is_signed_in(desk: Desk) -> None:
    attacker = desk.signed_in("attacker")
    name, planted = session_cookie(attacker)
    victim = with_cookie(desk, name, planted)
    desk.account("victim")
    assert victim.sign_in("victim").status_code == 303
    assert session_cookie(victim)[1] != planted
    assert attacker.get("/review").status_code == 303  # what was planted has ended
    for made_up in ("", "x", "a.b", "é", "." * 50, f"{planted}x", planted[:-1], planted.swapcase(), "x" * 3_000):
        fresh = desk.browser()
        answer = fresh.get("/review", headers={"Cookie": f"{name}={made_up}".encode()})
        assert answer.status_code == 303


def test_signing_out_ends_the_session_for_whoever_has_copied_the_cookie(desk: Desk) -> None:
    browser = desk.signed_in()
    thief = with_cookie(desk, *session_cookie(browser))
    assert thief.get("/review").status_code == 200
    answer = browser.post_form("/review/sign-out")
    assert (answer.status_code, answer.headers["location"]) == (303, "/review/sign-in")
    assert "Max-Age=0" in answer.headers["set-cookie"]
    for someone in (thief, browser):
        assert someone.get("/review").status_code == 303
    assert desk.audited()[-1] == ("a.petit", "signed_out", "a.petit")


@pytest.mark.parametrize("change", ["password", "disabled", "role"])
def test_what_is_done_to_an_account_ends_its_sessions_and_no_others(desk: Desk, change: str) -> None:
    mine, other = desk.signed_in("a.petit"), desk.signed_in("m.noir")
    with desk.store() as store:
        if change == "password":
            store.set_password("a.petit", "$argon2id$v=19$m=65536,t=3,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA")
        elif change == "disabled":
            store.disable_account("a.petit")
        else:
            store.set_role("a.petit", Role.SUPERVISOR)
    assert mine.get("/review").status_code == 303
    assert other.get("/review").status_code == 200
    with desk.store() as store:
        store.enable_account("a.petit")
    assert mine.get("/review").status_code == 303  # a session does not come back


def test_a_session_ends_when_it_is_not_used(desk: Desk) -> None:
    browser = desk.signed_in()
    for _ in range(3):
        desk.clock.move(minutes=119)
        assert browser.get("/review").status_code == 200
    desk.clock.move(minutes=120)
    assert browser.get("/review").status_code == 303
    desk.clock.move(minutes=-60)
    assert browser.get("/review").status_code == 303


def test_a_session_ends_after_twelve_hours_of_work(desk: Desk) -> None:
    browser = desk.signed_in()
    for _ in range(11):
        desk.clock.move(hours=1)
        assert browser.get("/review").status_code == 200
    desk.clock.move(hours=1)
    assert browser.get("/review").status_code == 303


def test_lifetimes_are_settings(start: StartDesk) -> None:
    desk = start(session_idle_minutes=1, session_hours=0.05)
    browser = desk.signed_in()
    desk.clock.move(seconds=61)
    assert browser.get("/review").status_code == 303


def test_a_clock_that_is_set_back_makes_no_session_last_longer(desk: Desk) -> None:
    desk.clock.move(days=400)
    browser = desk.signed_in()
    desk.clock.move(seconds=-30)  # corrected by a little: all goes on
    assert browser.get("/review").status_code == 200
    desk.clock.move(days=-400)
    assert browser.get("/review").status_code == 303


def test_a_clock_that_is_set_forward_ends_sessions(desk: Desk) -> None:
    browser = desk.signed_in()
    desk.clock.move(days=3_000)
    assert browser.get("/review").status_code == 303


def test_cookies_of_another_installation_are_nobodys(start: StartDesk) -> None:
    desk = start()
    name, value = session_cookie(desk.signed_in())
    other = start(other_keys=PersonalKeys([PersonalKeys.new_key()]))  # on the same store, even
    assert with_cookie(other, name, value).get("/review").status_code == 303
    other_name, _ = session_cookie(other.signed_in())
    assert other_name != name  # both may run on one machine, whose ports share cookies
    assert with_cookie(other, other_name, value).get("/review").status_code == 303


def test_a_new_key_in_front_ends_no_session(start: StartDesk) -> None:
    old, new = PersonalKeys.new_key(), PersonalKeys.new_key()
    name, value = session_cookie(start(other_keys=PersonalKeys([old])).signed_in())
    assert with_cookie(start(other_keys=PersonalKeys([new, old])), name, value).get("/review").status_code == 200


def test_sessions_outlive_a_restart_of_the_service(start: StartDesk) -> None:
    name, value = session_cookie(start().signed_in())
    assert with_cookie(start(), name, value).get("/review").status_code == 200


def test_sessions_that_are_over_are_forgotten(desk: Desk) -> None:
    for _ in range(3):
        desk.signed_in()
    desk.clock.move(hours=13)
    desk.signed_in()
    with closing(sqlite3.connect(desk.settings.store_url.removeprefix("sqlite:///"))) as connection:
        assert connection.execute("SELECT count(*) FROM sessions").fetchall() == [(1,)]


def test_a_password_changed_while_it_is_checked_opens_nothing(desk: Desk) -> None:
    desk.account()
    with desk.store() as store:
        seen = store.account("a.petit")
        store.set_password("a.petit", "$argon2id$other")
        entry = AuditEntry(desk.clock(), "a.petit", "signed_in", "a.petit", {})
        with pytest.raises(AccountDisabled):
            store.start_session(NewSession("0" * 64, seen, desk.clock(), desk.clock()), entry)
        assert store.session("0" * 64) is None
