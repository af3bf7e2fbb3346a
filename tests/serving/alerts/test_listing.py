"""`GET /v1/alerts`: filters, pages that stay right while alerts arrive, and bad values that are named."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

MakeAlert = Callable[..., dict[str, Any]]
Post = Callable[..., dict[str, Any]]
ReadProblem = Callable[..., dict[str, Any]]

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)


def ids(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [alert["id"] for alert in answer.json()["alerts"]]


@pytest.fixture
def several(post: Post, client: httpx.Client, lamp: MakeAlert) -> None:
    """Five alerts an hour apart, the oldest first; each lies a little further to the east, the fourth is closed."""
    for number in range(5):
        text = "lampadaire éteint" if number % 2 else "nid-de-poule"
        at = (NOON + timedelta(hours=number)).isoformat()
        post(lamp(f"a-{number}", text=text, lon=5.0 + number / 100, created_at=at))
    client.post("/v1/alerts/a-3/close")


@pytest.mark.usefixtures("several")
@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ({}, [4, 3, 2, 1, 0]),
        ({"since": "2026-01-15T14:00:00Z"}, [4, 3, 2]),
        ({"until": "2026-01-15T14:00:00Z"}, [1, 0]),
        ({"since": "2026-01-15T14:00:00+01:00", "until": "2026-01-15T16:00:00+01:00"}, [2, 1]),
        ({"category": "eclairage_public"}, [3, 1]),
        ({"category": "animaux"}, []),
        ({"state": "closed"}, [3]),
        ({"state": "open", "category": "eclairage_public"}, [1]),
        ({"state": "withdrawn"}, []),
        ({"bbox": "5.005,47.3,5.025,47.4"}, [2, 1]),
        ({"bbox": "5.01,47.3216,5.01,47.3216"}, [1]),
        ({"bbox": "170,-90,-170,90"}, []),
        ({"bbox": "5.025,-90,5.005,90"}, [4, 3, 0]),
        ({"limit": "2"}, [4, 3]),
    ],
)
def test_a_list_holds_what_was_asked_for_newest_first(
    client: httpx.Client, query: dict[str, str], numbers: list[int]
) -> None:
    assert ids(client.get("/v1/alerts", params=query)) == [f"a-{number}" for number in numbers]


@pytest.mark.usefixtures("several")
def test_a_plus_sign_that_was_not_encoded_is_understood(client: httpx.Client) -> None:
    assert ids(client.get("/v1/alerts?since=2026-01-15T15:00:00+01:00")) == ["a-4", "a-3", "a-2"]


@pytest.mark.usefixtures("several")
def test_lists_leave_the_whole_answer_to_single_alerts(client: httpx.Client) -> None:
    assert all("prediction" not in alert for alert in client.get("/v1/alerts").json()["alerts"])


@pytest.mark.usefixtures("several")
def test_the_next_page_is_linked_with_the_same_query(client: httpx.Client) -> None:
    answer = client.get("/v1/alerts", params={"limit": 2, "bbox": "4,47,6,48", "since": "2026-01-15T13:00:00+00:00"})
    link = answer.links["next"]["url"]
    assert parse_qs(urlsplit(link).query) == {
        "limit": ["2"],
        "bbox": ["4,47,6,48"],
        "since": ["2026-01-15T13:00:00+00:00"],
        "cursor": [answer.json()["cursor"]],
    }
    last = client.get(link)
    assert ids(answer) + ids(last) == ["a-4", "a-3", "a-2", "a-1"]
    assert last.json()["cursor"] is None
    assert "next" not in last.links


def test_pages_neither_repeat_nor_leave_out_an_alert_while_others_arrive(on_each: Any, lamp: MakeAlert) -> None:
    client = on_each.client

    def store(name: str, minutes: int) -> None:
        at = (NOON + timedelta(minutes=minutes)).isoformat()
        assert client.post("/v1/alerts", json=lamp(name, lat=47.3 + minutes / 100, created_at=at)).status_code == 201

    for number in range(10):
        store(f"old-{number}", number // 3)  # several of one minute
    seen: list[str] = []
    url: str | None = "/v1/alerts?limit=3"
    while url:
        answer = client.get(url, headers={"Accept": "application/geo+json"})
        seen += [one["id"] for one in answer.json()["features"]]
        store(f"newer-{len(seen)}", 60 + len(seen))
        url = answer.links.get("next", {}).get("url")
    assert sorted(seen) == sorted(f"old-{number}" for number in range(10))


@pytest.mark.parametrize(
    ("name", "values"),
    [
        (
            "bbox",
            [
                *("", "1,2,3", "1,2,3,4,5", "a,b,c,d", "5.1 47.2 5.2 47.3", "nan,47,5,48", "4,47,inf,48"),
                *("4,48,5,47", "-181,47,5,48", "4,47,181,48", "4,-91,5,48", "4,47,5,91", "1e400,0,1,1"),
            ],
        ),
        (
            "since",
            [
                *("", "yesterday", "2026-01-15", "2026-01-15T12:00:00", "2026-13-01T00:00:00Z", "20260115"),
                *("1768478400", "2026-01-15T12:00:00+99:00", "0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00"),
            ],
        ),
        ("until", ["x", "2026-01-15 12:00:00Z"]),
        ("category", ["", "nothing", "voirie,proprete", "\x00", "x" * 10_000]),
        ("state", ["", "OPEN", "done", "\x00"]),
        ("limit", ["", "0", "-1", "501", "1e2", "ten", "1.5", "٣", "9" * 100]),
        ("cursor", ["x", "é", "AAAA", "\x00", "W10", "eyJhIjoxfQ", "x" * 20_000]),
        ("catgory", ["voirie"]),
    ],
)
def test_a_bad_value_is_a_422_that_names_its_parameter(
    client: httpx.Client, problem: ReadProblem, name: str, values: list[str]
) -> None:
    for value in values:
        document = problem(client.get("/v1/alerts", params={name: value}), 422, name)
        assert document["type"] == "urn:triage:problem:invalid_query"


def test_all_faults_of_a_query_are_named_at_once(client: httpx.Client, problem: ReadProblem) -> None:
    problem(client.get("/v1/alerts?limit=0&state=x&more=1&bbox=1"), 422, "more", "bbox", "state", "limit")
    problem(client.get("/v1/alerts?limit=1&limit=2"), 422, "limit")
    problem(client.get("/v1/alerts?since=2026-01-15T12:00:00Z&until=2026-01-15T12:00:00Z"), 422, "until")


def test_a_cursor_of_another_place_in_time_is_no_error(client: httpx.Client, post: Post, lamp: MakeAlert) -> None:
    post(lamp("first"))
    post(lamp("second", lat=47.4))
    cursor = client.get("/v1/alerts?limit=1").json()["cursor"]
    assert ids(client.get("/v1/alerts", params={"cursor": cursor, "state": "closed"})) == []
