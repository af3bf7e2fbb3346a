"""The queue: the best first, each alert for one person at a time, passed on, given back and listed in parts."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from triage.store.errors import BadCursor, ClaimedByOther, UnknownAlert
from triage.store.records import NewAlert, QueueKind, QueuePlace, StoredAlert
from triage.store.review_records import MAIN_QUEUE, SUSPECT_QUEUE, ReviewDecision
from triage.store.store import Store

MakeAlert = Callable[..., NewAlert]
Wait = Callable[..., StoredAlert]
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
SOON, LATER = NOON + timedelta(minutes=5), NOON + timedelta(minutes=10)


@pytest.fixture
def wait(store: Store, make: MakeAlert) -> Wait:
    """Stores an alert that waits."""

    def put(name: str, rank: float | None, kind: QueueKind = "review") -> StoredAlert:
        place = None if rank is None else QueuePlace(kind, rank)
        return store.add(make(name, queue_place=place, language="fr")).alert

    return put


def named(alert: StoredAlert | None) -> str | None:
    return None if alert is None else alert.id


def listed(store: Store, limit: int = 50, after: str | None = None) -> list[tuple[str, str | None]]:
    return [(row.alert.id, row.claimed_by) for row in store.queue(MAIN_QUEUE, NOON, limit, after).rows]


def test_an_alert_knows_its_place_and_its_language(wait: Wait) -> None:
    stored = wait("a", -493_000.125)
    assert (stored.queue, stored.queue_rank, stored.language, stored.review_id) == ("review", -493_000.125, "fr", None)
    assert wait("b", None).queue is None


def test_the_highest_rank_of_all_the_queues_asked_for_is_next(store: Store, wait: Wait) -> None:
    wait("low", 1.0)
    wait("drawn", 2.5, "sample")
    wait("high", 3.0)
    wait("suspect", 9.0, "suspect")
    wait("nowhere", None)
    got = [named(store.claim_next(MAIN_QUEUE, f"agent {number}", NOON, LATER)) for number in range(4)]
    assert got == ["high", "drawn", "low", None]
    assert named(store.claim_next(SUSPECT_QUEUE, "anne", NOON, LATER)) == "suspect"
    assert store.claim_next((), "bob", NOON, LATER) is None


def test_of_equal_ranks_the_one_that_came_first_is_next(store: Store, wait: Wait) -> None:
    wait("first", 1.0, "sample")
    wait("second", 1.0)
    assert listed(store) == [("first", None), ("second", None)]
    assert named(store.claim_next(MAIN_QUEUE, "anne", NOON, LATER)) == "first"


def test_who_asks_again_gets_the_same_alert_for_longer(store: Store, wait: Wait) -> None:
    wait("low", 1.0)
    assert named(store.claim_next(MAIN_QUEUE, "anne", NOON, SOON)) == "low"
    wait("high", 2.0)
    assert named(store.claim_next(MAIN_QUEUE, "anne", NOON, LATER)) == "low"
    assert store.queue(MAIN_QUEUE, SOON).rows[1].claimed_until == LATER
    assert named(store.claim_next(SUSPECT_QUEUE, "anne", NOON, LATER)) is None


def test_a_claim_is_over_when_its_time_is(store: Store, wait: Wait) -> None:
    wait("a", 1.0)
    assert named(store.claim_next(MAIN_QUEUE, "anne", NOON, SOON)) == "a"
    assert store.claim_next(MAIN_QUEUE, "bob", SOON - timedelta(seconds=1), LATER) is None
    assert named(store.claim_next(MAIN_QUEUE, "bob", SOON, LATER)) == "a"
    assert store.claim_next(MAIN_QUEUE, "anne", SOON, LATER) is None


def test_one_alert_is_claimed_by_its_id_wherever_it_is(store: Store, wait: Wait) -> None:
    wait("a", 1.0)
    wait("routed", None)
    assert store.claim("routed", "anne", NOON, LATER).id == "routed"
    store.claim("a", "anne", NOON, SOON)
    store.claim("a", "anne", NOON, LATER)
    with pytest.raises(ClaimedByOther) as caught:
        store.claim("a", "bob", SOON, LATER)
    assert (caught.value.reviewer, caught.value.until) == ("anne", LATER)
    assert "anne" not in str(caught.value)
    assert store.claim("a", "bob", LATER, LATER + timedelta(minutes=1)).id == "a"
    with pytest.raises(UnknownAlert):
        store.claim("x", "anne", NOON, LATER)


def test_only_who_claims_an_alert_gives_it_back(store: Store, wait: Wait) -> None:
    wait("a", 1.0)
    store.claim("a", "anne", NOON, LATER)
    store.release("a", "bob")
    store.release("x", "bob")
    assert store.claim_next(MAIN_QUEUE, "bob", NOON, LATER) is None
    store.release("a", "anne")
    assert named(store.claim_next(MAIN_QUEUE, "bob", NOON, LATER)) == "a"


def test_what_a_person_passes_on_is_offered_to_others_and_later_to_them(store: Store, wait: Wait) -> None:
    wait("hard", 2.0)
    wait("easy", 1.0)
    assert named(store.claim_next(MAIN_QUEUE, "anne", NOON, LATER)) == "hard"
    store.skip("hard", "anne", NOON, SOON)
    assert named(store.claim_next(MAIN_QUEUE, "anne", NOON, SOON)) == "easy"
    assert named(store.claim_next(MAIN_QUEUE, "bob", NOON, SOON)) == "hard"
    store.skip("hard", "bob", NOON, LATER)
    store.skip("hard", "bob", NOON, SOON)
    assert store.claim_next(MAIN_QUEUE, "bob", NOON, LATER) is None
    assert named(store.claim_next(MAIN_QUEUE, "bob", SOON, LATER)) == "hard"
    with pytest.raises(UnknownAlert):
        store.skip("x", "anne", NOON, LATER)


def test_passing_on_leaves_the_claim_of_another_person_alone(store: Store, wait: Wait) -> None:
    wait("a", 1.0)
    store.claim("a", "anne", NOON, LATER)
    store.skip("a", "bob", NOON, LATER)
    assert listed(store) == [("a", "anne")]


def test_the_queue_is_listed_in_parts_with_who_looks_at_what(store: Store, wait: Wait) -> None:
    for number in range(7):
        wait(f"a-{number}", float(number // 2), "sample" if number % 2 else "review")
    store.claim("a-6", "anne", NOON, LATER)
    store.claim("a-4", "bob", NOON - timedelta(hours=1), NOON)
    parts, cursor = [], None
    for _ in range(4):
        page = store.queue(MAIN_QUEUE, NOON, 2, cursor)
        parts.append([(row.alert.id, row.claimed_by) for row in page.rows])
        cursor = page.cursor
    assert parts == [
        [("a-6", "anne"), ("a-4", None)],
        [("a-5", None), ("a-2", None)],
        [("a-3", None), ("a-0", None)],
        [("a-1", None)],
    ]
    assert cursor is None


def test_a_part_follows_the_one_before_it_though_the_queue_changes(store: Store, wait: Wait) -> None:
    for number in range(4):
        wait(f"a-{number}", float(number))
    page = store.queue(MAIN_QUEUE, NOON, 2)
    wait("new and first", 9.0)
    store.decide(ReviewDecision("a-3", "anne", NOON, None))
    assert listed(store, after=page.cursor) == [("a-1", None), ("a-0", None)]


@pytest.mark.parametrize("cursor", ["", "x", "é", "W10", "WzEsMl0", "WyJhIiwxXQ", "W05hTiwxXQ", "WzEuMCwtMV0"])
def test_a_cursor_from_elsewhere_is_refused_or_harmless(store: Store, wait: Wait, cursor: str) -> None:
    wait("a", 5.0)
    if cursor == "WzEsMl0":  # [1,2]: what any queue might have given
        assert store.queue(MAIN_QUEUE, NOON, after=cursor).rows == ()
        return
    with pytest.raises(BadCursor):
        store.queue(MAIN_QUEUE, NOON, after=cursor)


def test_the_queue_is_counted_with_what_is_claimed(store: Store, wait: Wait) -> None:
    for number, kind in enumerate(("review", "review", "sample", "suspect")):
        wait(f"a-{number}", 1.0, kind)  # type: ignore[arg-type]
    wait("nowhere", None)
    store.claim("a-0", "anne", NOON, LATER)
    assert store.queue_counts() == {"review": 2, "sample": 1, "suspect": 1}


def test_labels_are_suspected_once_and_where_nobody_looks_already(store: Store, wait: Wait) -> None:
    wait("idle", None)
    wait("waiting", 1.0)
    wait("withdrawn", None)
    store.withdraw_alert("withdrawn", NOON)
    assert store.suspect({"idle": 0.97, "waiting": 0.99, "withdrawn": 0.98, "unknown": 0.99}) == 1
    assert [row.alert.id for row in store.queue(SUSPECT_QUEUE, NOON).rows] == ["idle"]
    confirmed = store.decide(ReviewDecision("idle", "anne", NOON, None, action="confirm_label"))
    assert confirmed.queue is None
    assert store.suspect({"idle": 0.99}) == 0
    store.undo("idle", "anne", LATER)
    assert [row.alert.id for row in store.queue(SUSPECT_QUEUE, NOON).rows] == ["idle"]


def test_the_next_alert_is_read_from_an_index_in_its_order(tmp_path: Path) -> None:
    wanted = "SELECT queue_rank, seq FROM alerts WHERE queue = 'review' ORDER BY queue_rank DESC, seq LIMIT 1"
    with (
        Store.open(f"sqlite:///{tmp_path / 'alerts.db'}") as store,
        store._database.reading("look") as connection,
    ):
        plan = [row.detail for row in connection.execute(text(f"EXPLAIN QUERY PLAN {wanted}"))]
    assert plan == ["SEARCH alerts USING COVERING INDEX ix_alerts_queue (queue=?)"]
