"""The link that opens the desk before there are accounts: on this machine, once, for a quarter of an hour."""

import stat

import pytest

from serving.staff.links import LINK_FILE, OneTimeLink
from tests.serving.staff.desk_client import Browser, Desk, StartDesk


def link_of(desk: Desk) -> str:
    return OneTimeLink(desk.settings.state_dir).make(desk.clock())


def enter(browser: Browser, token: str) -> int:
    return browser.get("/review/enter", params={"token": token}).status_code


def test_it_opens_the_desk_once(desk: Desk) -> None:
    token = link_of(desk)
    browser = desk.browser()
    answer = browser.get("/review/enter", params={"token": token})
    assert (answer.status_code, answer.headers["location"]) == (303, "/review")
    assert browser.get("/review").status_code == 200
    assert browser.get("/review/supervisor").status_code == 200
    assert enter(desk.browser(), token) == 403
    assert desk.audited() == [("local", "signed_in", "local"), ("-", "link_refused", "local")]


def test_it_lasts_a_quarter_of_an_hour(desk: Desk) -> None:
    token = link_of(desk)
    desk.clock.move(minutes=15, seconds=1)
    assert enter(desk.browser(), token) == 403
    desk.clock.move(minutes=-30)  # a clock set back does not make it new
    assert enter(desk.browser(), token) == 403


@pytest.mark.parametrize("token", ["", "x", "é", "\udcff", "a" * 5_000])
def test_another_token_opens_nothing_and_uses_nothing_up(desk: Desk, token: str) -> None:
    right = link_of(desk)
    assert enter(desk.browser(), token.encode("utf-8", "replace").decode()) == 403
    assert enter(desk.browser(), right) == 303


def test_a_newer_link_takes_the_place_of_an_older_one(desk: Desk) -> None:
    older, newer = link_of(desk), link_of(desk)
    assert enter(desk.browser(), older) == 403
    assert enter(desk.browser(), newer) == 303


@pytest.mark.parametrize(
    ("base", "address"),
    [
        ("http://127.0.0.1:3000", "192.0.2.7"),
        ("https://triage.example", "127.0.0.1"),
        ("http://192.0.2.1:3000", "127.0.0.1"),
        ("https://triage.example", "192.0.2.7"),
    ],
)
def test_other_machines_neither_enter_nor_use_what_it_opened(desk: Desk, base: str, address: str) -> None:
    token = link_of(desk)
    assert enter(desk.browser(base, address), token) == 403
    browser = desk.browser()
    assert enter(browser, token) == 303
    [(name, value)] = browser.cookies.items()
    elsewhere = desk.browser(base, address)
    for cookie in (name, f"__Host-{name}"):
        assert elsewhere.get("/review", headers={"Cookie": f"{cookie}={value}"}).status_code == 403


@pytest.mark.parametrize("base", ["http://localhost:3000", "http://[::1]:3000", "http://127.0.0.1:8080"])
def test_every_name_of_this_machine_will_do(desk: Desk, base: str) -> None:
    assert enter(desk.browser(base, "::1"), link_of(desk)) == 303


def test_the_first_account_ends_it_all(desk: Desk) -> None:
    token, browser = link_of(desk), desk.browser()
    assert enter(browser, token) == 303
    assert browser.get("/review").status_code == 200
    late = link_of(desk)
    desk.account()
    assert browser.get("/review").status_code == 303
    assert enter(desk.browser(), late) == 403
    with desk.store() as store:
        store.disable_account("a.petit")
    assert browser.get("/review").status_code == 303
    assert enter(desk.browser(), late) == 403


def test_the_state_folder_holds_its_digest_alone(desk: Desk) -> None:
    token = link_of(desk)
    file = desk.settings.state_dir / LINK_FILE
    assert token not in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "content", ["", "[]", '{"sha256": 1}', '{"sha256": "é", "made_at": "2026-06-01T12:00:00"}', "\udcff"]
)
def test_a_broken_file_opens_nothing(start: StartDesk, content: str) -> None:
    desk = start()
    token = link_of(desk)
    (desk.settings.state_dir / LINK_FILE).write_text(content, errors="surrogateescape")
    assert enter(desk.browser(), token) == 403
