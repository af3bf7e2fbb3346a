"""Whatever is wrong with a request, the caller gets a problem document that names it, never a 5xx."""

import http.client
import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

pytestmark = pytest.mark.xdist_group("server")

ReadProblem = Callable[..., dict[str, Any]]
JSON = {"Content-Type": "application/json"}


def alert(**fields: Any) -> bytes:
    return json.dumps({"id": "bad-1", "text": "Trou dans la chaussée", **fields}).encode()


def with_number(number: str) -> bytes:
    return f'{{"id": "bad-1", "text": "trou", "lat": {number}, "lon": 5.04}}'.encode()


FIELD_FAULTS = {
    "empty text and no photo": (alert(text=""), "text"),
    "blank text": (alert(text=" \n\t "), "text"),
    "no text and no photo": (b'{"id": "bad-1"}', "text"),
    "null text": (alert(text=None), "text"),
    "emoji only": (alert(text="🔥🔥👍🏽"), "text"),
    "100 kB of text": (alert(text="a" * 100_000), "text"),
    "control character": (alert(text="trou\x00"), "text"),
    "escape sequence": (alert(text="\x1b[31mtrou"), "text"),
    "text as number": (alert(text=5), "text"),
    "text as list": (alert(text=["trou"]), "text"),
    "no id": (b'{"text": "trou"}', "id"),
    "id as number": (alert(id=5), "id"),
    "null id": (alert(id=None), "id"),
    "empty id": (alert(id=""), "id"),
    "blank id": (alert(id="  "), "id"),
    "id of 201 characters": (alert(id="x" * 201), "id"),
    "id with a line break": (alert(id="a\nb"), "id"),
    "unknown field": (alert(urgence="haute"), "urgence"),
    "lat as text": (alert(lat="47.3", lon=5.0), "lat"),
    "lat as boolean": (alert(lat=True, lon=5.0), "lat"),
    "lat beyond the pole": (alert(lat=90.01, lon=5.0), "lat"),
    "lon beyond the date line": (alert(lat=47.3, lon=-180.5), "lon"),
    "lat without lon": (alert(lat=47.3), "lon"),
    "lon without lat": (alert(lon=5.0), "lat"),
    "NaN": (with_number("NaN"), "lat"),
    "Infinity": (with_number("Infinity"), "lat"),
    "-Infinity": (with_number("-Infinity"), "lat"),
    "number beyond doubles": (with_number("1e999"), "lat"),
    "integer of 400 digits": (with_number("9" * 400), "lat"),
    "date without zone": (alert(created_at="2026-01-15T18:30:00"), "created_at"),
    "date in the far future": (alert(created_at="2090-01-15T18:30:00Z"), "created_at"),
    "date beyond the calendar": (alert(created_at="9999-12-31T23:59:59-12:00"), "created_at"),
    "date before the calendar": (alert(created_at="0001-01-01T00:00:00+12:00"), "created_at"),
    "date as number": (alert(created_at=1_767_000_000), "created_at"),
    "date that does not exist": (alert(created_at="2026-02-30T10:00:00Z"), "created_at"),
    "words as date": (alert(created_at="hier soir"), "created_at"),
    "hint as object": (alert(category_hint={}), "category_hint"),
    "hint of 201 characters": (alert(category_hint="x" * 201), "category_hint"),
    "JSON list": (b"[]", "body"),
    "JSON null": (b"null", "body"),
    "JSON string": (b'"trou"', "body"),
}

UNREADABLE = {
    "empty body": b"",
    "white space": b"  \n",
    "not JSON": b"Trou dans la chaussee",
    "cut off": alert()[:-5],
    "two documents": alert() + alert(),
    "invalid UTF-8": b'{"id": "bad-1", "text": "caf\xe9"}',
    "UTF-16": alert().decode().encode("utf-16"),
    "surrogate in UTF-8": b'{"id": "bad-1", "text": "\xed\xa0\x80"}',
    "lone surrogate in text": b'{"id": "bad-1", "text": "trou \\ud800"}',
    "lone surrogate in id": b'{"id": "\\udc00", "text": "trou"}',
    "lone surrogate in a name": b'{"id": "bad-1", "text": "trou", "\\ud800": 1}',
    "raw control character": b'{"id": "bad-1", "text": "a\x00b"}',
    "100,000 brackets": b"[" * 100_000,
    "100,000 brackets, closed": b"[" * 100_000 + b"]" * 100_000,
    "100,000 brackets in text": b'{"id": "bad-1", "text": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "100,000 braces": b'{"a":' * 100_000,
    "integer of 5,000 digits": with_number("9" * 5_000),
    "integer of 5,000 digits as id": b'{"id": ' + b"9" * 5_000 + b', "text": "trou"}',
}


@pytest.mark.parametrize(("body", "field"), FIELD_FAULTS.values(), ids=FIELD_FAULTS)
def test_a_fault_in_a_field_is_a_422_that_names_it(
    client: httpx.Client, problem: ReadProblem, body: bytes, field: str
) -> None:
    document = problem(client.post("/v1/predict", content=body, headers=JSON), 422, field)
    assert document["type"] == "urn:triage:problem:invalid_alert"


def test_every_field_at_fault_is_named(client: httpx.Client, problem: ReadProblem) -> None:
    body = alert(id="", text=5, lat=99, lon=500, created_at="hier", category_hint=1, foo=1)
    answer = client.post("/v1/predict", content=body, headers=JSON)
    problem(answer, 422, "id", "text", "lat", "lon", "created_at", "category_hint", "foo")


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE)
def test_a_body_that_is_no_json_is_a_400(client: httpx.Client, problem: ReadProblem, body: bytes) -> None:
    document = problem(client.post("/v1/predict", content=body, headers=JSON), 400, "body")
    assert document["type"] == "urn:triage:problem:invalid_json"


@pytest.mark.parametrize(
    "kind", [None, "", "text/plain", "application/x-www-form-urlencoded", "application/xml", "json", "image/jpeg"]
)
def test_another_content_type_or_none_is_a_415(client: httpx.Client, problem: ReadProblem, kind: str | None) -> None:
    headers = {} if kind is None else {"Content-Type": kind}
    problem(client.post("/v1/predict", content=alert(), headers=headers), 415, "Content-Type")


def test_a_form_is_a_415(client: httpx.Client, problem: ReadProblem) -> None:
    problem(client.post("/v1/predict", data={"id": "bad-1", "text": "trou"}), 415, "Content-Type")


@pytest.mark.parametrize("path", ["/v1/predict", "/v1/predict/batch", "/docs", "/nope"])
def test_a_declared_length_over_the_limit_is_refused_before_the_body_is_sent(server: Any, path: str) -> None:
    connection = http.client.HTTPConnection(server.host, server.port, timeout=30)
    try:
        connection.putrequest("POST", path)
        connection.putheader("Authorization", f"Bearer {server.key}")
        connection.putheader("Content-Type", "application/json")
        connection.putheader("Content-Length", "12000001")
        connection.endheaders()
        answer = connection.getresponse()
        assert answer.status == 413
        assert answer.getheader("Content-Type") == "application/problem+json"
        assert json.loads(answer.read())["errors"][0]["field"] == "body"
    finally:
        connection.close()


@pytest.mark.parametrize("path", ["/v1/predict", "/v1/predict/batch"])
def test_a_chunked_body_over_the_limit_is_counted(client: httpx.Client, problem: ReadProblem, path: str) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(13):
            yield b" " * 1_000_000

    problem(client.post(path, content=endless(), headers=JSON), 413, "body")


def test_a_chunked_body_under_the_limit_is_read(client: httpx.Client) -> None:
    body = alert()
    answer = client.post("/v1/predict", content=iter([body[:7], body[7:]]), headers=JSON)
    assert answer.request.headers["transfer-encoding"] == "chunked"
    assert answer.status_code == 200


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
@pytest.mark.parametrize("path", ["/nope", "/v1", "/v1/predict/nope", "/%00", "/é"])
def test_an_unknown_route_is_a_404(client: httpx.Client, problem: ReadProblem, method: str, path: str) -> None:
    problem(client.request(method, path), 404)


@pytest.mark.parametrize("path", ["/static-offline-docs/nope.js", "/static-offline-docs/%2e%2e/%2e%2e/pyproject.toml"])
def test_an_unknown_file_is_a_404(client: httpx.Client, problem: ReadProblem, path: str) -> None:
    problem(client.get(path), 404)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/v1/predict", "POST"),
        ("OPTIONS", "/v1/predict", "POST"),
        ("BREW", "/v1/predict", "POST"),
        ("PUT", "/v1/predict/batch", "POST"),
        ("POST", "/", "GET"),
        ("POST", "/healthz", "GET"),
        ("DELETE", "/livez", "GET"),
        ("PATCH", "/readyz", "GET"),
        ("POST", "/metrics", "GET"),
        ("POST", "/schema.json", "GET"),
        ("POST", "/docs.json", "GET"),
        ("POST", "/docs", "GET"),
        ("POST", "/redoc", "GET"),
        ("POST", "/openapi.json", "GET"),
        ("POST", "/static-offline-docs/swagger-ui.css", "GET"),
    ],
)
def test_a_wrong_method_is_a_405_that_says_which_is_right(
    client: httpx.Client, problem: ReadProblem, method: str, path: str, allowed: str
) -> None:
    answer = client.request(method, path)
    problem(answer, 405)
    assert allowed in answer.headers["Allow"].split(", ")


def test_the_service_still_answers_after_all_of_it(client: httpx.Client) -> None:
    assert client.post("/v1/predict", content=alert(), headers=JSON).status_code == 200
