"""Signing in with a name and a password, and all that may go wrong or be tried on purpose."""

import pytest

from tests.serving.staff.desk_client import LOCAL, PASSWORD, Desk, StartDesk
from triage.staff import Role

WRONG = "identifiant ou le mot de passe est incorrect"


def test_who_signs_in_sees_the_desk(desk: Desk) -> None:
    browser = desk.signed_in("a.petit")
    answer = browser.get("/review")
    assert answer.status_code == 200
    assert "A.PETIT" in answer.text
    assert desk.audited()[-1] == ("a.petit", "signed_in", "a.petit")


def test_the_page_that_was_wanted_comes_after_signing_in(desk: Desk) -> None:
    desk.account()
    browser = desk.browser()
    sent = browser.get("/review/suspects?page=2")
    assert sent.status_code == 303
    assert sent.headers["location"] == "/review/sign-in?next=/review/suspects%3Fpage%3D2"
    form = browser.get(sent.headers["location"])
    assert 'value="/review/suspects?page=2"' in form.text
    assert browser.sign_in("a.petit", next="/review/suspects?page=2").headers["location"] == "/review/suspects?page=2"


def test_the_form_has_labels_and_is_in_french_until_the_reader_chooses(desk: Desk) -> None:
    desk.account()
    browser = desk.browser()
    page = browser.get("/review/sign-in").text
    assert '<html lang="fr"' in page
    assert "Mot de passe" in page and 'autocomplete="current-password"' in page and 'label for="password"' in page
    assert "Password" in browser.get("/review/sign-in", headers={"Cookie": "lang=en"}).text


def test_names_are_folded_and_passwords_are_not(desk: Desk) -> None:
    desk.account(password="Clé-de-la-mairie")  # noqa: S106
    assert desk.browser().sign_in(" A.Petit ", "Clé-de-la-mairie").status_code == 303
    assert desk.browser().sign_in("a.petit", "Cle\u0301-de-la-mairie").status_code == 303  # the same, typed elsewhere
    for other in ("clé-de-la-mairie", "Clé-de-la-mairie ", "Cle-de-la-mairie", ""):
        assert desk.browser().sign_in("a.petit", other).status_code == 401


def test_every_refusal_reads_the_same_and_starts_no_session(desk: Desk) -> None:
    desk.account("known")
    desk.account("disabled")
    with desk.store() as store:
        store.disable_account("disabled")
    pages = set()
    for name, password in (("known", "x" * 12), ("unknown", PASSWORD), ("disabled", PASSWORD), ("", ""), ("known", "")):
        browser = desk.browser()
        answer = browser.sign_in(name, password)
        assert answer.status_code == 401
        assert WRONG in answer.text
        assert "set-cookie" not in answer.headers
        assert browser.get("/review").status_code == 303
        pages.add(answer.text)
    assert len(pages) == 1


def test_a_password_is_checked_whether_or_not_there_is_such_a_name(desk: Desk) -> None:
    desk.account("known")
    desk.account("disabled")
    with desk.store() as store:
        store.disable_account("disabled")
        store.account_of_identity("https://login.example 7", "provided", "P", Role.AGENT, desk.clock())
    for number, name in enumerate(("known", "unknown", "disabled", "provided", ""), 1):
        assert desk.browser().sign_in(name, "x" * 12).status_code == 401
        assert desk.passwords.checks == number


@pytest.mark.parametrize(
    "wanted",
    [
        *("https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)"),
        *("/review@evil.example", "/review/../docs", "/review/%2e%2e/docs", "/reviewx", "/docs", "/v1/alerts", ""),
        *(
            "/review\r\nSet-Cookie: a=b",
            "/review/sign-in",
            "/review/enter?token=x",
            "/review/sign-out",
            "https:/review",
        ),
        *(
            "/review/nope",
            "/review//evil.example",
            "/review?x=é",
            "/review#x",
            "///review",
            "/review/alerts/" + 1_000 * "a",
        ),
    ],
)
def test_nobody_is_led_away_after_signing_in(desk: Desk, wanted: str) -> None:
    desk.account()
    answer = desk.browser().sign_in("a.petit", next=wanted)
    assert (answer.status_code, answer.headers["location"]) == (303, "/review")
    shown = desk.browser().get("/review/sign-in", params={"next": wanted}).text
    assert 'name="next" value="/review"' in shown
    assert "evil" not in shown


def test_who_is_signed_in_already_is_sent_on(desk: Desk) -> None:
    answer = desk.signed_in().get("/review/sign-in?next=/review/help")
    assert (answer.status_code, answer.headers["location"]) == (303, "/review/help")


# Guessing


def test_a_name_is_tried_ten_times_in_a_quarter_of_an_hour_from_wherever(desk: Desk) -> None:
    desk.account()
    for name in ("a.petit", "nobody-of-this-name"):
        for number in range(10):
            assert desk.browser(address=f"198.51.100.{number}").sign_in(name, f"wrong {number}").status_code == 401
        for address in ("198.51.100.1", "203.0.113.9"):
            answer = desk.browser(address=address).sign_in(name, PASSWORD)
            assert answer.status_code == 429
            assert answer.headers["retry-after"] == "900"
            assert "Trop de tentatives" in answer.text


def test_an_address_tries_a_hundred_times_whatever_the_names(desk: Desk) -> None:
    limits = desk.engine.staff.accounts._limits
    assert all(limits.admit(f"name {number}", "2001:db8::1") for number in range(100))
    assert not limits.admit("a.petit", "2001:db8::ffff")  # a neighbour in the same network
    assert limits.admit("a.petit", "2001:db8:0:1::1")
    desk.account()
    assert desk.browser(address="2001:db8::2").sign_in("a.petit").status_code == 429
    assert desk.browser(address="192.0.2.1").sign_in("a.petit").status_code == 303


def test_guessing_elsewhere_does_not_lock_the_owner_out_of_a_browser_used_before(desk: Desk) -> None:
    mine = desk.signed_in("a.petit")
    marks = {name: value for name, value in mine.cookies.items() if "device" in name}
    for number in range(12):
        desk.browser(address=f"198.51.100.{number}").sign_in("a.petit", "wrong")
    assert desk.browser().sign_in("a.petit").status_code == 429
    known = desk.browser()
    known.cookies.update(marks)
    assert known.sign_in("a.petit").status_code == 303
    for name, stolen in (("a.petit", marks), ("m.noir", marks), ("a.petit", dict.fromkeys(marks, "x.y.z"))):
        guesser = desk.browser(address="203.0.113.1")
        guesser.cookies.update(stolen)
        answers = [guesser.sign_in(name, "wrong").status_code for _ in range(12)]
        assert 429 in answers  # a stolen mark is worth ten guesses, another's or a forged one nothing
    assert desk.browser().sign_in("a.petit").status_code == 429  # signing in elsewhere has forgiven nobody


def test_who_signs_in_may_go_on_signing_in(desk: Desk) -> None:
    desk.account()
    for _ in range(12):
        assert desk.browser().sign_in("a.petit").status_code == 303


def test_refusals_are_written_down_once_in_a_while(desk: Desk) -> None:
    desk.account()
    for _ in range(14):
        desk.browser().sign_in("a.petit", "wrong")
    assert len(desk.audited("sign_in_failed")) == 10
    assert len(desk.audited("sign_in_limited")) == 1


def test_what_was_typed_for_a_name_is_not_written_down(
    desk: Desk, start: StartDesk, caplog: pytest.LogCaptureFixture
) -> None:
    del start
    desk.account("a.petit")
    desk.browser().sign_in(PASSWORD, "a.petit")
    desk.browser().sign_in("a.petit", "wrong password")
    desk.browser().sign_in("x\r\nERROR root signed in\x1b[2J", "wrong password")
    assert [entry[2] for entry in desk.audited("sign_in_failed")] == ["-", "a.petit", "-"]
    with desk.store() as store:
        everything = repr(store.audit_log(100)) + caplog.text
    assert PASSWORD not in everything and "wrong password" not in everything and "ERROR" not in everything


# Forms made by hand


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({}, 401),
        ({"name": ["a.petit", "other"], "password": PASSWORD}, 401),
        ({"name": "a.petit", "password": [PASSWORD, "x"]}, 401),
        ({"name": "a.petit", "password": "x" * 60_000}, 401),
        ({"name": "a.petit", "password": "x" * 70_000}, 413),
        ({"name": "\udcff", "password": "\x00" * 20}, 401),
        ({f"field{number}": "x" for number in range(300)}, 400),
    ],
)
def test_strange_forms_are_refused(desk: Desk, fields: dict[str, str], status: int) -> None:
    desk.account()
    if fields.get("name") == "\udcff":
        answer = desk.browser().post(
            "/review/sign-in",
            content=b"name=%ff%00&password=%00",
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )
    else:
        answer = desk.browser().post("/review/sign-in", fields)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize(
    ("content", "media_type", "status"),
    [
        (b'{"name": "a.petit"}', "application/json", 415),
        (b"name=a.petit", "text/plain", 415),
        (b"--x\r\n\r\n--x--", "multipart/form-data; boundary=x", 415),
        (b"name=\xff", "application/x-www-form-urlencoded", 400),
    ],
)
def test_only_plain_forms_are_read(desk: Desk, content: bytes, media_type: str, status: int) -> None:
    desk.account()
    answer = desk.browser().post("/review/sign-in", content=content, headers={"Content-Type": media_type})
    assert answer.status_code == status


def test_without_accounts_the_desk_says_how_to_make_one(desk: Desk) -> None:
    for path in ("/review", "/review/sign-in", "/review/supervisor"):
        answer = desk.browser().get(path)
        assert answer.status_code == 403
        assert "triage user add" in answer.text
    assert desk.browser().sign_in("a.petit").status_code == 403


def test_a_store_that_cannot_be_used_is_a_page_that_says_so(start: StartDesk) -> None:
    desk = start(store="postgresql://nobody@127.0.0.1:1/nothing")
    answer = desk.browser().get("/review")
    assert answer.status_code == 503
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["retry-after"]
    assert "Indisponible" in answer.text


def test_while_the_service_starts_the_desk_says_so(desk: Desk) -> None:
    desk.runtime.engine = None
    answer = desk.browser().get("/review")
    assert answer.status_code == 503
    assert "Réessayez" in answer.text
    assert desk.browser(LOCAL).get("/review/static/desk.css").status_code == 200


def test_roles_are_as_the_store_says_at_each_request(desk: Desk) -> None:
    browser = desk.signed_in("m.noir", Role.AGENT)
    assert browser.get("/review/supervisor").status_code == 403
    with desk.store() as store:
        store.set_role("m.noir", Role.SUPERVISOR)
    assert browser.get("/review/supervisor").status_code == 303  # the session ended with the change
    assert desk.signed_in("m.noir").get("/review/supervisor").status_code == 200
