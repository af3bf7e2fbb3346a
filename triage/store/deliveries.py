"""What is sent to whom: one process at a time sends to a target, in the order of events for each alert."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, insert, select, update

from triage.store.base import StoreBase
from triage.store.delivery_records import (
    Claim,
    Delivery,
    Due,
    Outcome,
    Outlook,
    Progress,
    Share,
    TargetState,
)
from triage.store.delivery_tables import deliveries, delivery_targets
from triage.store.outbox import as_event
from triage.store.records import OutboxEvent
from triage.store.rows import chunks
from triage.store.schema import events

PENDING, DEAD = "pending", "dead"
# What is given up at once where nothing got through for a day; the rest follows with the next attempt.
MAX_EXPIRED = 500


class Deliveries(StoreBase):
    """Who has been told what. Every method raises StoreFailed where the database cannot be read or written."""

    def add_target(self, name: str) -> None:
        """Begin to send to a target, from the next event on; one that is known goes on where it was."""
        with self._database.writing("add a receiver of events") as connection:
            add_target(connection, name)

    def target_states(self) -> tuple[Outlook, ...]:
        """What waits for every target ever added, by name."""
        with self._database.reading("read receivers of events") as connection:
            names = connection.execute(select(delivery_targets.c.name).order_by(delivery_targets.c.name)).scalars()
            return tuple(_outlook(connection, name) for name in names.all())

    def outlook(self, name: str) -> Outlook:
        """What waits for a target.

        Raises:
            LookupError: nobody has added it.
        """
        with self._database.reading("read a receiver of events") as connection:
            return _outlook(connection, name)

    def claim_deliveries(self, name: str, owner: str, until: datetime, share: Share, after: int = 0) -> Claim | None:
        """Take work for a target; None while another process does, or where the target is gone.

        Args:
            name: of the target.
            owner: this process.
            until: when others may take over, should this process say nothing more.
            share: how much.
            after: none of the events up to this number is one that the target wants.
        """
        targets, now = delivery_targets.c, self._clock()
        free = targets.lease_until.is_(None) | (targets.lease_until <= now) | (targets.lease_owner == owner)
        with self._database.writing("take up events to send") as connection:
            lease = update(delivery_targets).where(targets.name == name, free)
            if not connection.execute(lease.values(lease_owner=owner, lease_until=until)).rowcount:
                return None
            state = _state(connection, name)
            new = select(events).where(events.c.seq > max(state.cursor, after)).order_by(events.c.seq)
            fresh = tuple(map(as_event, connection.execute(new.limit(share.fresh))))
            due = _due(connection, name, now, share)
            return Claim(state, due, fresh, _held(connection, name, {event.alert_id for event in fresh}))

    def note_deliveries(self, name: str, owner: str, progress: Progress) -> tuple[OutboxEvent, ...]:
        """Note what became of claimed events, and let others take over.

        What was sent is noted whoever holds the lease by now: sent is sent.

        Returns:
            The events that were given up by `expired_before`.
        """
        with self._database.writing("note what became of events") as connection:
            targets = delivery_targets.c
            known = connection.execute(select(targets.name).where(targets.name == name)).scalar_one_or_none()
            if known is None:  # removed meanwhile
                return ()
            _write_outcomes(connection, name, progress.outcomes)
            expired = _expire(connection, name, progress.expired_before)
            touched = {outcome.event.alert_id for outcome in progress.outcomes} | {event.alert_id for event in expired}
            now = self._clock()
            for alert_id in touched:
                promote(connection, name, alert_id, now)
            mine = update(delivery_targets).where(targets.name == name, targets.lease_owner == owner)
            connection.execute(
                mine.values(
                    cursor=progress.cursor,
                    failures=progress.failures,
                    failing_since=progress.failing_since,
                    reason=progress.reason,
                    paused_until=progress.paused_until,
                    lease_owner=None,
                    lease_until=None,
                )
            )
        return expired

    def deliveries_of(self, alert_ids: Collection[str]) -> tuple[Delivery, ...]:
        """What targets have not taken of some alerts, oldest first."""
        found: list[Delivery] = []
        with self._database.reading("read what was not sent") as connection:
            for chunk in chunks(sorted(alert_ids)):
                about = joined().where(deliveries.c.alert_id.in_(chunk))
                found += map(as_delivery, connection.execute(about))
        return tuple(sorted(found, key=lambda delivery: (delivery.event.seq, delivery.target)))


def add_target(connection: Connection, name: str) -> None:
    """Begin to send to a target, from the next event on, unless it is known."""
    known = connection.execute(select(delivery_targets.c.name).where(delivery_targets.c.name == name)).first()
    if known is None:
        values = {"name": name, "cursor": latest_event(connection), "failures": 0}
        connection.execute(insert(delivery_targets).values(values))


def latest_event(connection: Connection) -> int:
    """The number of the last event; 0 where there is none."""
    last: int | None = connection.execute(select(func.max(events.c.seq))).scalar_one()
    return last or 0


def joined() -> Select[Any]:
    """Deliveries with their events."""
    said = [column.label(f"delivery_{column.name}") for column in deliveries.c]
    return select(events, *said).join(events, events.c.seq == deliveries.c.event_seq)


def as_delivery(row: Row[Any]) -> Delivery:
    """A delivery from a row of `joined`."""
    return Delivery(
        target=row.delivery_target,
        event=as_event(row),
        state=row.delivery_state,
        attempts=row.delivery_attempts,
        since=row.delivery_since,
        next_at=row.delivery_next_at,
        reason=row.delivery_reason,
    )


def promote(connection: Connection, name: str, alert_id: str, now: datetime) -> None:
    """Let the first event of an alert that waits be tried, and the others wait for it."""
    of_alert = (deliveries.c.target == name, deliveries.c.alert_id == alert_id, deliveries.c.state == PENDING)
    first = connection.execute(select(func.min(deliveries.c.event_seq)).where(*of_alert)).scalar_one()
    if first is None:
        return
    waits = update(deliveries).where(*of_alert)
    connection.execute(waits.where(deliveries.c.event_seq != first).values(next_at=None))
    head = waits.where(deliveries.c.event_seq == first, deliveries.c.next_at.is_(None))
    connection.execute(head.values(next_at=now))


def _state(connection: Connection, name: str) -> TargetState:
    row = connection.execute(select(delivery_targets).where(delivery_targets.c.name == name)).one_or_none()
    if row is None:
        raise LookupError(name)
    return TargetState(
        name=row.name,
        cursor=row.cursor,
        failures=row.failures,
        failing_since=row.failing_since,
        reason=row.reason,
        paused_until=row.paused_until,
        lease_until=row.lease_until,
    )


def _outlook(connection: Connection, name: str) -> Outlook:
    state = _state(connection, name)
    mine, waits = deliveries.c.target == name, deliveries.c.state == PENDING
    due_at, waiting, first = connection.execute(
        select(func.min(deliveries.c.next_at), func.count(), func.min(deliveries.c.event_seq)).where(mine, waits)
    ).one()
    dead = connection.execute(select(func.count()).where(mine, deliveries.c.state == DEAD)).scalar_one()
    oldest = connection.execute(select(events.c.created_at).where(events.c.seq == first)).scalar_one_or_none()
    return Outlook(state, due_at, latest_event(connection), waiting, oldest, dead)


def _due(connection: Connection, name: str, now: datetime, share: Share) -> tuple[Due, ...]:
    mine = (deliveries.c.target == name, deliveries.c.state == PENDING)
    heads = (
        select(deliveries.c.alert_id)
        .where(*mine, deliveries.c.next_at <= now)
        .order_by(deliveries.c.next_at, deliveries.c.event_seq)
        .limit(share.alerts)
    )
    chosen = connection.execute(heads).scalars().all()
    waiting = joined().where(*mine, deliveries.c.alert_id.in_(chosen)).order_by(deliveries.c.event_seq)
    rows = connection.execute(waiting.limit(share.again))
    # An alert whose first event lies beyond the limit has none here: its turn comes.
    return tuple(Due(as_event(row), row.delivery_attempts, row.delivery_since) for row in rows)


def _held(connection: Connection, name: str, alert_ids: Collection[str]) -> frozenset[str]:
    found: set[str] = set()
    mine = (deliveries.c.target == name, deliveries.c.state == PENDING)
    for chunk in chunks(sorted(alert_ids)):
        statement = select(deliveries.c.alert_id).where(*mine, deliveries.c.alert_id.in_(chunk)).distinct()
        found.update(connection.execute(statement).scalars())
    return frozenset(found)


def _write_outcomes(connection: Connection, name: str, outcomes: Sequence[Outcome]) -> None:
    # Rows that are there are replaced: whether one is new to this table is not for the deliverer to know.
    for chunk in chunks([outcome.event.seq for outcome in outcomes]):
        mine = (deliveries.c.target == name, deliveries.c.event_seq.in_(chunk))
        connection.execute(delete(deliveries).where(*mine))
    kept = [outcome for outcome in outcomes if outcome.result != "sent"]
    there: set[int] = set()  # an event may have been erased meanwhile
    for chunk in chunks([outcome.event.seq for outcome in kept]):
        there.update(connection.execute(select(events.c.seq).where(events.c.seq.in_(chunk))).scalars())
    rows = [_values(name, outcome) for outcome in kept if outcome.event.seq in there]
    if rows:
        connection.execute(insert(deliveries), rows)


def _values(name: str, outcome: Outcome) -> dict[str, Any]:
    return {
        "target": name,
        "event_seq": outcome.event.seq,
        "alert_id": outcome.event.alert_id,
        "state": DEAD if outcome.result == "dead" else PENDING,
        "attempts": outcome.attempts,
        "since": outcome.since,
        "next_at": outcome.next_at,
        "reason": outcome.reason,
    }


def _expire(connection: Connection, name: str, before: datetime | None) -> tuple[OutboxEvent, ...]:
    if before is None:
        return ()
    old = joined().where(deliveries.c.target == name, deliveries.c.state == PENDING, deliveries.c.since <= before)
    expired = [as_event(row) for row in connection.execute(old.order_by(deliveries.c.event_seq).limit(MAX_EXPIRED))]
    for chunk in chunks([event.seq for event in expired]):
        mine = update(deliveries).where(deliveries.c.target == name, deliveries.c.event_seq.in_(chunk))
        connection.execute(mine.values(state=DEAD, next_at=None))
    return tuple(expired)
