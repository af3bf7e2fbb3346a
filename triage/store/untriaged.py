"""Alerts that are stored without an answer, because no model could give one, and wait for it."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, Integer, LargeBinary, Table, delete, func, insert, select, update

from triage.store.base import StoreBase
from triage.store.errors import OriginalUnreadable
from triage.store.outbox import tell
from triage.store.records import Added, NewAlert, StoredAlert
from triage.store.review_records import ReviewEvents
from triage.store.rows import as_alert, find_alert, get_alert, insert_alerts, refuse_other_content, select_alerts
from triage.store.schema import Moment, alerts, metadata, of_alert

untriaged = Table(
    "untriaged",
    metadata,
    of_alert(primary_key=True),
    Column("next_at", Moment, nullable=False, index=True),
    Column("tries", Integer, nullable=False),
    # Small pictures, encrypted: no model has blurred them.
    Column("photos", LargeBinary),
)


@dataclass(frozen=True, slots=True)
class Untriaged:
    """An alert whose turn it is.

    Attributes:
        photos: what a model reads of its photos, encoded; none where the key that they were stored with is not here.
        tries: how often a model was asked in vain.
    """

    alert: StoredAlert
    photos: tuple[bytes, ...]
    tries: int


@dataclass(frozen=True, slots=True)
class UntriagedCount:
    """How many alerts wait for a model, and for how many of them it is time."""

    waiting: int
    due: int


class UntriagedAlerts(StoreBase):
    """What waits for a model. Every method raises StoreFailed where the database cannot be read or written."""

    def add_untriaged(self, new: NewAlert, photos: Sequence[bytes], events: ReviewEvents = ()) -> Added:
        """Store an alert that no model has answered: all of it or nothing.

        Args:
            new: the alert; sent again with the same content, it is not stored again, and nothing else happens.
            photos: what a model will read of its photos; encrypted, and without keys not kept.
            events: what to tell others, or what makes it from the stored alert.

        Raises:
            IdTaken: the id is stored with other content.
        """
        with self._database.writing("store an alert") as connection:
            known = find_alert(connection, new.id)
            if known is not None:
                refuse_other_content(known, new)
                return Added(known, created=False)
            insert_alerts(connection, [new], self._keys)
            seq, now = get_alert(connection, new.id).seq, self._clock()
            values = {"alert_seq": seq, "next_at": now, "tries": 0, "photos": self._sealed(new.id, photos)}
            connection.execute(insert(untriaged).values(values))
            return Added(tell(connection, new.id, events, now), created=True)

    def count_untriaged(self, now: datetime) -> UntriagedCount:
        """How many wait."""
        due = func.count().filter(untriaged.c.next_at <= now)
        with self._database.reading("count what waits for the model") as connection:
            waiting, ready = connection.execute(select(func.count(), due).select_from(untriaged)).one()
        return UntriagedCount(waiting, ready)

    def claim_untriaged(self, now: datetime, until: datetime, limit: int) -> tuple[Untriaged, ...]:
        """The alerts whose turn it is, in the order in which they came; no one else gets them before a time."""
        due = select(untriaged).where(untriaged.c.next_at <= now).order_by(untriaged.c.alert_seq).limit(limit)
        with self._database.writing("take what waits for the model") as connection:
            rows = connection.execute(due).all()
            numbers = [row.alert_seq for row in rows]
            found = connection.execute(select_alerts().where(alerts.c.seq.in_(numbers)))
            waiting = {alert.seq: alert for alert in map(as_alert, found)}
            taken = update(untriaged).where(untriaged.c.alert_seq.in_(numbers))
            connection.execute(taken.values(next_at=until, tries=untriaged.c.tries + 1))
        return tuple(
            Untriaged(alert := waiting[row.alert_seq], self._opened(alert.id, row.photos), row.tries) for row in rows
        )

    def postpone_untriaged(self, alert_id: str, until: datetime) -> None:
        """Ask for an alert again at a time."""
        this = untriaged.c.alert_seq.in_(select(alerts.c.seq).where(alerts.c.id == alert_id))
        with self._database.writing("postpone an alert") as connection:
            connection.execute(update(untriaged).where(this).values(next_at=until))

    def forget_untriaged(self, alert_id: str) -> None:
        """Say that an alert waits for no model any more, and erase what was kept for one."""
        this = untriaged.c.alert_seq.in_(select(alerts.c.seq).where(alerts.c.id == alert_id))
        with self._database.writing("note that an alert was triaged") as connection:
            connection.execute(delete(untriaged).where(this))

    def _sealed(self, alert_id: str, photos: Sequence[bytes]) -> bytes | None:
        if self._keys is None or not photos:
            return None
        return self._keys.encrypt(alert_id, json.dumps([base64.b64encode(photo).decode() for photo in photos]))

    def _opened(self, alert_id: str, token: bytes | None) -> tuple[bytes, ...]:
        if self._keys is None or token is None:
            return ()
        try:
            return tuple(map(base64.b64decode, json.loads(self._keys.decrypt(alert_id, token))))
        except OriginalUnreadable:
            return ()
