"""Events by their alerts, and trying again at once what a target has not taken, on both databases."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from triage.store.delivery_records import Outcome, Progress, Result, Share
from triage.store.records import NewEvent
from triage.store.store import Store

AT = datetime(2026, 6, 2, 8, tzinfo=UTC)
LATER = AT + timedelta(hours=3)
ALL = Share(alerts=16, again=64, fresh=32)


def say(store: Store, *alert_ids: str) -> None:
    for alert_id in alert_ids:
        store.add_events(alert_id, [NewEvent("alert.triaged", {"of": alert_id})])


@pytest.fixture
def failing(store: Store) -> Callable[..., None]:
    """Makes a target that has not taken events of some alerts, and is left alone for hours."""

    def fail(target: str, *results: tuple[str, Result]) -> None:
        store.add_target(target)
        say(store, *(alert_id for alert_id, _ in results))
        claim = store.claim_deliveries(target, "me", LATER + timedelta(hours=9), ALL)
        assert claim is not None
        outcomes = tuple(
            Outcome(event, result, 3, AT, LATER if result == "failed" else None, "it answers 500")
            for event, (_, result) in zip(claim.fresh, results, strict=True)
        )
        progress = Progress(claim.fresh[-1].seq, 3, AT, "it answers 500", LATER, outcomes)
        store.note_deliveries(target, "me", progress)

    return fail


def test_events_are_found_by_their_alerts_and_kinds_in_order(store: Store) -> None:
    say(store, "a", "b", "c", "a")
    store.add_events("a", [NewEvent("alert.closed", {})])
    found = store.events_of(["b", "a", "unknown"], ["alert.triaged"])
    assert [event.alert_id for event in found] == ["a", "b", "a"]
    assert [event.seq for event in found] == sorted(event.seq for event in found)
    assert store.events_of([], ["alert.triaged"]) == ()
    assert store.events_of(["a"], []) == ()


def test_events_of_more_alerts_than_fit_into_one_question(store: Store) -> None:
    say(store, "a", "b")
    assert len(store.events_of(["b", *map(str, range(1_000)), "a"], ["alert.triaged"])) == 2


def test_what_targets_have_not_taken_is_listed_oldest_first(store: Store, failing: Callable[..., None]) -> None:
    failing("t", ("a", "failed"), ("b", "dead"))
    failing("others", ("c", "failed"))
    assert [(one.event.alert_id, one.state) for one in store.undelivered(["t"], 9)] == [("a", "pending"), ("b", "dead")]
    assert len(store.undelivered(["t", "others"], 9)) == 3
    assert [one.event.alert_id for one in store.undelivered(["t"], 1)] == ["a"]


def test_everything_of_a_target_is_tried_at_once(store: Store, failing: Callable[..., None]) -> None:
    failing("t", ("a", "failed"), ("b", "dead"))
    failing("others", ("c", "failed"))
    assert store.try_again("t", AT) == 2
    waiting, revived = store.undelivered(["t"], 9)
    assert (waiting.state, waiting.attempts, waiting.next_at) == ("pending", 3, AT)
    assert (revived.state, revived.attempts, revived.since, revived.next_at) == ("pending", 0, AT, AT)
    assert store.outlook("t").state.paused_until is None
    [other] = store.undelivered(["others"], 9)
    assert other.next_at == LATER
    assert store.outlook("others").state.paused_until == LATER


def test_one_alert_alone_is_tried_at_once_and_its_events_in_order(store: Store, failing: Callable[..., None]) -> None:
    failing("t", ("a", "failed"), ("b", "failed"), ("a", "held"))
    assert store.try_again("t", AT, "a") == 2
    assert [one.next_at for one in store.undelivered(["t"], 9)] == [AT, LATER, None]


def test_nothing_to_try_again_changes_nothing(store: Store, failing: Callable[..., None]) -> None:
    failing("t", ("a", "failed"))
    assert store.try_again("unknown", AT) == 0
    assert store.try_again("t", AT, "b") == 0
    [one] = store.undelivered(["t"], 9)
    assert one.next_at == LATER
