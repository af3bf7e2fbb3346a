"""What follows from a round of attempts: waits grow, a target is paused, events are given up after a day."""

from datetime import UTC, datetime, timedelta

import pytest

from serving.outbound import settling
from serving.outbound.settling import GIVE_UP_AFTER, LONGEST_PAUSE_S, PATIENCE, Attempt, is_dead, settle
from serving.outbound.targets import DeliveryFailed, Sent
from triage.store.delivery_records import Due, TargetState
from triage.store.records import OutboxEvent

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
WELL = TargetState("t", 0, 0, None, None, None, None)
BROKEN = TargetState("t", 0, PATIENCE, NOON - timedelta(hours=1), "answered 500", None, None)


def due(seq: int = 1, attempts: int = 0, since: datetime = NOON) -> Due:
    return Due(OutboxEvent(seq, f"e{seq}", "a", "alert.closed", {}, NOON), attempts, since)


def failed(**fields: object) -> DeliveryFailed:
    return DeliveryFailed("answered 500", **fields)  # type: ignore[arg-type]


def most() -> float:
    return 1.0


def test_the_waits_of_an_event_double_up_to_half_an_hour_and_half_of_each_is_chance() -> None:
    waits, shortest = [], []
    for attempts in range(14):
        tried = Attempt(due(attempts=attempts), failure=failed(of_event=True))
        for found, chance in ((waits, most), (shortest, lambda: 0.0)):
            [outcome] = settle(WELL, [tried], [], 1, NOON, chance).outcomes
            assert outcome.next_at is not None
            assert (outcome.result, outcome.attempts) == ("failed", attempts + 1)
            found.append((outcome.next_at - NOON).total_seconds())
    assert waits[:4] == [5, 10, 20, 40]
    assert waits[-1] == settling.LONGEST_S
    assert shortest == [wait / 2 for wait in waits]


def test_a_target_where_nothing_gets_through_is_paused_ever_longer_up_to_a_minute() -> None:
    state, pauses = WELL, []
    for _ in range(PATIENCE + 6):
        after = settle(state, [Attempt(due(), failure=failed())], [], 1, NOON, most)
        assert (after.failing_since, after.reason) == (NOON, "answered 500")
        pauses.append((after.paused_until - NOON).total_seconds() if after.paused_until else 0)
        state = TargetState("t", 1, after.failures, after.failing_since, after.reason, None, None)
    assert pauses == [0, 0, 5, 10, 20, 40, 60, 60, 60]
    assert pauses[-1] == LONGEST_PAUSE_S


def test_one_success_ends_the_trouble() -> None:
    tried = [Attempt(due(1), failure=failed()), Attempt(due(2), sent=Sent())]
    after = settle(BROKEN, tried, [], 2, NOON, most)
    assert (after.failures, after.failing_since, after.reason, after.paused_until) == (0, None, None, None)
    assert [outcome.result for outcome in after.outcomes] == ["failed", "sent"]


def test_what_a_broken_target_did_not_take_waits_for_the_pause_alone() -> None:
    [outcome] = settle(BROKEN, [Attempt(due(attempts=9), failure=failed())], [], 1, NOON, most).outcomes
    assert outcome.next_at == NOON


def test_an_event_that_is_refused_says_nothing_about_its_target() -> None:
    for state in (WELL, BROKEN):
        after = settle(state, [Attempt(due(), failure=failed(of_event=True))], [], 1, NOON, most)
        assert (after.failures, after.reason, after.paused_until) == (state.failures, state.reason, None)


@pytest.mark.parametrize(("asked", "waits"), [(120.0, 120.0), (0.0, 0.0), (10.0**9, settling.MOST_ASKED_S)])
def test_a_target_that_asks_to_wait_is_paused_for_so_long_within_bounds(asked: float, waits: float) -> None:
    after = settle(WELL, [Attempt(due(), failure=failed(retry_after_s=asked))], [], 1, NOON, most)
    assert after.paused_until == NOON + timedelta(seconds=waits)


def test_an_event_is_given_up_a_day_after_it_was_taken_up_or_at_once_where_that_is_said() -> None:
    assert not is_dead(due(), failed(), NOON + GIVE_UP_AFTER - timedelta(seconds=1))
    assert is_dead(due(), failed(), NOON + GIVE_UP_AFTER)
    assert is_dead(due(), failed(permanent=True), NOON)
    [outcome] = settle(WELL, [Attempt(due(), failure=failed(permanent=True))], [], 1, NOON, most).outcomes
    assert (outcome.result, outcome.next_at, outcome.reason) == ("dead", None, "answered 500")


def test_what_waits_for_a_broken_target_since_a_day_expires_with_the_next_failure() -> None:
    tried = [Attempt(due(), failure=failed())]
    assert settle(BROKEN, tried, [], 1, NOON, most).expired_before == NOON - GIVE_UP_AFTER
    assert settle(WELL, tried, [], 1, NOON, most).expired_before is None


def test_a_round_without_any_attempt_changes_the_cursor_alone() -> None:
    held = due(7).event
    after = settle(BROKEN, [], [held], 7, NOON, most)
    assert (after.cursor, after.failures, after.paused_until, after.expired_before) == (7, PATIENCE, None, None)
    assert [(outcome.event, outcome.result, outcome.attempts) for outcome in after.outcomes] == [(held, "held", 0)]
