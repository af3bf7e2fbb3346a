"""Single alerts and clusters: found by any id, as JSON or GeoJSON; closed and opened again."""

import http.client
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from triage.store.store import Store

MakeAlert = Callable[..., dict[str, Any]]
Post = Callable[..., dict[str, Any]]
ReadProblem = Callable[..., dict[str, Any]]

GEOJSON = "application/geo+json"
IDS = (
    "a/b",
    "/",
    "a/duplicates",
    "a//b/close",
    "%2F",
    "a%2Fclose",
    "?q=1#x",
    "..",
    ".",
    "a/../b",
    "Ünïcode ✓ 2026/01",
    "a+b c",
    ";",
    "x" * 200,
    "é" * 200,
    "<script>",
    "' OR 1=1 --",
)


def get(service: Any, path: str, accept: str = "*/*") -> tuple[int, dict[str, str], Any]:
    """Sends a path as it is; other clients mend strange ones."""
    key = service.client.headers["x-api-key"]
    connection = http.client.HTTPConnection(service.base.removeprefix("http://"), timeout=30)
    try:
        connection.request("GET", path, headers={"X-API-Key": key, "Accept": accept})
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, json.loads(answer.read())
    finally:
        connection.close()


@pytest.mark.parametrize("alert_id", IDS)
def test_every_id_that_may_be_stored_can_be_read(service: Any, lamp: MakeAlert, alert_id: str) -> None:
    stored = service.client.post("/v1/alerts", json=lamp(alert_id))
    location = stored.headers["location"]
    status, _, document = get(service, location)
    assert (status, document["id"]) == (200, alert_id)
    status, _, document = get(service, f"{location}/duplicates")
    assert (status, document) == (200, {"duplicates": []})


def test_a_slash_that_is_not_encoded_parts_the_path(service: Any, lamp: MakeAlert) -> None:
    service.client.post("/v1/alerts", json=lamp("a/duplicates"))
    assert get(service, "/v1/alerts/a/duplicates")[0] == 404
    assert get(service, "/v1/alerts/a%2fduplicates")[0] == 200
    assert get(service, "/v1/alerts/a%2Fduplicates/duplicates")[0] == 200


@pytest.mark.parametrize(
    "path",
    [
        "unknown",
        "",
        "%00",
        "a%00b",
        "%FF%FE",
        "%0A",
        "x" * 201,
        "x" * 50_000,
        "%",
        "%zz",
        "a/b/c",
        "..%2F..%2Fetc%2Fpasswd",
        "%252F",
        "1/nothing",
    ],
)
@pytest.mark.parametrize("route", ["/v1/alerts/", "/v1/clusters/"])
def test_an_id_that_nobody_has_is_a_404(service: Any, route: str, path: str) -> None:
    status, headers, document = get(service, route + path)
    assert (status, headers["content-type"]) == (404, "application/problem+json")
    assert document["status"] == 404


@pytest.mark.parametrize("rest", ["", "/duplicates", "/original?purpose=test", "/close", "/reopen"])
def test_every_route_of_an_unknown_alert_is_a_404(client: httpx.Client, problem: ReadProblem, rest: str) -> None:
    method = "POST" if rest in {"/close", "/reopen"} else "GET"
    assert problem(client.request(method, f"/v1/alerts/nobody{rest}"), 404)["type"] == "urn:triage:problem:unknown_id"


def test_what_is_shown_of_an_alert_holds_no_digest_vector_or_number(
    client: httpx.Client, lamp: MakeAlert, picture: Callable[..., bytes]
) -> None:
    files = {"alert": (None, json.dumps(lamp())), "photo": ("a.jpg", picture("red"))}
    assert client.post("/v1/alerts", files=files).status_code == 201
    document = client.get("/v1/alerts/lamp-1").json()
    assert set(document) == {
        *("id", "text", "lat", "lon", "created_at", "received_at", "updated_at", "state", "closed_at"),
        *("category_hint", "category", "department", "priority", "decision", "reasons"),
        *("cluster", "covered_by", "recurrence_of", "photos", "prediction", "earlier_predictions", "version"),
        *("address", "commune", "channel", "expected_at", "status_note", "status_department"),
    }
    assert document["photos"] == [{"key": None, "held": False}]
    assert document["state"] == "open"


def test_an_answer_is_kept_in_no_cache(client: httpx.Client, post: Post, lamp: MakeAlert) -> None:
    post(lamp())
    for path in ("/v1/alerts", "/v1/alerts/lamp-1", "/v1/alerts/lamp-1/duplicates"):
        assert client.get(path).headers["cache-control"] == "no-store"


# GeoJSON


def test_an_alert_as_geojson_is_a_feature(client: httpx.Client, post: Post, lamp: MakeAlert) -> None:
    post(lamp())
    answer = client.get("/v1/alerts/lamp-1", headers={"Accept": GEOJSON})
    assert (answer.headers["content-type"], answer.headers["vary"]) == (GEOJSON, "Accept")
    found, plain = answer.json(), client.get("/v1/alerts/lamp-1").json()
    assert found.keys() == {"type", "id", "geometry", "properties"}
    assert (found["type"], found["id"]) == ("Feature", "lamp-1")
    assert found["geometry"] == {"type": "Point", "coordinates": [5.0415, 47.3216]}
    assert found["properties"] == {name: value for name, value in plain.items() if name not in {"lat", "lon"}}


def test_an_alert_without_a_place_is_a_feature_without_geometry(client: httpx.Client, post: Post) -> None:
    post({"id": "nowhere", "text": "lampadaire éteint"})
    [found] = client.get("/v1/alerts", headers={"Accept": GEOJSON}).json()["features"]
    assert found["geometry"] is None


def test_lists_and_clusters_as_geojson_are_collections(client: httpx.Client, post: Post, lamp: MakeAlert) -> None:
    post(lamp("first"))
    post(lamp("second", lat=47.32165))
    cluster_id = client.get("/v1/alerts/first").json()["cluster"]
    for path in ("/v1/alerts", f"/v1/clusters/{cluster_id}"):
        answer = client.get(path, headers={"Accept": GEOJSON})
        assert (answer.headers["content-type"], answer.headers["vary"]) == (GEOJSON, "Accept")
        collection = answer.json()
        assert collection["type"] == "FeatureCollection"
        assert {one["id"] for one in collection["features"]} == {"first", "second"}
        assert all(one["geometry"]["coordinates"][0] == 5.0415 for one in collection["features"])
    assert collection["id"] == cluster_id
    assert collection["state"] == "open"


@pytest.mark.parametrize("path", ["/v1/alerts", "/v1/alerts/lamp-1", "/v1/clusters/1"])
def test_a_client_that_accepts_neither_form_gets_a_406(
    client: httpx.Client, post: Post, lamp: MakeAlert, problem: ReadProblem, path: str
) -> None:
    post(lamp())
    assert problem(client.get(path, headers={"Accept": "text/html"}), 406, "Accept")["detail"].endswith(".")


# Closing


def test_an_alert_is_closed_once_and_opened_again(
    client: httpx.Client, stored: Store, post: Post, lamp: MakeAlert
) -> None:
    post(lamp())
    first, again = client.post("/v1/alerts/lamp-1/close").json(), client.post("/v1/alerts/lamp-1/close").json()
    assert first["state"] == "closed"
    assert first["closed_at"] >= first["received_at"]
    assert again == first
    reopened = client.post("/v1/alerts/lamp-1/reopen").json()
    assert (reopened["state"], reopened["closed_at"]) == ("open", None)
    client.post("/v1/alerts/lamp-1/reopen")
    kinds = [event.kind for event in stored.events_since(0, 100)][2:]
    assert kinds == ["alert.closed", "alert.reopened"]


def test_a_cluster_is_open_while_one_of_its_alerts_is(client: httpx.Client, post: Post, lamp: MakeAlert) -> None:
    post(lamp("first"))
    post(lamp("second"))
    path = f"/v1/clusters/{client.get('/v1/alerts/first').json()['cluster']}"
    client.post("/v1/alerts/first/close")
    assert client.get(path).json()["state"] == "open"
    client.post("/v1/alerts/second/close")
    assert client.get(path).json()["state"] == "closed"


def test_a_path_with_an_id_is_counted_under_its_route(client: httpx.Client, post: Post, lamp: MakeAlert) -> None:
    post(lamp("secret/name"))
    client.get(f"/v1/alerts/{quote('secret/name', safe='')}")
    metrics = client.get("/metrics").text
    assert 'triage_request_seconds_count{route="/v1/alerts/{id}",status="200"} 1.0' in metrics
    assert "secret" not in metrics
