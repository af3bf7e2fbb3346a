"""`POST /v1/predict/batch`: one result for each alert, in order; only faults of the whole refuse it."""

import base64
import json
from collections.abc import Callable, Sequence
from typing import Any

import httpx
import pytest

from triage.taxonomy import HEADS

pytestmark = pytest.mark.xdist_group("server")

ReadProblem = Callable[..., dict[str, Any]]
TEXTS = ("lampadaire éteint rue Monge", "nid de poule rue de Longvic", "poubelles non ramassées", "feu rouge en panne")


def alerts(count: int) -> list[dict[str, str]]:
    return [{"id": f"batch-{number}", "text": TEXTS[number % len(TEXTS)]} for number in range(count)]


def post(client: httpx.Client, items: Sequence[Any]) -> httpx.Response:
    return client.post("/v1/predict/batch", json={"alerts": items})


def results(answer: httpx.Response) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text[:500]
    document = answer.json()
    assert document.keys() == {"results"}
    return document["results"]


def test_a_batch_of_one_is_a_batch(client: httpx.Client) -> None:
    assert [item["id"] for item in results(post(client, alerts(1)))] == ["batch-0"]


def test_results_equal_those_of_single_alerts(client: httpx.Client) -> None:
    for item, alert in zip(results(post(client, alerts(4))), alerts(4), strict=True):
        single = client.post("/v1/predict", json=alert).json()
        assert item.keys() == single.keys()
        assert item["model"] == single["model"]
        for head in HEADS:
            assert item[head]["confidence"] == pytest.approx(single[head]["confidence"], abs=0.001)


@pytest.mark.slow
def test_a_thousand_alerts_are_answered_in_order(client: httpx.Client) -> None:
    items = alerts(1_000)
    assert [item["id"] for item in results(post(client, items))] == [item["id"] for item in items]


def test_a_bad_alert_gets_an_error_in_its_place_and_costs_the_others_nothing(client: httpx.Client) -> None:
    items: list[dict[str, Any]] = [
        {"id": "good-1", "text": "trou dans la chaussée"},
        {"id": "no-words", "text": "🔥"},
        {"text": "sans id"},
        {"id": 7, "text": "id numérique"},
        {"id": "place", "text": "trou", "lat": 91, "lon": 5},
        {"id": "good-2", "text": "banc cassé", "photo": {"base64": "AAAA"}},
    ]
    found = results(post(client, items))
    assert [item["id"] for item in found] == ["good-1", "no-words", None, None, "place", "good-2"]
    assert ["error" in item for item in found] == [False, True, True, True, True, False]
    for item in found:
        if "error" in item:
            assert item.keys() == {"id", "error"}
            assert item["error"].keys() == {"code", "message"}
            assert item["error"]["code"] == "invalid_alert"
    assert "lat" in found[4]["error"]["message"]
    assert "photo_unreadable" in found[5]["reasons"]


def test_a_batch_of_bad_alerts_alone_is_still_answered(client: httpx.Client) -> None:
    assert all("error" in item for item in results(post(client, [{"id": "a"}, {"id": "b"}])))


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "9" * 400])
def test_a_number_that_json_does_not_know_is_a_fault_of_its_alert(client: httpx.Client, number: str) -> None:
    body = f'{{"alerts": [{{"id": "a", "text": "trou", "lat": {number}, "lon": 5}}]}}'
    answer = client.post("/v1/predict/batch", content=body, headers={"Content-Type": "application/json"})
    [item] = results(answer)
    assert "lat" in item["error"]["message"]


def test_more_than_a_thousand_alerts_are_too_many(client: httpx.Client, problem: ReadProblem) -> None:
    document = problem(post(client, alerts(1_001)), 413, "alerts")
    assert "1001" in document["errors"][0]["message"]


def with_photos(count: int, name: str, content: bytes) -> dict[str, Any]:
    return {"id": name, "text": TEXTS[0], "photo": [{"base64": base64.b64encode(content).decode()}] * count}


def test_photos_in_a_batch_belong_each_to_its_own_alert(
    client: httpx.Client, picture: Callable[..., bytes], photos_of: Callable[..., Any]
) -> None:
    items = [alerts(1)[0], with_photos(2, "two", picture("red")), {**with_photos(1, "bad", b"x")}, {"id": "none"}]
    found = results(post(client, items))
    assert [item["id"] for item in found] == ["batch-0", "two", "bad", "none"]
    photos_of(found[0])
    one, two = photos_of(found[1], True, True)
    assert one == two
    photos_of(found[2], False)
    assert "error" in found[3]


@pytest.mark.slow
def test_a_hundred_photos_are_a_batch_and_more_are_too_many(
    client: httpx.Client, problem: ReadProblem, picture: Callable[..., bytes]
) -> None:
    content = picture("blue", side=32)
    most = [with_photos(3, f"photos-{number}", content) for number in range(33)]
    one, null = with_photos(1, "one", content), {"id": "null", "text": "trou", "photo": None}
    assert len(results(post(client, [*most, one, null]))) == 35
    document = problem(post(client, [*most, one, {**one, "id": "another"}]), 413, "alerts")
    assert document["type"] == "urn:triage:problem:too_many_photos"
    assert "101 photos" in document["errors"][0]["message"]


@pytest.mark.parametrize("photo", [{"base64": "AAAA"}, "a.jpg", [{"base64": "AAAA"}]])
def test_photos_are_counted_before_any_is_decoded_however_they_are_written(
    client: httpx.Client, problem: ReadProblem, photo: Any
) -> None:
    items = [{"id": str(number), "text": "trou", "photo": photo} for number in range(101)]
    problem(post(client, items), 413, "alerts")


def test_repeated_ids_are_named_each(client: httpx.Client, problem: ReadProblem) -> None:
    items = [{"id": name, "text": "trou"} for name in ("a", "b", "a", "c", "b")]
    document = problem(post(client, items), 422, "alerts[2].id", "alerts[4].id")
    assert "alerts[0]" in document["errors"][0]["message"]


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        (b"", 400, "body"),
        (b"nope", 400, "body"),
        (b'{"alerts": [{"id": "a", "text": "\xe9"}]}', 400, "body"),
        (b'{"alerts": [{"id": "a", "text": "\\ud800"}]}', 400, "body"),
        (b'{"alerts": ' + b"[" * 100_000, 400, "body"),
        (b'{"alerts": [{"id": ' + b"9" * 5_000 + b"}]}", 400, "body"),
        (b"[]", 422, "body"),
        (b"{}", 422, "alerts"),
        (b'{"alerts": []}', 422, "alerts"),
        (b'{"alerts": null}', 422, "alerts"),
        (b'{"alerts": "x"}', 422, "alerts"),
        (b'{"alerts": {"id": "a"}}', 422, "alerts"),
        (b'{"alerts": ["x"]}', 422, "alerts[0]"),
        (b'{"alerts": [{"id": "a", "text": "trou"}, null]}', 422, "alerts[1]"),
        (b'{"alerts": [{"id": "a", "text": "trou"}], "urgent": true}', 422, "urgent"),
    ],
)
def test_a_fault_of_the_whole_batch_names_the_field(
    client: httpx.Client, problem: ReadProblem, body: bytes, status: int, field: str
) -> None:
    headers = {"Content-Type": "application/json"}
    problem(client.post("/v1/predict/batch", content=body, headers=headers), status, field)


@pytest.mark.parametrize("kind", [None, "text/plain", "multipart/form-data; boundary=x"])
def test_a_batch_is_json_only(client: httpx.Client, problem: ReadProblem, kind: str | None) -> None:
    headers = {"Content-Type": kind} if kind else {}
    answer = client.post("/v1/predict/batch", content=json.dumps({"alerts": alerts(1)}), headers=headers)
    problem(answer, 415, "Content-Type")
