"""`POST /v1/alerts`: stored once, answered the same again, refused where the id is taken."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from triage.prediction import Prediction
from triage.store.store import Store

MakeAlert = Callable[..., dict[str, Any]]
ReadProblem = Callable[..., dict[str, Any]]

JSON = {"Content-Type": "application/json"}


def test_a_stored_alert_is_answered_like_a_predicted_one_and_says_where_it_is(on_each: Any, lamp: MakeAlert) -> None:
    client = on_each.client
    answer = client.post("/v1/alerts", json=lamp("a b/c?d", text="Un trou dans la chaussée"))
    assert answer.status_code == 201
    assert answer.headers["location"] == "/v1/alerts/a%20b%2Fc%3Fd"
    assert answer.headers["content-type"] == "application/json"
    Prediction.model_validate_json(answer.text)
    assert client.get(answer.headers["location"]).json()["prediction"] == answer.json()


def test_a_repeat_is_answered_the_same_without_asking_the_model(on_each: Any, lamp: MakeAlert) -> None:
    client = on_each.client
    client.post("/v1/alerts", json=lamp("other"))
    first = client.post("/v1/alerts", json=lamp())
    assert first.json()["duplicates"]
    asked = on_each.model.asked
    again = client.post("/v1/alerts", json=lamp())
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.content == first.content
    assert again.headers["location"] == first.headers["location"]
    assert on_each.model.asked == asked
    assert len(client.get("/v1/alerts").json()["alerts"]) == 2


def test_a_repeat_gets_the_first_answer_though_there_is_a_newer_one(
    client: httpx.Client, stored: Store, post: Callable[..., Any], lamp: MakeAlert
) -> None:
    first = post(lamp())
    stored.add_prediction("lamp-1", first | {"decision": "review"})
    assert client.get("/v1/alerts/lamp-1").json()["prediction"]["decision"] == "review"
    assert client.post("/v1/alerts", json=lamp()).json() == first


def test_the_same_content_written_otherwise_is_a_repeat(client: httpx.Client, lamp: MakeAlert) -> None:
    alert = lamp(created_at="2026-01-15T18:30:00+01:00")
    assert client.post("/v1/alerts", json=alert).status_code == 201
    turned = {name: alert[name] for name in reversed(alert)} | {"created_at": "2026-01-15T17:30:00.000Z", "photo": []}
    assert client.post("/v1/alerts", content=json.dumps(turned, indent=2), headers=JSON).status_code == 200
    assert client.post("/v1/alerts", files={"alert": (None, json.dumps(alert))}).status_code == 200


@pytest.mark.parametrize(
    "other",
    [
        {"text": "Lampadaire éteint devant le 14 rue Monge"},
        {"lat": 47.3217},
        {"created_at": "2026-01-15T18:31:00+01:00"},
        {"created_at": None},
        {"category_hint": "lampe"},
        {"photo": {"base64": "AAAA"}},
    ],
)
def test_an_id_with_other_content_is_a_409(
    client: httpx.Client, lamp: MakeAlert, problem: ReadProblem, other: dict[str, Any]
) -> None:
    client.post("/v1/alerts", json=lamp())
    document = problem(client.post("/v1/alerts", json=lamp(**other)), 409, "id")
    assert document["type"] == "urn:triage:problem:id_taken"
    assert client.get("/v1/alerts/lamp-1").json()["text"] == lamp()["text"]


def test_one_id_sent_many_times_at_once_is_stored_once(on_each: Any, lamp: MakeAlert) -> None:
    client = on_each.client
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: client.post("/v1/alerts", json=lamp()), range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert len({answer.content for answer in answers}) == 1


def test_an_alert_without_a_time_is_of_the_time_at_which_it_came(client: httpx.Client, lamp: MakeAlert) -> None:
    alert = lamp()
    del alert["created_at"]
    before = datetime.now(UTC)
    client.post("/v1/alerts", json=alert)
    shown = client.get("/v1/alerts/lamp-1").json()
    assert shown["created_at"] == shown["received_at"]
    assert before <= datetime.fromisoformat(shown["created_at"]) <= before + timedelta(minutes=1)
    assert client.post("/v1/alerts", json=alert).status_code == 200


def test_a_clock_that_stands_at_the_beginning_of_time_is_no_obstacle(on_each: Any, lamp: MakeAlert) -> None:
    client, alert = on_each.client, lamp(created_at="0001-01-01T00:00:00Z")
    assert client.post("/v1/alerts", json=alert).status_code == 201
    assert client.post("/v1/predict", json=alert).status_code == 200
    assert client.get("/v1/alerts/lamp-1").json()["created_at"] == "0001-01-01T00:00:00Z"
    assert len(client.get("/v1/alerts").json()["alerts"]) == 1


def test_a_place_outside_the_city_is_accepted_flagged_and_reviewed(post: Callable[..., Any], lamp: MakeAlert) -> None:
    paris = {"lat": 48.8566, "lon": 2.3522}
    assert post(lamp("paris", **paris))["decision"] == "review"
    assert post(lamp("danger", text="danger sur la route", **paris))["decision"] == "route_and_review"
    assert post(lamp("inside"))["reasons"] == []


def test_the_reason_of_a_place_outside_is_answered_and_stored(
    client: httpx.Client, post: Callable[..., Any], lamp: MakeAlert
) -> None:
    assert post(lamp(lat=48.8566, lon=2.3522))["reasons"] == ["outside_area"]
    shown = client.get("/v1/alerts/lamp-1").json()
    assert (shown["decision"], shown["reasons"]) == ("review", ["outside_area"])


def test_no_place_is_said_and_changes_no_decision(post: Callable[..., Any]) -> None:
    answer = post({"id": "nowhere", "text": "Un trou dans la chaussée"})
    assert (answer["decision"], answer["reasons"], answer["duplicates"]) == ("route", ["no_place"], [])


def test_others_are_told_what_became_of_an_alert_without_its_text(
    client: httpx.Client, stored: Store, post: Callable[..., Any], lamp: MakeAlert
) -> None:
    post(lamp("first"))
    post(lamp("second", text="Lampadaire éteint ?"))
    client.post("/v1/alerts", json=lamp("second", text="Lampadaire éteint ?"))
    told = [(event.alert_id, event.kind) for event in stored.events_since(0, 100)]
    assert told == [
        ("first", "alert.received"),
        ("first", "alert.triaged"),
        ("second", "alert.received"),
        ("second", "alert.triaged"),
        ("second", "alert.sent_to_review"),
        ("second", "alert.merged"),
    ]
    assert not any("ampadaire" in str(event.body) for event in stored.events_since(0, 100))
    assert stored.events_since(0, 100)[-1].body["cluster"] == client.get("/v1/alerts/first").json()["cluster"]


def test_a_bad_alert_is_refused_as_on_the_prediction_route_and_not_stored(
    client: httpx.Client, problem: ReadProblem, lamp: MakeAlert
) -> None:
    problem(client.post("/v1/alerts", json=lamp(lat=None)), 422, "lat")
    problem(client.post("/v1/alerts", json=lamp(id="x" * 201)), 422, "id")
    problem(client.post("/v1/alerts", content=b"{", headers=JSON), 400, "body")
    problem(client.post("/v1/alerts", content=b"a", headers={"Content-Type": "text/plain"}), 415, "Content-Type")
    problem(client.post("/v1/alerts?explain=true", json=lamp()), 422, "explain")
    assert client.get("/v1/alerts").json()["alerts"] == []


# Idempotency-Key


def test_a_key_for_repeats_stands_for_one_alert(client: httpx.Client, lamp: MakeAlert, problem: ReadProblem) -> None:
    key = {"Idempotency-Key": "8e03978e-40d5-43dd-bc93-6894a57f9324"}
    assert client.post("/v1/alerts", json=lamp(), headers=key).status_code == 201
    assert client.post("/v1/alerts", json=lamp(), headers=key).status_code == 200
    document = problem(client.post("/v1/alerts", json=lamp("lamp-2"), headers=key), 409, "Idempotency-Key")
    assert document["type"] == "urn:triage:problem:idempotency_key_used"
    assert client.get("/v1/alerts/lamp-2").status_code == 404


def test_each_caller_has_keys_for_repeats_of_its_own(service: Any, lamp: MakeAlert) -> None:
    key = {"Idempotency-Key": "1"}
    assert service.client.post("/v1/alerts", json=lamp(), headers=key).status_code == 201
    assert service.client.post("/v1/alerts", json=lamp("lamp-2"), headers=key).status_code == 201


def test_a_key_for_repeats_is_free_again_after_a_refusal(client: httpx.Client, lamp: MakeAlert) -> None:
    key = {"Idempotency-Key": "1"}
    client.post("/v1/alerts", json=lamp())
    assert client.post("/v1/alerts", json=lamp(text="autre chose"), headers=key).status_code == 409
    assert client.post("/v1/alerts", json=lamp("lamp-2", text="autre chose"), headers=key).status_code == 201


@pytest.mark.parametrize("value", ["", "x" * 201, "a\tb"])
def test_a_key_for_repeats_is_1_to_200_printable_characters(
    client: httpx.Client, lamp: MakeAlert, problem: ReadProblem, value: str
) -> None:
    problem(client.post("/v1/alerts", json=lamp(), headers={"Idempotency-Key": value}), 422, "Idempotency-Key")
