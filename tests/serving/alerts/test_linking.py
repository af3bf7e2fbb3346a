"""Duplicates over HTTP: found while an alert is stored, shown from both sides, looked for without storing."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.serving.alerts.hand_made import HandMadeModel
from triage.store.personal import PersonalKeys

MakeAlert = Callable[..., dict[str, Any]]
Post = Callable[..., dict[str, Any]]

NEAR = {"lat": 47.32165, "lon": 5.04155}
SAME_FAULT = {"text": "Lampadaire éteint depuis hier devant le 12 rue Monge", **NEAR}
NEXT_DAY = "2026-01-16T18:30:00+01:00"


@pytest.fixture(params=["hand-made", "bundle"])
def model(request: pytest.FixtureRequest, keys: PersonalKeys) -> Any:
    """The model made by hand, and the bundle that ships: what is promised here holds for both."""
    return HandMadeModel(keys.plate_digest) if request.param == "hand-made" else request.getfixturevalue("real_model")


def shown(client: httpx.Client, name: str) -> dict[str, Any]:
    answer = client.get(f"/v1/alerts/{name}")
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


def test_a_second_report_of_a_fault_joins_the_first(on_each: Any, lamp: MakeAlert) -> None:
    client = on_each.client
    assert client.post("/v1/alerts", json=lamp("first")).json()["duplicates"] == []
    [found] = client.post("/v1/alerts", json=lamp("second", created_at=NEXT_DAY, **SAME_FAULT)).json()["duplicates"]
    assert found["id"] == "first"
    assert 0.5 <= found["probability"] <= 1
    assert found["distance_m"] == pytest.approx(6.7, abs=0.2)
    assert found["age_hours"] == pytest.approx(24)
    assert found["evidence"]
    cluster = client.get(f"/v1/clusters/{shown(client, 'second')['cluster']}").json()
    assert [alert["id"] for alert in cluster["alerts"]] == ["first", "second"]
    assert (cluster["first_at"], cluster["last_at"]) == ("2026-01-15T17:30:00Z", "2026-01-16T17:30:00Z")
    assert shown(client, "first")["cluster"] == cluster["id"]


def test_a_link_is_shown_from_both_sides_with_what_speaks_for_it(on_each: Any, lamp: MakeAlert) -> None:
    client = on_each.client
    client.post("/v1/alerts", json=lamp("first"))
    client.post("/v1/alerts", json=lamp("second", created_at=NEXT_DAY, **SAME_FAULT))
    client.post("/v1/alerts/first/close")
    sides = {}
    for name in ("first", "second"):
        [sides[name]] = client.get(f"/v1/alerts/{name}/duplicates").json()["duplicates"]
    assert (sides["first"]["id"], sides["first"]["state"]) == ("second", "open")
    assert (sides["second"]["id"], sides["second"]["state"]) == ("first", "closed")
    for side in sides.values():
        assert side["kind"] == "duplicate"
        assert side["evidence"]
        assert all(bar.keys() == {"measures", "values", "contribution"} for bar in side["waterfall"])
        assert all(len(bar["measures"]) == len(bar["values"]) for bar in side["waterfall"])
        assert all(isinstance(bar["contribution"], float) for bar in side["waterfall"])


def test_another_fault_at_the_same_place_stays_alone(post: Post, client: httpx.Client, lamp: MakeAlert) -> None:
    post(lamp("lamp"))
    assert post(lamp("hole", text="Nid-de-poule profond dans la chaussée"))["duplicates"] == []
    assert shown(client, "hole")["cluster"] is None
    shown_links = client.get("/v1/alerts/hole/duplicates").json()["duplicates"]
    assert all(link["kind"] == "candidate" for link in shown_links)


def test_two_reports_that_arrive_together_become_one_cluster(on_each: Any, lamp: MakeAlert) -> None:
    client = on_each.client
    alerts = [lamp(f"at-once-{number}", created_at=NEXT_DAY, **SAME_FAULT) for number in range(6)]
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda alert: client.post("/v1/alerts", json=alert), alerts))
    assert [answer.status_code for answer in answers] == [201] * 6
    assert len({shown(client, alert["id"])["cluster"] for alert in alerts}) == 1
    assert sorted(len(answer.json()["duplicates"]) for answer in answers)[0] == 0


def test_a_fault_that_comes_back_after_it_was_closed_is_no_duplicate(on_each: Any, lamp: MakeAlert) -> None:
    client, now = on_each.client, datetime.now(UTC)
    client.post("/v1/alerts", json=lamp("before", created_at=(now - timedelta(days=3)).isoformat()))
    assert client.post("/v1/alerts/before/close").json()["state"] == "closed"
    later = (now + timedelta(hours=12)).isoformat()
    again = {"text": "De nouveau éteint, le lampadaire réparé hier devant le 12 rue Monge", "created_at": later}
    assert client.post("/v1/alerts", json=lamp("after", **again)).json()["duplicates"] == []
    assert shown(client, "after")["recurrence_of"] == "before"
    assert shown(client, "after")["cluster"] is None


def test_the_report_of_a_whole_area_covers_others_and_joins_none(on_each: Any, lamp: MakeAlert) -> None:
    client = on_each.client
    client.post("/v1/alerts", json=lamp("one-lamp"))
    area = {"text": "Panne générale, toute la rue Monge est sans lumière, plus aucun lampadaire", **NEAR}
    client.post("/v1/alerts", json=lamp("area", created_at="2026-01-15T19:00:00+01:00", **area))
    client.post("/v1/alerts", json=lamp("later-lamp", created_at="2026-01-15T19:30:00+01:00", **SAME_FAULT))
    assert shown(client, "area")["cluster"] is None
    assert shown(client, "one-lamp")["covered_by"] == "area"
    assert shown(client, "later-lamp")["covered_by"] == "area"


def test_a_late_arrival_links_in_the_right_direction(on_each: Any, lamp: MakeAlert) -> None:
    client = on_each.client
    client.post("/v1/alerts", json=lamp("younger", created_at=NEXT_DAY, **SAME_FAULT))
    [found] = client.post("/v1/alerts", json=lamp("older")).json()["duplicates"]
    assert found["id"] == "younger"
    cluster = client.get(f"/v1/clusters/{shown(client, 'older')['cluster']}").json()
    assert [alert["id"] for alert in cluster["alerts"]] == ["older", "younger"]


# Without storing


def test_a_prediction_looks_for_duplicates_and_stores_nothing(on_each: Any, lamp: MakeAlert) -> None:
    client = on_each.client
    client.post("/v1/alerts", json=lamp("first"))
    answer = client.post("/v1/predict", json=lamp("asked", created_at=NEXT_DAY, **SAME_FAULT))
    assert [found["id"] for found in answer.json()["duplicates"]] == ["first"]
    assert client.get("/v1/alerts/asked").status_code == 404
    assert shown(client, "first")["cluster"] is None


def test_a_stored_alert_is_no_duplicate_of_itself(client: httpx.Client, post: Post, lamp: MakeAlert) -> None:
    post(lamp())
    assert client.post("/v1/predict", json=lamp()).json()["duplicates"] == []


def test_a_batch_looks_for_duplicates_of_each_alert(client: httpx.Client, post: Post, lamp: MakeAlert) -> None:
    post(lamp("first"))
    alerts = [
        lamp("near", **SAME_FAULT),
        {"id": "bad"},
        lamp("far", lat=47.33),
        {"id": "nowhere", "text": "lampadaire éteint"},
    ]
    near, bad, far, nowhere = client.post("/v1/predict/batch", json={"alerts": alerts}).json()["results"]
    assert [found["id"] for found in near["duplicates"]] == ["first"]
    assert bad["error"]["code"] == "invalid_alert"
    assert far["duplicates"] == nowhere["duplicates"] == []
    assert "no_place" in nowhere["reasons"]
    assert "no_place" not in far["reasons"]


def test_only_alerts_with_the_same_hint_are_compared_where_both_have_one(post: Post, lamp: MakeAlert) -> None:
    post(lamp("first", category_hint="lampe 06 12 34 56 78"))
    assert post(lamp("other", category_hint="trou"))["duplicates"] == []
    [found] = post(lamp("same", category_hint="lampe 06 12 34 56 78"))["duplicates"]
    assert found["id"] == "first"


def test_what_is_found_is_counted(client: httpx.Client, post: Post, lamp: MakeAlert) -> None:
    post(lamp("first"))
    post(lamp("second"))
    client.post("/v1/predict", json=lamp("asked"))
    lines = client.get("/metrics").text.splitlines()
    assert "triage_duplicates_found_total 3.0" in lines
    assert 'triage_request_seconds_count{route="/v1/alerts",status="201"} 2.0' in lines
    assert not any("first" in line for line in lines)
    for work in ("read", "search", "write"):
        assert any(line.startswith(f'triage_store_seconds_count{{work="{work}"}}') for line in lines)
