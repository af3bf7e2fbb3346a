"""Events that wait to be told to others, written in the transaction of what they tell of."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, insert, select, update

from triage.store.base import StoreBase
from triage.store.records import NewEvent, OutboxEvent, StoredAlert
from triage.store.review_records import ReviewEvents
from triage.store.rows import get_alert
from triage.store.schema import events


def append(connection: Connection, alert_id: str, new: Sequence[NewEvent], now: datetime) -> None:
    """Write events of an alert, in their order."""
    for event in new:  # one by one: the order of their numbers is the order in which they are told
        connection.execute(
            insert(events).values(
                id=uuid.uuid4().hex, alert_id=alert_id, kind=event.kind, body=event.body, created_at=now, attempts=0
            )
        )


def tell(connection: Connection, alert_id: str, new: ReviewEvents, now: datetime) -> StoredAlert:
    """Write events of an alert that has just been changed, and give the alert as it is now."""
    alert = get_alert(connection, alert_id)
    append(connection, alert_id, new(alert) if callable(new) else new, now)
    return alert


class Outbox(StoreBase):
    """What the forwarder of events needs."""

    def pending_events(self, limit: int) -> tuple[OutboxEvent, ...]:
        """Events that were not sent yet, oldest first; one that failed keeps its place, so each alert's stay in order.

        Raises:
            StoreFailed: the database cannot be read.
        """
        return self._select_events(select(events).where(events.c.sent_at.is_(None)), limit)

    def events_since(self, seq: int, limit: int) -> tuple[OutboxEvent, ...]:
        """Events after a number, sent or not, in order; none becomes visible later with a smaller number.

        Raises:
            StoreFailed: the database cannot be read.
        """
        return self._select_events(select(events).where(events.c.seq > seq), limit)

    def mark_sent(self, seq: int, at: datetime) -> None:
        """Say that an event was sent; again, and the first time counts.

        Raises:
            StoreFailed: the database cannot be written.
        """
        self._mark(seq, sent_at=at)

    def mark_failed(self, seq: int, at: datetime) -> None:
        """Say that an event could not be sent, and stays pending.

        Raises:
            StoreFailed: the database cannot be written.
        """
        self._mark(seq, failed_at=at)

    def _mark(self, seq: int, **moment: datetime) -> None:
        waiting = update(events).where(events.c.seq == seq, events.c.sent_at.is_(None))
        with self._database.writing("note what became of an event") as connection:
            connection.execute(waiting.values(attempts=events.c.attempts + 1, **moment))

    def _select_events(self, statement: Select[Any], limit: int) -> tuple[OutboxEvent, ...]:
        with self._database.reading("read events") as connection:
            rows = connection.execute(statement.order_by(events.c.seq).limit(limit)).all()
        return tuple(map(_as_event, rows))


def _as_event(row: Row[Any]) -> OutboxEvent:
    return OutboxEvent(
        seq=row.seq,
        id=row.id,
        alert_id=row.alert_id,
        kind=row.kind,
        body=row.body,
        created_at=row.created_at,
        sent_at=row.sent_at,
        attempts=row.attempts,
    )
