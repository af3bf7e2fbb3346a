"""Events that wait to be told to others, written in the transaction of what they tell of."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select

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
    """What streams and deliveries read."""

    def events_since(self, seq: int, limit: int) -> tuple[OutboxEvent, ...]:
        """Events after a number, in order; none becomes visible later with a smaller number.

        Raises:
            StoreFailed: the database cannot be read.
        """
        statement = select(events).where(events.c.seq > seq).order_by(events.c.seq).limit(limit)
        with self._database.reading("read events") as connection:
            rows = connection.execute(statement).all()
        return tuple(map(as_event, rows))


def as_event(row: Row[Any]) -> OutboxEvent:
    """An event from a row of `events`."""
    return OutboxEvent(
        seq=row.seq,
        id=row.id,
        alert_id=row.alert_id,
        kind=row.kind,
        body=row.body,
        created_at=row.created_at,
    )
