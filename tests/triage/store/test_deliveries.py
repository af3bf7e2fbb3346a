"""Who has been told what: one process at a time for each target, order per alert, dead letters, on both databases."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete

from triage.store.database import Database
from triage.store.delivery_records import Claim, Due, Outcome, Progress, Result, Share
from triage.store.errors import OriginalUnreadable, UnknownWebhook, WebhookTaken
from triage.store.personal import PersonalKeys
from triage.store.records import NewEvent, OutboxEvent
from triage.store.schema import events
from triage.store.store import Store

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
ALL = Share(alerts=16, again=64, fresh=32)
SECRET = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="  # noqa: S105


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:  # type: ignore[override]
    return Clock()


@pytest.fixture
def second(url: str, keys: PersonalKeys, clock: Clock, store: Store) -> Iterator[Store]:  # noqa: ARG001
    """The same store in another process, as good as."""
    with Store.open(url, key=keys, clock=clock) as opened:
        yield opened


def say(store: Store, *names: str) -> list[OutboxEvent]:
    """One event for each name of an alert."""
    known = store.latest_event()
    for name in names:
        store.add_events(name, [NewEvent("alert.closed", {"of": name})])
    return list(store.events_after(known, 1_000))


def claim(store: Store, clock: Clock, owner: str = "me", share: Share = ALL, after: int = 0) -> Claim:
    found = store.claim_deliveries("t", owner, clock.now + timedelta(seconds=30), share, after)
    assert found is not None
    return found


def note(store: Store, claimed: Claim, results: dict[int, Result], owner: str = "me", **fields: object) -> None:
    """Note what became of claimed events by their numbers; one that failed waits for a minute."""
    work = [*claimed.due, *(Due(event, 0, NOON) for event in claimed.fresh)]
    outcomes = tuple(
        Outcome(
            due.event,
            results[due.event.seq],
            due.attempts + (results[due.event.seq] != "held"),
            due.since,
            NOON + timedelta(minutes=1) if results[due.event.seq] == "failed" else None,
            "answered 500" if results[due.event.seq] in {"failed", "dead"} else None,
        )
        for due in work
        if due.event.seq in results
    )
    cursor = claimed.fresh[-1].seq if claimed.fresh else claimed.state.cursor
    usual: dict[str, object] = {"failures": 0, "failing_since": None, "reason": None, "paused_until": None}
    store.note_deliveries("t", owner, Progress(cursor, outcomes=outcomes, **(usual | fields)))  # type: ignore[arg-type]


def test_a_target_is_told_of_what_happens_after_it_was_added(store: Store, clock: Clock) -> None:
    say(store, "before")
    store.add_target("t")
    new = say(store, "a", "b")
    store.add_target("t")  # a second time changes nothing
    claimed = claim(store, clock)
    assert (list(claimed.fresh), claimed.due, claimed.held) == (new, (), frozenset())
    note(store, claimed, {event.seq: "sent" for event in new})
    again = claim(store, clock)
    assert (again.fresh, again.due) == ((), ())
    assert store.deliveries_of(["a", "b"]) == ()


def test_one_process_at_a_time_sends_to_a_target_and_another_takes_over_from_a_dead_one(
    store: Store, second: Store, clock: Clock
) -> None:
    store.add_target("t")
    [event] = say(store, "a")
    assert claim(store, clock, "first").fresh == (event,)
    until = clock.now + timedelta(seconds=60)
    assert second.claim_deliveries("t", "second", until, ALL) is None
    clock.now += timedelta(seconds=30)
    assert claim(second, clock, "second").fresh == (event,)  # what the first one did not note is sent again
    assert store.claim_deliveries("t", "first", until, ALL) is None


def test_a_late_note_is_kept_without_disturbing_the_one_who_took_over(
    store: Store, second: Store, clock: Clock
) -> None:
    store.add_target("t")
    first, other = say(store, "a", "b")
    late = claim(store, clock, "first")
    clock.now += timedelta(seconds=30)
    now = claim(second, clock, "second")
    note(store, late, {first.seq: "sent", other.seq: "failed"}, "first")
    assert store.outlook("t").state.lease_until is not None
    note(second, now, {first.seq: "sent", other.seq: "sent"}, "second")
    outlook = second.outlook("t")
    assert (outlook.state.cursor, outlook.waiting, outlook.state.lease_until) == (other.seq, 0, None)


def test_what_failed_waits_for_its_time_and_later_events_of_that_alert_wait_for_it(store: Store, clock: Clock) -> None:
    store.add_target("t")
    one, two, other = say(store, "a", "a", "b")
    note(store, claim(store, clock), {one.seq: "failed", two.seq: "held", other.seq: "sent"})
    [three] = say(store, "a")
    claimed = claim(store, clock)
    assert (claimed.due, claimed.fresh, claimed.held) == ((), (three,), frozenset("a"))
    note(store, claimed, {three.seq: "held"})
    assert store.outlook("t").due_at == NOON + timedelta(minutes=1)
    clock.now += timedelta(minutes=1)
    due = claim(store, clock).due
    assert [(item.event.seq, item.attempts, item.since) for item in due] == [
        (one.seq, 1, NOON),
        (two.seq, 0, NOON),
        (three.seq, 0, NOON),
    ]
    waiting = store.deliveries_of(["a", "b"])
    assert [(item.event.seq, item.state, item.reason) for item in waiting] == [
        (one.seq, "pending", "answered 500"),
        (two.seq, "pending", None),
        (three.seq, "pending", None),
    ]


def test_when_the_first_was_sent_the_next_of_that_alert_is_due(store: Store, clock: Clock) -> None:
    store.add_target("t")
    one, two = say(store, "a", "a")
    note(store, claim(store, clock), {one.seq: "failed", two.seq: "held"})
    clock.now += timedelta(minutes=1)
    note(store, claim(store, clock), {one.seq: "sent"})
    [due] = claim(store, clock).due
    assert due.event == two


def test_a_claim_is_bounded_and_takes_what_has_waited_longest(store: Store, clock: Clock) -> None:
    store.add_target("t")
    said = say(store, *(f"a-{number // 2}" for number in range(20)))
    note(store, claim(store, clock), {event.seq: "failed" if event.seq % 2 else "held" for event in said})
    clock.now += timedelta(minutes=1)
    some = claim(store, clock, share=Share(alerts=3, again=4, fresh=5))
    assert [due.event.seq for due in some.due] == [event.seq for event in said[:4]]
    more = say(store, *"uvwxyz")
    assert claim(store, clock, share=Share(1, 1, 5)).fresh == tuple(more[:5])
    assert claim(store, clock, after=more[2].seq).fresh == tuple(more[3:])


def test_what_was_given_up_is_listed_and_sent_anew_in_order(store: Store, clock: Clock) -> None:
    store.add_target("t")
    one, two, other = say(store, "a", "a", "b")
    note(store, claim(store, clock), {one.seq: "dead", two.seq: "dead", other.seq: "dead"})
    assert [letter.event for letter in store.dead_letters()] == [one, two, other]
    assert [letter.event for letter in store.dead_letters("t", 1, one.seq)] == [two]
    assert store.dead_letters("another") == ()
    assert (store.outlook("t").dead, claim(store, clock).due) == (3, ())
    clock.now += timedelta(hours=1)
    assert store.replay_dead_letters(event_ids=[one.id, two.id, "unknown"]) == 2
    due = claim(store, clock).due
    assert [(item.event, item.attempts, item.since) for item in due] == [(one, 0, clock.now), (two, 0, clock.now)]
    assert store.replay_dead_letters("t") == 1
    assert store.replay_dead_letters() == 0


def test_a_day_after_it_was_taken_up_everything_that_still_waits_is_given_up(store: Store, clock: Clock) -> None:
    store.add_target("t")
    one, two = say(store, "a", "a")
    note(store, claim(store, clock), {one.seq: "failed", two.seq: "held"})
    clock.now += timedelta(days=1)
    claimed = claim(store, clock)
    usual = {"failures": 3, "failing_since": NOON, "reason": "answered 500", "paused_until": clock.now}
    expired = store.note_deliveries(
        "t",
        "me",
        Progress(claimed.state.cursor, outcomes=(), expired_before=NOON, **usual),  # type: ignore[arg-type]
    )
    assert expired == (one, two)
    assert [(letter.event, letter.attempts) for letter in store.dead_letters()] == [(one, 1), (two, 0)]
    assert store.outlook("t").state.reason == "answered 500"


def test_a_webhook_is_added_listed_and_removed_with_all_that_waits_for_it(store: Store, clock: Clock) -> None:
    added = store.add_webhook("app", "https://app.example/h", {"alert.closed"}, SECRET)
    assert store.webhooks() == (added,)
    assert (added.target, added.secret, added.created_at) == ("webhook:app", SECRET, NOON)
    with pytest.raises(WebhookTaken):
        store.add_webhook("app", "https://other.example/h", (), SECRET)
    [event] = say(store, "a")
    claimed = store.claim_deliveries("webhook:app", "me", clock.now + timedelta(seconds=30), ALL)
    assert claimed is not None
    assert claimed.fresh == (event,)
    failed = (Outcome(event, "failed", 1, NOON, NOON, "answered 500"),)
    store.note_deliveries("webhook:app", "me", Progress(event.seq, 1, NOON, "answered 500", None, failed))
    assert len(store.deliveries_of(["a"])) == 1
    store.remove_webhook("app")
    assert (store.webhooks(), store.target_states(), store.deliveries_of(["a"])) == ((), (), ())
    store.note_deliveries("webhook:app", "me", Progress(event.seq, 1, NOON, "late", None, failed))
    assert store.target_states() == ()
    with pytest.raises(UnknownWebhook):
        store.remove_webhook("app")


def test_a_secret_is_stored_encrypted_and_needs_its_key(url: str, keys: PersonalKeys, store: Store) -> None:
    store.add_webhook("app", "https://app.example/h", (), SECRET)
    newer = PersonalKeys.new_key()
    with Store.open(url, key=PersonalKeys([newer])) as stranger, Store.open(url) as without:
        assert [webhook.secret for webhook in (*stranger.webhooks(), *without.webhooks())] == [None, None]
        with pytest.raises(OriginalUnreadable):
            without.add_webhook("other", "https://app.example/h", (), SECRET)
    assert keys is not None
    assert [webhook.secret for webhook in store.webhooks()] == [SECRET]


def test_secrets_follow_when_the_keys_are_renewed(url: str) -> None:
    old, new = PersonalKeys.new_key(), PersonalKeys.new_key()
    with Store.open(url, key=PersonalKeys([old])) as store:
        store.add_webhook("app", "https://app.example/h", (), SECRET)
    with Store.open(url, key=PersonalKeys([new, old])) as store:
        store.renew_originals()
    with Store.open(url, key=PersonalKeys([new])) as store:
        assert store.webhooks()[0].secret == SECRET


def test_events_are_read_from_a_number_on_of_one_alert_or_of_some_kinds(store: Store) -> None:
    assert (store.latest_event(), store.latest_events(5)) == (0, ())
    first, second, third = say(store, "a", "b", "a")
    store.add_events("a", [NewEvent("alert.reopened", {})])
    last = store.latest_events(1)[0]
    assert store.events_after(first.seq, 2) == (second, third)
    assert store.events_after(0, 9, "a") == (first, third, last)
    assert store.events_after(0, 9, "a", {"alert.reopened", "alert.closed"}) == (first, third, last)
    assert store.latest_events(9, None, {"alert.reopened"}) == (last,)
    assert store.latest_events(2, "a") == (third, last)
    assert store.latest_event() == last.seq


def test_an_event_that_was_erased_while_it_was_sent_costs_nothing(store: Store, url: str, clock: Clock) -> None:
    store.add_target("t")
    gone, kept = say(store, "a", "b")
    claimed = claim(store, clock)
    database = Database(url)
    with database.writing("erase an event") as connection:
        connection.execute(delete(events).where(events.c.seq == gone.seq))
    database.close()
    note(store, claimed, {gone.seq: "failed", kept.seq: "failed"})
    assert [delivery.event for delivery in store.deliveries_of(["a", "b"])] == [kept]
