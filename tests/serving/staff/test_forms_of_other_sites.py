"""Forms that other sites make browsers send, and what browsers may do with the pages."""

import pytest

from tests.serving.staff.desk_client import LOCAL, Desk, StartDesk

OUT = "/review/sign-out"


def is_signed_in(desk: Desk, browser: object) -> bool:
    del desk
    return bool(browser.get("/review").status_code == 200)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": ""},  # none at all
        {"Origin": "http://127.0.0.1:3001"},
        {"Origin": "https://127.0.0.1:3000"},
        {"Origin": "http://127.0.0.1:3000.evil.example"},
        {"Origin": f"{LOCAL}/"},
        {"Origin": LOCAL, "Sec-Fetch-Site": "cross-site"},
        {"Origin": LOCAL, "Sec-Fetch-Site": "same-site"},
        {"Origin": LOCAL, "Sec-Fetch-Site": "none"},
        {"Origin": "", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
        {"Origin": "", "Referer": f"{LOCAL}/review"},
    ],
)
@pytest.mark.parametrize("path", [OUT, "/review/sign-in"])
def test_a_form_of_another_site_does_nothing(desk: Desk, headers: dict[str, str], path: str) -> None:
    browser = desk.signed_in()
    fields = {"csrf": browser.token, "name": "a.petit", "password": "un cheval vert 12"}
    answer = browser.post(path, fields, headers=headers)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert is_signed_in(desk, browser)


@pytest.mark.parametrize(
    "headers", [{}, {"Sec-Fetch-Site": "same-origin"}, {"Origin": "", "Sec-Fetch-Site": "same-origin"}]
)
def test_a_form_of_the_desk_counts(desk: Desk, headers: dict[str, str]) -> None:
    browser = desk.signed_in()
    assert browser.post(OUT, {"csrf": browser.token}, headers=headers).status_code == 303
    assert not is_signed_in(desk, browser)


@pytest.mark.parametrize("token", [None, "", "x", "é", "0" * 64, ["a", "b"]])
def test_a_form_without_the_sessions_token_does_nothing(desk: Desk, token: object) -> None:
    browser = desk.signed_in()
    answer = browser.post(OUT, {} if token is None else {"csrf": token})
    assert answer.status_code == 403
    assert "session précédente" in answer.text
    assert is_signed_in(desk, browser)


def test_the_token_of_another_session_does_nothing(desk: Desk) -> None:
    mine, other = desk.signed_in("a.petit"), desk.signed_in("m.noir")
    assert mine.token != other.token != desk.signed_in("m.noir").token
    assert mine.post(OUT, {"csrf": other.token}).status_code == 403
    assert mine.post(OUT, {"csrf": [mine.token, mine.token]}).status_code == 403
    assert mine.post(f"{OUT}?csrf={mine.token}").status_code == 403
    assert is_signed_in(desk, mine)


def test_scripts_send_the_token_in_a_header(desk: Desk) -> None:
    browser = desk.signed_in()
    assert browser.post(OUT, headers={"X-CSRF-Token": "wrong"}).status_code == 403
    wrong_field = {"csrf": browser.token}
    assert browser.post(OUT, wrong_field, headers={"X-CSRF-Token": "wrong"}).status_code == 403
    assert browser.post(OUT, headers={"X-CSRF-Token": browser.token}).status_code == 303


def test_the_pages_carry_the_token(desk: Desk) -> None:
    browser = desk.signed_in()
    assert f'name="csrf" value="{browser.token}"' in browser.get("/review").text


def test_behind_a_proxy_the_public_address_is_the_origin(start: StartDesk) -> None:
    desk = start(public_url="https://triage.example:443/".replace(":443", ""))
    browser = desk.signed_in(base="https://triage.example")
    assert browser.post(OUT, {"csrf": browser.token}, headers={"Origin": LOCAL}).status_code == 403
    assert browser.post(OUT, {"csrf": browser.token}, headers={"Host": "127.0.0.1:3000"}).status_code == 303


@pytest.mark.parametrize("host", ["", "a b", "127.0.0.1:3000, evil", "evil@127.0.0.1", "é", "127.0.0.1:3000/x"])
def test_a_host_that_is_no_name_is_refused(desk: Desk, host: str) -> None:
    answer = desk.browser().get("/review/sign-in", headers={"Host": host.encode("latin-1")})
    assert answer.status_code == 400


def test_a_name_that_was_turned_to_this_machine_shows_nothing(desk: Desk) -> None:
    browser = desk.signed_in()
    [(name, value)] = [(name, value) for name, value in browser.cookies.items() if "session" in name]
    rebound = desk.browser("http://evil.example:3000")
    assert rebound.get("/review", headers={"Cookie": f"{name}={value}"}).status_code == 403


@pytest.mark.parametrize(
    "path", ["/review", "/review/sign-in", "/review/nope", "/review/static/desk.css", "/review/enter"]
)
def test_every_answer_carries_strict_headers(desk: Desk, path: str) -> None:
    for browser in (desk.browser(), desk.signed_in()):
        headers = browser.get(path).headers
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; img-src 'self' data:; ")
        assert "unsafe" not in policy and "frame-ancestors 'none'" in policy and "form-action 'self'" in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        if "static" not in path:
            assert headers["cache-control"] == "no-store"


def test_maps_add_their_host_and_nothing_else(start: StartDesk) -> None:
    desk = start(map_tiles="https://tiles.example/{z}/{x}/{y}.png")
    desk.account()
    policy = desk.browser().get("/review/sign-in").headers["content-security-policy"]
    assert "img-src 'self' data: https://tiles.example; style-src" in policy


def test_programs_of_machines_are_left_alone(desk: Desk) -> None:
    answer = desk.browser().get("/healthz")
    assert "content-security-policy" not in answer.headers
    answer = desk.browser().get("/v1/nope")
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_script_that_is_not_signed_in_is_sent_to_the_form(desk: Desk) -> None:
    desk.account()
    browser = desk.browser()
    answer = browser.get("/review/help", headers={"HX-Request": "true", "HX-Current-URL": f"{LOCAL}/review/suspects"})
    assert answer.status_code == 401
    assert answer.headers["hx-redirect"] == "/review/sign-in?next=/review/suspects"
    evil = browser.get("/review/help", headers={"HX-Request": "true", "HX-Current-URL": "https://evil.example/review"})
    assert evil.headers["hx-redirect"] == "/review/sign-in"


def test_a_form_sent_after_the_session_ended_leads_to_signing_in(desk: Desk) -> None:
    browser = desk.signed_in()
    token = browser.token
    desk.clock.move(hours=13)
    referer = {"Referer": f"{LOCAL}/review/alerts/a%2Fb"}
    answer = browser.post("/review/alerts/a%2Fb/note", {"csrf": token}, headers=referer)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/review/sign-in?next=/review/alerts/a%252Fb"
