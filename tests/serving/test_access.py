"""Which key may do what: one table over all routes, scopes and no key at all."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from starlette.routing import Route

from serving.access import ROUTES, is_open, needed_scope
from serving.app import create_app
from serving.authentication import AuthenticationMiddleware
from serving.keys import KeyRing, KeyStore
from serving.problems import Problem
from serving.runtime import Runtime
from serving.scopes import Scope
from serving.staff.places import is_page
from triage.settings import Settings

SCOPE_OF = {
    ("POST", "/v1/predict"): Scope.PREDICT,
    ("POST", "/v1/predict/batch"): Scope.PREDICT,
    ("POST", "/v1/bench/echo"): Scope.PREDICT,
    ("GET", "/metrics"): Scope.PREDICT,
    ("GET", "/schema.json"): Scope.PREDICT,
    ("GET", "/docs.json"): Scope.PREDICT,
    ("POST", "/v1/alerts"): Scope.ALERTS,
    ("GET", "/v1/alerts"): Scope.ALERTS,
    ("GET", "/v1/alerts/a%2Fb"): Scope.ALERTS,
    ("GET", "/v1/alerts/a%2Fb/duplicates"): Scope.ALERTS,
    ("POST", "/v1/alerts/a%2Fb/close"): Scope.ALERTS,
    ("POST", "/v1/alerts/a%2Fb/reopen"): Scope.ALERTS,
    ("POST", "/v1/alerts/a%2Fb/status"): Scope.ALERTS,
    ("POST", "/v1/alerts/a%2Fb/return"): Scope.ALERTS,
    ("PATCH", "/v1/alerts/a%2Fb"): Scope.ALERTS,
    ("DELETE", "/v1/alerts/a%2Fb"): Scope.ALERTS,
    ("GET", "/v1/alerts/a%2Fb/original"): Scope.PERSONAL,
    ("GET", "/v1/alerts/a%2Fb/personal-data"): Scope.PERSONAL,
    ("DELETE", "/v1/alerts/a%2Fb/personal-data"): Scope.PERSONAL,
    ("GET", "/v1/clusters/1"): Scope.ALERTS,
    ("GET", "/v1/events"): Scope.EVENTS,
    ("GET", "/open311/v2/services.json"): Scope.ALERTS,
    ("GET", "/open311/v2/services/voirie.xml"): Scope.ALERTS,
    ("GET", "/open311/v2/requests.json"): Scope.ALERTS,
    ("POST", "/open311/v2/requests.xml"): Scope.ALERTS,
    ("GET", "/open311/v2/requests/a%2Fb.json"): Scope.ALERTS,
    ("GET", "/open311/v2/tokens/a.xml"): Scope.ALERTS,
    ("POST", "/signals_mltool/predict"): Scope.PREDICT,
}
OPEN = ("/", "/healthz", "/livez", "/readyz", "/docs", "/redoc", "/openapi.json", "/static-offline-docs/redoc.js")
NOBODY = "nobody"

Routes = set[tuple[str, str]]


@pytest.fixture
def runtime(tmp_path: Path) -> Runtime:
    """A runtime that knows one key for each scope, under the scope's name."""
    return Runtime(settings=Settings(state_dir=tmp_path, bench_routes=True))


@pytest.fixture
def keys(runtime: Runtime) -> dict[str, str]:
    store = KeyStore(runtime.settings.state_dir)
    made = {scope.value: store.add(scope.value, [scope]) for scope in Scope}
    runtime.keys = KeyRing(store.all())
    return made


@pytest.fixture
def routes(runtime: Runtime) -> Routes:
    """Method and path of every route of the application."""
    found = [route for route in create_app(runtime).routes if isinstance(route, Route)]
    return {(method, route.path) for route in found for method in route.methods or ()}


async def _answer(scope: Any, receive: Any, send: Any) -> None:  # noqa: ARG001
    name = scope.get("state", {}).get("key", NOBODY)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"x-key", name.encode())]})
    await send({"type": "http.response.body", "body": b""})


def ask(runtime: Runtime, method: str, path: str, key: str = "") -> tuple[int, str]:
    """The status, and the name of the key that the route gets to see, or the problem's code."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"x-api-key", key.encode())] if key else []
    scope = {"type": "http", "method": method, "path": path, "headers": headers}
    try:
        asyncio.run(AuthenticationMiddleware(_answer, runtime)(scope, None, send))  # type: ignore[arg-type]
    except Problem as problem:
        return problem.status, problem.code
    return sent[0]["status"], dict(sent[0]["headers"])[b"x-key"].decode()


def test_every_route_of_the_application_is_open_on_purpose_or_in_the_table(routes: Routes) -> None:
    closed = {(method, path) for method, path in routes if not (is_open(path) or is_page(path))}
    closed -= {("GET", "/docs/oauth2-redirect"), ("HEAD", "/docs/oauth2-redirect")}  # a page without a use: refused
    listed = {(method, path) for path, methods in ROUTES.items() for method in methods}
    assert closed <= listed
    assert listed - closed == {("GET", "/schema.json"), ("GET", "/docs.json")}  # BentoML's own
    assert len(closed) == len(SCOPE_OF) - 2


@pytest.mark.parametrize(("method", "path"), SCOPE_OF)
def test_a_route_is_for_its_scope_and_for_admin_alone(
    runtime: Runtime, keys: dict[str, str], method: str, path: str
) -> None:
    needed = SCOPE_OF[method, path]
    assert needed_scope(method, path) == needed
    for scope in Scope:
        answer = ask(runtime, method, path, keys[scope])
        assert answer == ((200, scope) if scope in {needed, Scope.ADMIN} else (403, "scope_missing"))
    for stranger in ("", "wrong"):
        assert ask(runtime, method, path, stranger) == (401, "unauthenticated")


@pytest.mark.parametrize("path", OPEN)
def test_health_and_the_pages_without_data_need_no_key(runtime: Runtime, path: str) -> None:
    assert ask(runtime, "GET", path) == (200, NOBODY)


@pytest.mark.parametrize(
    "path",
    [
        *("/v1/new", "/v1/alerts/", "/v1/alerts/a/b", "/v1/alerts/a/original/", "/v1//alerts", "/V1/alerts", "/v1"),
        *("/metrics/", "//metrics", "/v1/clusters/1/2", "/v1/alerts/a/close/../original", "/metrics\n"),
    ],
)
def test_what_is_not_in_the_table_is_refused_whoever_asks(runtime: Runtime, keys: dict[str, str], path: str) -> None:
    assert ask(runtime, "GET", path, keys["admin"]) == (404, "not_found")
    assert ask(runtime, "GET", path) == (401, "unauthenticated")


def test_another_method_is_refused_and_the_right_ones_are_named(runtime: Runtime, keys: dict[str, str]) -> None:
    assert ask(runtime, "DELETE", "/v1/alerts", keys["admin"]) == (405, "method_not_allowed")
    with pytest.raises(Problem) as caught:
        needed_scope("DELETE", "/v1/alerts")
    assert caught.value.headers == {"Allow": "GET, POST"}


def test_a_key_may_have_several_scopes(runtime: Runtime) -> None:
    store = KeyStore(runtime.settings.state_dir)
    key = store.add("several", [Scope.ALERTS, Scope.PREDICT])
    runtime.keys = KeyRing(store.all())
    others = sum(scope not in {Scope.ALERTS, Scope.PREDICT} for scope in SCOPE_OF.values())
    assert [ask(runtime, *route, key)[0] for route in SCOPE_OF].count(403) == others
