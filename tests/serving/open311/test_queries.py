"""Queries for several requests: the standard's limits, and faults by name."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from starlette.requests import Request

from serving.open311.queries import MOST_IDS, MOST_REQUESTS, SPAN, Query, read_query
from serving.problems import Problem

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
CODES = ("voirie", "graffiti")


def read(query: str) -> Query:
    scope: dict[str, Any] = {"type": "http", "query_string": query.encode(), "headers": []}
    return read_query(Request(scope), CODES, NOW)


def refusal(query: str) -> tuple[int, list[str]]:
    with pytest.raises(Problem) as caught:
        read(query)
    return caught.value.status, [fault.field for fault in caught.value.errors]


def test_without_a_query_it_is_the_last_90_days_and_1000_requests() -> None:
    query = read("jurisdiction_id=x&unknown=1")
    assert query.since <= NOW - SPAN + timedelta(days=1)
    assert query.until > NOW
    assert (query.page, query.page_size, query.categories, query.states) == (1, MOST_REQUESTS, None, None)


def test_codes_and_statuses_are_given_with_commas_or_more_than_once() -> None:
    query = read("service_code=voirie,graffiti&status=open&status=closed&service_request_id=a,b&service_request_id=b")
    assert query.categories == {"voirie", "graffiti"}
    assert query.states == {"open", "in_progress", "closed", "withdrawn"}
    assert query.ids == ("a", "b")


def test_an_alert_that_is_being_worked_on_is_open_and_a_withdrawn_one_closed() -> None:
    assert read("status=open").states == {"open", "in_progress"}
    assert read("status=closed").states == {"closed", "withdrawn"}


def test_a_time_is_included_to_its_last_moment() -> None:
    query = read("start_date=2026-01-01T00:00:00Z&end_date=2026-01-31T00:00:00%2B01:00")
    assert query.since == datetime(2026, 1, 1, tzinfo=UTC)
    assert query.until - timedelta(microseconds=1) == datetime(2026, 1, 30, 23, tzinfo=UTC)


def test_a_plus_sign_that_was_not_encoded_is_understood() -> None:
    assert read("start_date=2026-01-01T00:00:00+01:00").since == datetime(2025, 12, 31, 23, tzinfo=UTC)


def test_one_end_of_the_time_gives_the_other() -> None:
    assert read("start_date=2026-01-01T00:00:00Z").until - SPAN > datetime(2026, 1, 1, tzinfo=UTC)
    assert read("end_date=2026-06-01T00:00:00Z").since == datetime(2026, 6, 1, tzinfo=UTC) - SPAN


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("start_date=2026-01-01T00:00:00Z&end_date=2026-06-01T00:00:00Z", ["end_date"]),
        ("start_date=2026-06-01T00:00:00Z&end_date=2026-01-01T00:00:00Z", ["end_date"]),
        ("start_date=2026-01-01&end_date=hier", ["start_date", "end_date"]),
        ("start_date=0001-01-01T00:00:00Z", ["start_date"]),
        ("end_date=9999-12-31T23:59:59-12:00", ["end_date"]),
        ("start_date=2026-01-01T00:00:00Z&start_date=2026-01-02T00:00:00Z", ["start_date"]),
        ("status=broken", ["status"]),
        ("page=0", ["page"]),
        ("page=11", ["page"]),
        ("page_size=1001", ["page_size"]),
        ("page_size=%D9%A3", ["page_size"]),
        ("service_request_id=" + ",".join(map(str, range(MOST_IDS + 1))), ["service_request_id"]),
        ("service_request_id=" + "a" * 201, ["service_request_id"]),
    ],
)
def test_a_parameter_at_fault_is_named(query: str, named: list[str]) -> None:
    assert refusal(query) == (400, named)


def test_an_unknown_service_code_is_not_found() -> None:
    assert refusal("service_code=voirie,banana") == (404, [])
