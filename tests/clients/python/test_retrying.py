"""What is repeated, what is not, and after how long."""

import socket
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ondijon_triage_client import (
    Alert,
    NotSignedIn,
    ProblemAnswer,
    RateLimited,
    RetryPolicy,
    ServiceFailed,
    ServiceUnavailable,
    ServiceUnreachable,
)
from ondijon_triage_client.answers import StoredAlert
from ondijon_triage_client.calls import reader
from ondijon_triage_client.exchange import Call
from ondijon_triage_client.retrying import is_passing
from tests.clients.python.scripted import CUT, Scripted, ScriptedService, answer, problem

AskAt = Callable[..., Any]
STORED = {
    "id": "a",
    "text": "Trou",
    "created_at": "2026-01-15T18:30:00Z",
    "received_at": "2026-01-15T18:30:00Z",
    "updated_at": "2026-01-15T18:30:00Z",
    "state": "open",
    "decision": "route",
    "a_field_of_tomorrow": {"x": 1},
}
RECEIPT = {"id": "a", "decision": "review", "reasons": ["model_unavailable"], "category": None}
ONCE = Call("POST", "/once", reader(StoredAlert), repeatable=False)


@given(attempt=st.integers(1, 10_000), draw=st.floats(0, 1), asked=st.none() | st.integers(0, 30))
def test_a_wait_lies_between_what_was_asked_and_the_jitter_above_it(
    attempt: int, draw: float, asked: int | None
) -> None:
    policy = RetryPolicy(attempts=100_000, budget_s=1e9)
    headers = {} if asked is None else {"Retry-After": str(asked)}
    wait = policy.wait_s(httpx.Response(503, headers=headers), attempt, 0.0, lambda: draw)
    assert wait is not None
    highest = min(policy.longest_wait_s, policy.first_wait_s * 2 ** min(attempt - 1, 60))
    assert (asked or 0) <= wait <= (asked or 0) + highest


@given(spent=st.floats(0, 1_000), asked=st.integers(0, 1_000), attempt=st.integers(1, 20))
def test_no_attempt_begins_after_the_budget(spent: float, asked: int, attempt: int) -> None:
    policy = RetryPolicy()
    wait = policy.wait_s(httpx.Response(429, headers={"Retry-After": str(asked)}), attempt, spent, lambda: 1.0)
    assert wait is None or (spent + wait < policy.budget_s and attempt < policy.attempts)


def test_retry_after_may_be_a_date() -> None:
    headers = {"Date": "Thu, 15 Jan 2026 10:00:00 GMT", "Retry-After": "Thu, 15 Jan 2026 10:00:07 GMT"}
    assert RetryPolicy().wait_s(httpx.Response(503, headers=headers), 1, 0.0, lambda: 0.0) == 7.0


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 413, 415, 422, 500, 502, 504])
def test_other_failures_are_never_repeated(status: int) -> None:
    assert not is_passing(httpx.Response(status), repeatable=True)


def test_what_must_not_be_done_twice_is_repeated_only_where_it_was_not_done() -> None:
    assert is_passing(httpx.ConnectError(""), repeatable=False)
    assert is_passing(httpx.Response(429), repeatable=False)
    assert not is_passing(httpx.ReadTimeout(""), repeatable=False)
    assert not is_passing(httpx.Response(503), repeatable=False)


@pytest.mark.parametrize("failure", [problem(503, **{"Retry-After": "0"}), problem(429), CUT])
def test_a_passing_failure_is_waited_out(scripted: ScriptedService, ask_at: AskAt, failure: Scripted) -> None:
    scripted.answers = [failure, failure, answer(STORED)]
    assert ask_at(scripted.base, lambda client: client.get_alert("a")).id == "a"
    assert len(scripted.asked) == 3


def test_every_attempt_to_store_carries_the_same_id_and_key(scripted: ScriptedService, ask_at: AskAt) -> None:
    scripted.answers = [CUT, problem(503), answer(RECEIPT, 202)]
    receipt = ask_at(scripted.base, lambda client: client.create_alert(Alert(text="Trou")))
    assert (receipt.created, receipt.is_waiting, receipt.category) == (True, True, None)
    assert len(scripted.asked) == 3
    assert len({asked.body for asked in scripted.asked}) == 1
    assert len({asked.headers["Idempotency-Key"] for asked in scripted.asked}) == 1


def test_photos_are_sent_again_whole(scripted: ScriptedService, ask_at: AskAt) -> None:
    scripted.answers = [problem(503), answer(RECEIPT)]
    ask_at(scripted.base, lambda client: client.create_alert(Alert(photos=[b"picture of a street"])))
    assert [b"picture of a street" in asked.body for asked in scripted.asked] == [True, True]


@pytest.mark.parametrize(
    ("failure", "kind"), [(problem(429), RateLimited), (problem(503), ServiceUnavailable), (CUT, ServiceUnreachable)]
)
def test_patience_ends(scripted: ScriptedService, ask_at: AskAt, failure: Scripted, kind: type[Exception]) -> None:
    scripted.answers = [failure]
    with pytest.raises(kind):
        ask_at(scripted.base, lambda client: client.get_alert("a"))
    assert len(scripted.asked) == 4


@pytest.mark.parametrize(
    ("failure", "kind"), [(problem(401, "unknown_key"), NotSignedIn), (problem(500), ServiceFailed)]
)
def test_a_refusal_is_told_at_once(
    scripted: ScriptedService, ask_at: AskAt, failure: Scripted, kind: type[ProblemAnswer]
) -> None:
    scripted.answers = [failure]
    with pytest.raises(kind) as raised:
        ask_at(scripted.base, lambda client: client.get_alert("a"))
    assert len(scripted.asked) == 1
    assert str(raised.value).startswith("Detail. ")


def test_what_must_not_be_done_twice_is_sent_once(scripted: ScriptedService, ask_at: AskAt) -> None:
    scripted.answers = [CUT, answer(STORED)]
    with pytest.raises(ServiceUnreachable, match="Look first whether it was done"):
        ask_at(scripted.base, lambda client: client._run(ONCE))
    assert len(scripted.asked) == 1


def test_nobody_listening_is_said_in_words(ask_at: AskAt) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        base = f"http://127.0.0.1:{probe.getsockname()[1]}"
    with pytest.raises(ServiceUnreachable, match=r"4 attempts .*Check that the service runs"):
        ask_at(base, lambda client: client.get_alert("a"))


def test_a_silent_server_costs_no_more_than_the_budget(ask_at: AskAt) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        base, began = f"http://127.0.0.1:{silent.getsockname()[1]}", time.monotonic()
        with pytest.raises(ServiceUnreachable):
            ask_at(base, lambda client: client.get_alert("a"), timeout_s=0.2, retry=RetryPolicy(budget_s=0.6))
        assert time.monotonic() - began < 5
