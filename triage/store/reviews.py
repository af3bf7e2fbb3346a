"""What people answer: stored with all that was shown to them, never overwritten by a model, and undone if wrong."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, insert, select, update

from triage.store.base import StoreBase
from triage.store.clusters import join, link_by_hand
from triage.store.errors import AlertChanged, AlreadyDecided, NothingToUndo
from triage.store.outbox import tell
from triage.store.records import Json, StoredAlert
from triage.store.review_records import Note, ReviewDecision, ReviewEntry, ReviewEvents
from triage.store.review_tables import notes
from triage.store.rows import HEADS, answered, change_alert, get_alert
from triage.store.schema import alerts, predictions, reviews
from triage.store.undoing import remember, separate
from triage.store.waiting import leave_queue, refuse_claimed

_NOTED = ("action", "seconds", "rank", "model_version", "shown", "note", "duplicate_of")
_KEPT = ("reviewer", "decided_at", *HEADS, "queue", *_NOTED, "undone_at", "undone_by")


class Reviews(StoreBase):
    """Decisions, their history and their undoing. Each change and its events are one transaction.

    Every method raises StoreFailed where the database cannot be read or written; those that change an alert give it
    as it is then, and raise UnknownAlert for one that is not stored.
    """

    def decide(self, decision: ReviewDecision, events: ReviewEvents = ()) -> StoredAlert:
        """Write a person's answer, which is the alert's from now on, and take the alert out of its queue.

        Args:
            decision: the answer; earlier ones are kept.
            events: what to tell others, or what makes it from the alert as it is then.

        Raises:
            ClaimedByOther: somebody else looks at the alert.
            AlreadyDecided: the last answer is another than the one that was shown.
            AlertChanged: its reporter added something that was not shown.
            UnknownAlert: the alert, or the one that it repeats, is not stored.
        """
        with self._database.writing("store a decision") as connection:
            alert = get_alert(connection, decision.alert_id)
            other = get_alert(connection, decision.duplicate_of) if decision.duplicate_of is not None else None
            refuse_claimed(connection, alert.seq, decision.reviewer, decision.decided_at)
            if alert.review_id != decision.follows:
                raise _changed(connection, alert)
            if decision.version not in {None, alert.version}:
                raise AlertChanged(alert.version)
            connection.execute(insert(reviews).values(_row(alert, decision, remember(connection, alert, other))))
            now = self._clock()
            if other is not None and join(connection, alert, other, now):
                link_by_hand(connection, alert, other)
            given = {head: code for head in HEADS if (code := getattr(decision, head)) is not None}
            change_alert(connection, alert.id, now, **given, **leave_queue(connection, alert.seq))
            return tell(connection, alert.id, events, now)

    def undo(
        self, alert_id: str, by: str, at: datetime, review_id: int | None = None, events: ReviewEvents = ()
    ) -> StoredAlert:
        """Take back the last decision in effect: the codes, the link and the place in the queue are as before it.

        Args:
            alert_id: whose decision.
            by: who takes it back.
            at: when.
            review_id: the decision that is meant; by default the last.
            events: what to tell others, or what makes it from the alert as it is then.

        Raises:
            NothingToUndo: no decision is in effect, or the last is another, or too old to know what was before it.
            UnknownAlert: the alert is not stored.
        """
        with self._database.writing("undo a decision") as connection:
            alert = get_alert(connection, alert_id)
            row = _last(connection, alert)
            if row is None or row.before is None or review_id not in {None, row.seq}:
                raise NothingToUndo("This decision is not the last one on the alert; look at the alert again.")
            now = self._clock()
            connection.execute(update(reviews).where(reviews.c.seq == row.seq).values(undone_at=at, undone_by=by))
            if "join" in row.before:
                separate(connection, alert, row.before["join"], now)
            values = {head: row.before[head] for head in HEADS} | _newer_answer(connection, alert, row.decided_at)
            if alert.queue is None and alert.state != "withdrawn":
                values |= {name: row.before[name] for name in ("queue", "queue_rank")}
            change_alert(connection, alert_id, now, **values)
            return tell(connection, alert_id, events, now)

    def last_review(self, reviewer: str) -> ReviewEntry | None:
        """The newest decision of a person that is in effect."""
        mine = _select_entries().where(reviews.c.reviewer == reviewer, reviews.c.undone_at.is_(None))
        with self._database.reading("read decisions") as connection:
            row = connection.execute(mine.order_by(reviews.c.seq.desc()).limit(1)).one_or_none()
        return None if row is None else _entry(row)

    def history(self, alert_id: str) -> tuple[ReviewEntry, ...]:
        """Every decision on an alert, oldest first, with those that were undone."""
        statement = _select_entries().where(alerts.c.id == alert_id).order_by(reviews.c.seq)
        with self._database.reading("read decisions") as connection:
            return tuple(map(_entry, connection.execute(statement)))

    def add_note(self, alert_id: str, author: str, at: datetime, text: str) -> None:
        """Keep free text beside an alert; it must hold no personal data."""
        with self._database.writing("store a note") as connection:
            seq = get_alert(connection, alert_id).seq
            connection.execute(insert(notes).values(alert_seq=seq, author=author, written_at=at, text=text))

    def notes(self, alert_id: str) -> tuple[Note, ...]:
        """The notes beside an alert, oldest first."""
        statement = select(notes).join(alerts, alerts.c.seq == notes.c.alert_seq).where(alerts.c.id == alert_id)
        with self._database.reading("read notes") as connection:
            rows = connection.execute(statement.order_by(notes.c.seq)).all()
        return tuple(Note(alert_id, row.author, row.written_at, row.text) for row in rows)


def _row(alert: StoredAlert, decision: ReviewDecision, before: Json) -> dict[str, Any]:
    named = ("reviewer", "decided_at", *HEADS, *_NOTED)
    values = {name: getattr(decision, name) for name in named}
    return values | {"alert_seq": alert.seq, "queue": alert.queue, "before": before}


def _last(connection: Connection, alert: StoredAlert) -> Row[Any] | None:
    return connection.execute(select(reviews).where(reviews.c.seq == alert.review_id)).one_or_none()


def _changed(connection: Connection, alert: StoredAlert) -> AlreadyDecided:
    row = _last(connection, alert)
    return AlreadyDecided(row.reviewer, row.decided_at) if row is not None else AlreadyDecided(None, None)


def _newer_answer(connection: Connection, alert: StoredAlert, decided_at: datetime) -> dict[str, Any]:
    """What a model has answered since, which counts where no decision is left in effect."""
    left = select(reviews.c.seq).where(reviews.c.alert_seq == alert.seq, reviews.c.undone_at.is_(None)).limit(1)
    newer = select(predictions.c.body).where(
        predictions.c.alert_seq == alert.seq, predictions.c.created_at > decided_at
    )
    body = connection.execute(newer.order_by(predictions.c.seq.desc()).limit(1)).scalar_one_or_none()
    if body is None or connection.execute(left).one_or_none() is not None:
        return {}
    return answered(body)


def _select_entries() -> Select[Any]:
    columns: Sequence[Any] = [reviews.c[name] for name in _KEPT]
    return select(reviews.c.seq.label("id"), alerts.c.id.label("alert_id"), *columns).join(
        alerts, alerts.c.seq == reviews.c.alert_seq
    )


def _entry(row: Row[Any]) -> ReviewEntry:
    return ReviewEntry(**dict(row._mapping))
