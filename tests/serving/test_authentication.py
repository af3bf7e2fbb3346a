"""Every route asks for a key but health and the static API pages."""

import base64
import http.client
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from serving.access import PAGES

pytestmark = pytest.mark.xdist_group("server")

ReadProblem = Callable[..., dict[str, Any]]
OPEN = ("/", "/healthz", "/livez", "/readyz", "/docs", "/redoc", "/openapi.json", "/static-offline-docs/swagger-ui.css")
CLOSED = (
    "/metrics",
    "/schema.json",
    "/docs.json",
    "/docs/oauth2-redirect",
    "/v1/bench/echo",
    "/nope",
    "/static_content/x",
    "//metrics",
    "/docs/",
    "/healthz/x",
    "/HEALTHZ",
)
BODY = json.dumps({"id": "auth-1", "text": "trou dans la chaussée"})


def request(
    server: Any, method: str, path: str, headers: dict[str, str | bytes], body: str = ""
) -> tuple[int, dict[str, str], bytes]:
    """Sends path and headers as they are; other clients mend or refuse strange ones."""
    connection = http.client.HTTPConnection(server.host, server.port, timeout=30)
    try:
        connection.request(method, path, body.encode(), {"Content-Type": "application/json", **headers})
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


def post(server: Any, headers: dict[str, str | bytes]) -> tuple[int, dict[str, str], bytes]:
    return request(server, "POST", "/v1/predict", headers, BODY)


@pytest.mark.parametrize("path", OPEN)
def test_health_and_the_api_pages_are_open(stranger: httpx.Client, path: str) -> None:
    assert stranger.get(path).status_code in {200, 307}


@pytest.mark.parametrize("path", CLOSED)
def test_every_other_path_needs_a_key(server: Any, path: str) -> None:
    status, answered, _ = request(server, "GET", path, {})
    assert status == 401
    assert answered["content-type"] == "application/problem+json"


@pytest.mark.parametrize("way", ["..", "%2e%2e", "%2E%2E", ".", "%2f..", "x/../.."])
def test_there_is_no_way_around_through_the_open_files(server: Any, way: str) -> None:
    assert request(server, "GET", f"/static-offline-docs/{way}/metrics", {})[0] in {401, 404}


@pytest.mark.parametrize("path", ["/v1/predict", "/v1/predict/batch"])
def test_predictions_need_a_key(stranger: httpx.Client, problem: ReadProblem, path: str) -> None:
    problem(stranger.post(path, content=BODY, headers={"Content-Type": "application/json"}), 401)


def test_every_route_that_the_service_lists_is_open_on_purpose_or_closed(
    client: httpx.Client, stranger: httpx.Client
) -> None:
    for path in client.get("/schema.json").json()["paths"]:
        status = stranger.get(path).status_code
        if path in PAGES:  # for members of staff, not for keys
            assert status != 200 or PAGES[path]["GET"] is None, path
        else:
            # Open311 has 403 for a key that is missing too.
            refused = 403 if path.startswith("/open311/") else 401
            assert status == refused or path in OPEN or path == "/static-offline-docs", path


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": "Bearer "},
        {"Authorization": "Bearer"},
        {"Authorization": ""},
        {"Authorization": "Bearer clé".encode()},
        {"Authorization": b"Bearer \xff\xfe"},
        {"Authorization": "Bearer " + "x" * 10_000},
        {"X-API-Key": ""},
        {"X-API-Key": "wrong"},
        {"X-API-Key": b"\xff"},
    ],
)
def test_a_wrong_key_is_a_401_problem(server: Any, headers: dict[str, str | bytes]) -> None:
    status, answered, body = post(server, headers)
    assert status == 401
    assert answered["content-type"] == "application/problem+json"
    assert answered["www-authenticate"] == "Bearer"
    assert json.loads(body)["type"] == "urn:triage:problem:unauthenticated"


def test_the_right_key_under_the_wrong_scheme_is_refused(server: Any) -> None:
    token = base64.b64encode(server.key.encode()).decode()
    assert post(server, {"Authorization": f"Basic {token}"})[0] == 401
    assert post(server, {"Authorization": f"Basic {server.key}"})[0] == 401


def test_a_key_with_one_character_more_or_less_is_refused(server: Any) -> None:
    assert post(server, {"Authorization": f"Bearer {server.key}x"})[0] == 401
    assert post(server, {"Authorization": f"Bearer {server.key[:-1]}"})[0] == 401


def test_both_headers_and_any_case_of_the_scheme_are_read(server: Any) -> None:
    assert post(server, {"Authorization": f"Bearer {server.key}"})[0] == 200
    assert post(server, {"authorization": f"bearer   {server.key} "})[0] == 200
    assert post(server, {"X-API-Key": server.key})[0] == 200


def test_a_key_in_the_address_is_no_key(stranger: httpx.Client, server: Any, problem: ReadProblem) -> None:
    problem(stranger.get("/metrics", params={"api_key": server.key, "X-API-Key": server.key}), 401)
