"""Who may see which page: one table over all pages, roles, no session and API keys."""

from typing import Any

import httpx
import pytest
from starlette.responses import Response
from starlette.routing import Route

from serving.access import PAGES, needed_role
from serving.app import create_app
from serving.problems import Problem
from serving.runtime import Runtime
from serving.scopes import Scope
from serving.staff.accounts import Attempt
from serving.staff.places import is_page
from serving.staff.site import Site
from tests.serving.staff.desk_client import LOCAL, PASSWORD, Browser, Desk, StartDesk
from triage.staff import Role

AGENT, SUPERVISOR = Role.AGENT, Role.SUPERVISOR
# Written out again, so that a page cannot be opened to others by one careless edit of the table.
ROLE_OF = {
    ("GET", "/review"): AGENT,
    ("GET", "/review/alerts/{id}"): AGENT,
    ("GET", "/review/alerts/{id}/words"): AGENT,
    ("GET", "/review/alerts/{id}/heat/{number}"): AGENT,
    ("GET", "/review/alerts/{id}/photos/{number}"): AGENT,
    ("POST", "/review/alerts/{id}/decide"): AGENT,
    ("POST", "/review/alerts/{id}/skip"): AGENT,
    ("POST", "/review/alerts/{id}/duplicate"): AGENT,
    ("POST", "/review/alerts/{id}/not-duplicate"): AGENT,
    ("POST", "/review/alerts/{id}/unlink"): AGENT,
    ("POST", "/review/alerts/{id}/undo"): AGENT,
    ("POST", "/review/alerts/{id}/note"): AGENT,
    ("POST", "/review/alerts/{id}/unmask"): SUPERVISOR,
    ("POST", "/review/alerts/{id}/forward"): AGENT,
    ("POST", "/review/keys"): AGENT,
    ("POST", "/review/sign-out"): AGENT,
    ("GET", "/review/suspects"): AGENT,
    ("GET", "/review/tiles/{z}/{x}/{y}"): AGENT,
    ("GET", "/review/help"): AGENT,
    ("GET", "/review/supervisor"): SUPERVISOR,
    ("GET", "/review/supervisor/simulator"): SUPERVISOR,
    ("POST", "/review/supervisor/forward"): SUPERVISOR,
}
OPEN = {
    ("GET", "/review/sign-in"),
    ("POST", "/review/sign-in"),
    ("GET", "/review/sign-in/provider"),
    ("GET", "/review/sign-in/provider/back"),
    ("GET", "/review/enter"),
    ("GET", "/review/language/{code}"),
    ("GET", "/review/static/{name}"),
}


async def inner(scope: Any, receive: Any, send: Any) -> None:  # noqa: ARG001
    """Answers whatever reaches it."""
    member = scope["state"].get("member")
    name = f"{member.name} {member.role}" if member else "nobody"
    await send({"type": "http.response.start", "status": 200, "headers": [(b"x-member", name.encode())]})
    await send({"type": "http.response.body", "body": b""})


@pytest.fixture
def guarded(start: StartDesk) -> Desk:
    return start(inner)


def visit(browser: Browser, method: str, path: str, **headers: str) -> int:
    concrete = path.format(id="a%2Fb", number=1, z=1, x=2, y=3, code="fr", name="desk.css")
    if method == "GET":
        return browser.get(concrete, headers=headers).status_code
    signed_in = any("session" in name for name in browser.cookies)
    return browser.post(concrete, {"csrf": browser.token if signed_in else ""}, headers=headers).status_code


def test_the_table_is_what_this_test_says() -> None:
    listed = {(method, path): role for path, methods in PAGES.items() for method, role in methods.items()}
    assert {key for key, role in listed.items() if role is None} == OPEN
    assert {key: role for key, role in listed.items() if role is not None} == ROLE_OF


def test_every_page_of_the_application_is_in_the_table() -> None:
    routes = [route for route in create_app(Runtime()).routes if isinstance(route, Route) and is_page(route.path)]
    found = {(method, route.path) for route in routes for method in route.methods or ()}
    assert found == set(ROLE_OF) | OPEN


@pytest.mark.parametrize("role", Role)
def test_a_member_sees_the_pages_of_their_role_and_no_others(guarded: Desk, role: Role) -> None:
    browser = guarded.browser()
    browser.client.cookies = cookies_of(guarded, role)
    for (method, path), needed in ROLE_OF.items():
        assert visit(browser, method, path) == (200 if role.covers(needed) else 403), path
    for method, path in OPEN:
        assert visit(browser, method, path) == 200, path


def test_who_is_not_signed_in_sees_the_open_pages_alone(guarded: Desk) -> None:
    guarded.account()
    for key in ("", guarded.key(Scope.ADMIN)):
        headers = {"X-API-Key": key, "Authorization": f"Bearer {key}"} if key else {}
        for method, path in ROLE_OF:
            assert visit(guarded.browser(), method, path, **headers) == 303, path
        for method, path in OPEN:
            assert visit(guarded.browser(), method, path, **headers) == 200, path


def test_a_session_opens_no_route_of_machines(guarded: Desk) -> None:
    browser = guarded.browser()
    browser.client.cookies = cookies_of(guarded, Role.ADMINISTRATOR)
    for method, path in (("GET", "/v1/alerts"), ("POST", "/v1/predict"), ("GET", "/metrics")):
        assert browser.send(method, path).status_code == 401


@pytest.mark.parametrize(
    "path",
    [
        *("/review/", "/review/nope", "/review/alerts", "/review/alerts/", "/review/alerts/a/b", "/review//help"),
        *("/review/alerts/a/decide/", "/review/supervisor/", "/review/help\n", "/review/static/a/b"),
    ],
)
def test_what_is_not_in_the_table_is_found_by_nobody(guarded: Desk, path: str) -> None:
    browser = guarded.browser()
    browser.client.cookies = cookies_of(guarded, Role.ADMINISTRATOR)
    assert browser.get(path.replace("\n", "%0A")).status_code == 404
    with pytest.raises(Problem):
        needed_role("GET", path)


def test_a_member_who_mistypes_an_address_stays_signed_in(desk: Desk) -> None:
    browser = desk.signed_in()
    answer = browser.get("/review/nope")
    assert answer.status_code == 404
    assert "A.PETIT" in answer.text and browser.token in answer.text
    assert "A.PETIT" not in desk.browser().get("/review/nope").text


@pytest.mark.parametrize("path", ["/Review", "/REVIEW/help", "/reviews", "/review.html"])
def test_what_only_looks_like_the_desk_needs_a_key(guarded: Desk, path: str) -> None:
    browser = guarded.browser()
    browser.client.cookies = cookies_of(guarded, Role.ADMINISTRATOR)
    assert browser.get(path).status_code == 401


@pytest.mark.parametrize("method", ["HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "get"])
def test_other_methods_are_refused(guarded: Desk, method: str) -> None:
    browser = guarded.browser()
    browser.client.cookies = cookies_of(guarded, Role.ADMINISTRATOR)
    answer = browser.send(method, "/review/help")
    assert answer.status_code == (405 if method != "get" else 200)  # clients write methods in capitals
    assert method == "get" or answer.headers["allow"] == "GET"


def test_the_page_sees_who_is_signed_in(guarded: Desk) -> None:
    browser = guarded.browser()
    browser.client.cookies = cookies_of(guarded, Role.SUPERVISOR)
    assert browser.get("/review").headers["x-member"] == "m.supervisor supervisor"
    assert guarded.browser().get("/review/static/x.css").headers["x-member"] == "nobody"


def cookies_of(desk: Desk, role: Role) -> httpx.Cookies:
    """The cookies of a member with a session of their own: the inner application here signs nobody in."""
    name = f"m.{role}"
    desk.account(name, role)
    staff = desk.engine.staff
    secret = desk.portal.call(staff.accounts.sign_in, Attempt(name, PASSWORD, "127.0.0.1"))
    staff.cookies.set_session(response := Response(), Site(LOCAL), secret)
    cookie, _, value = response.headers["set-cookie"].partition(";")[0].partition("=")
    return httpx.Cookies({cookie: value})
