"""`PATCH /v1/alerts/{id}`: more words, more photos, and a new answer beside those before it."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from serving.alerts.events import MERGED, SENT_TO_REVIEW, TRIAGED, UPDATED
from tests.serving.alerts.test_photos import keeper
from triage.store.review_records import ReviewDecision
from triage.store.store import Store

__all__ = ["keeper"]

MakeAlert = Callable[..., dict[str, Any]]
Post = Callable[[dict[str, Any]], dict[str, Any]]
ReadProblem = Callable[..., dict[str, Any]]
Encode = Callable[..., bytes]

PATH = "/v1/alerts/lamp-1"
MORE = "Et un trou dans la chaussée, est-ce normal ?"


def in_base64(photo: bytes) -> dict[str, str]:
    return {"base64": base64.b64encode(photo).decode()}


def test_what_is_added_is_triaged_with_what_was_there_and_both_answers_stay(on_each: Any, lamp: MakeAlert) -> None:
    client = on_each.client
    first = client.post("/v1/alerts", json=lamp(text="Cela ne va pas")).json()
    answer = client.patch(PATH, json={"text": "Le lampadaire est éteint, pourquoi ?"})
    assert answer.status_code == 200
    shown = answer.json()
    assert shown["text"] == "Cela ne va pas\nLe lampadaire est éteint, pourquoi ?"
    assert (shown["category"], shown["decision"], shown["version"]) == ("eclairage_public", "review", 2)
    [earlier] = shown["earlier_predictions"]
    assert (earlier["version"], earlier["prediction"]) == (1, first)
    assert first["category"]["code"] == "voirie"
    assert client.get(PATH).json() == shown
    with Store.open(on_each.settings.store_url) as store:
        events = store.events_since(0, 99)[2:]
        assert store.queue_counts()["review"] == 1
    assert [event.kind for event in events] == [UPDATED, TRIAGED, SENT_TO_REVIEW]
    assert events[0].body == {"version": 2, "text": True, "photos": 0}


def test_the_same_addition_is_added_once(on_each: Any, lamp: MakeAlert) -> None:
    client = on_each.client
    client.post("/v1/alerts", json=lamp())
    first = client.patch(PATH, json={"text": MORE}).json()
    asked = on_each.model.asked
    assert client.patch(PATH, json={"text": f"  {MORE}", "photo": []}).json() == first
    assert on_each.model.asked == asked
    assert client.post("/v1/alerts", json=lamp()).status_code == 200, "the alert itself is still a repeat"


def test_a_key_stands_for_one_addition_and_another_key_adds_the_same_words_again(
    client: httpx.Client, post: Post, lamp: MakeAlert, problem: ReadProblem
) -> None:
    post(lamp())
    for key, version in (("one", 2), ("one", 2), ("two", 3)):
        answer = client.patch(PATH, json={"text": MORE}, headers={"Idempotency-Key": key})
        assert answer.json()["version"] == version
    used = client.patch(PATH, json={"text": "Autre chose"}, headers={"Idempotency-Key": "one"})
    problem(used, 409, "Idempotency-Key")


def test_photos_are_added_as_parts_or_in_base64_up_to_three(
    start: Any, lamp: MakeAlert, picture: Encode, problem: ReadProblem, request: pytest.FixtureRequest
) -> None:
    with start(keeper=request.getfixturevalue("keeper")) as service:
        client = service.client
        client.post("/v1/alerts", json=lamp(photo=in_base64(picture("blue"))))
        files = [("alert", (None, json.dumps({"text": MORE}))), ("photo", ("a.jpg", picture("green")))]
        second = client.patch(PATH, files=files)
        assert second.status_code == 200, second.text
        third = client.patch(PATH, json={"photo": in_base64(picture("red"))}).json()
        assert [photo["held"] for photo in third["photos"]] == [False, False, True]
        assert len({photo["key"] for photo in third["photos"]}) == 3
        problem(client.patch(PATH, json={"photo": in_base64(picture("white"))}), 422, "photo")
        with Store.open(service.settings.store_url) as store:
            alert = store.alert("lamp-1")
    assert alert is not None
    assert [photo["hash"] for photo in alert.photos] == [2**63 + 1] * 3


def test_earlier_photos_are_read_again_where_they_are_kept(
    start: Any, lamp: MakeAlert, picture: Encode, request: pytest.FixtureRequest, tmp_path: Any
) -> None:
    kept = {"keeper": request.getfixturevalue("keeper"), "photo_store": str(tmp_path / "photos")}
    with start(**kept) as service:
        service.client.post("/v1/alerts", json=lamp(photo=in_base64(picture("blue"))))
        service.client.patch(PATH, json={"photo": in_base64(picture("green"))})
        seen = service.model.pictures
    assert [len(group) for group in seen] == [1, 2]
    assert all(picture is not None for picture in seen[1])


def test_personal_data_that_is_added_is_masked_and_kept_with_what_was_sent_before(
    client: httpx.Client, post: Post, lamp: MakeAlert
) -> None:
    post(lamp(text="Lampadaire éteint"))
    client.patch(PATH, json={"text": "Appelez le 06 12 34 56 78, voiture AB-123-CD"})
    shown = client.patch(PATH, json={"text": "Merci"})
    assert shown.json()["text"] == "Lampadaire éteint\nAppelez le <TEL>, voiture <PLAQUE>\nMerci"
    assert "06 12" not in shown.text
    original = client.get(f"{PATH}/original", params={"purpose": "test"}).json()["text"]
    assert original == "Lampadaire éteint\nAppelez le 06 12 34 56 78, voiture AB-123-CD\nMerci"


def test_without_personal_data_no_original_is_kept(
    client: httpx.Client, post: Post, lamp: MakeAlert, problem: ReadProblem
) -> None:
    post(lamp())
    client.patch(PATH, json={"text": MORE})
    problem(client.get(f"{PATH}/original", params={"purpose": "test"}), 404)


def test_a_person_s_answer_stays_and_is_looked_at_again_where_the_model_contradicts_it(
    client: httpx.Client, post: Post, lamp: MakeAlert, stored: Store
) -> None:
    post(lamp())
    decision = ReviewDecision("lamp-1", "anne", datetime.now(UTC), None, category="proprete", priority="haute")
    stored.decide(decision)
    shown = client.patch(PATH, json={"text": "Toujours éteint"}).json()
    assert (shown["category"], shown["priority"]) == ("proprete", "haute")
    assert shown["prediction"]["category"]["code"] == "eclairage_public"
    assert stored.queue_counts()["review"] == 1
    assert [event.kind for event in stored.events_since(0, 99)][2:] == [UPDATED, SENT_TO_REVIEW]


def test_a_person_s_answer_that_the_model_shares_is_not_asked_for_again(
    client: httpx.Client, post: Post, lamp: MakeAlert, stored: Store
) -> None:
    post(lamp())
    stored.decide(ReviewDecision("lamp-1", "anne", datetime.now(UTC), None))
    client.patch(PATH, json={"text": "Toujours éteint"})
    assert stored.queue_counts() == {"review": 0, "sample": 0, "suspect": 0}


def test_what_is_added_to_a_closed_alert_is_looked_at_by_a_person(
    client: httpx.Client, post: Post, lamp: MakeAlert, stored: Store
) -> None:
    post(lamp())
    client.post(f"{PATH}/close")
    assert client.patch(PATH, json={"text": "De nouveau éteint"}).json()["state"] == "closed"
    assert stored.queue_counts()["review"] == 1


def test_what_is_added_finds_duplicates_that_were_not_found_before(on_each: Any, lamp: MakeAlert) -> None:
    client = on_each.client
    client.post("/v1/alerts", json=lamp("other"))
    client.post("/v1/alerts", json=lamp(text="Cela ne va pas"))
    shown = client.patch(PATH, json={"text": "C'est le lampadaire"}).json()
    assert [item["id"] for item in shown["prediction"]["duplicates"]] == ["other"]
    assert shown["cluster"] == client.get("/v1/alerts/other").json()["cluster"] is not None
    with Store.open(on_each.settings.store_url) as store:
        last = store.events_since(0, 99)[-1]
    assert (last.kind, last.body["with"]) == (MERGED, "other")


def test_a_version_that_was_read_keeps_what_others_added_from_being_passed_over(
    client: httpx.Client, post: Post, lamp: MakeAlert, problem: ReadProblem
) -> None:
    post(lamp())
    assert client.patch(PATH, json={"text": MORE, "version": 1}).json()["version"] == 2
    document = problem(client.patch(PATH, json={"text": "Merci", "version": 1}), 409, "version")
    assert document["type"] == "urn:triage:problem:alert_changed"
    assert client.get(PATH).json()["version"] == 2


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "text"),
        ({"text": "!!"}, "text"),
        ({"text": "a\x00"}, "text"),
        ({"text": "é" * 4_980}, "text"),
        ({"text": "é" * 5_001}, "text"),
        ({"text": "Bonjour", "lat": 47.3}, "lat"),
        ({"text": "Bonjour", "version": 0}, "version"),
        ({"photo": {"base64": "AAAA"}}, "photo[0]"),
        ({"photo": [{"base64": "AAAA"}] * 4}, "photo"),
    ],
)
def test_an_addition_that_breaks_the_contract_names_its_field(
    client: httpx.Client, post: Post, lamp: MakeAlert, problem: ReadProblem, body: dict[str, Any], field: str
) -> None:
    post(lamp())
    problem(client.patch(PATH, json=body), 422, field)
    assert client.get(PATH).json()["version"] == 1


def test_what_cannot_be_added_now_may_be_sent_again(
    service: Any, client: httpx.Client, post: Post, lamp: MakeAlert, problem: ReadProblem
) -> None:
    post(lamp())
    service.model.error = RuntimeError("no model")
    headers = {"Idempotency-Key": "one"}
    problem(client.patch(PATH, json={"text": MORE}, headers=headers), 503)
    service.model.error = None
    assert client.patch(PATH, json={"text": MORE}, headers=headers).json()["version"] == 2
    problem(client.patch("/v1/alerts/nobody", json={"text": MORE}), 404)
