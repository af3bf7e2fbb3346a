"""Alerts as rows: writing new ones with all that belongs to them, and reading them back."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, Row, Select, insert, select, update

from triage.store.errors import IdTaken, UnknownAlert
from triage.store.personal import PersonalKeys
from triage.store.records import Json, NewAlert, State, StoredAlert
from triage.store.schema import alerts, originals, predictions, reviews, vectors

# Databases bound the number of values in one statement.
_CHUNK = 500

HEADS = ("category", "department", "priority")
_LISTS = ("reasons", "photos", "plates")
_COPIED = (
    "id",
    "content_sha256",
    "text",
    "lat",
    "lon",
    "created_at",
    "received_at",
    "category_hint",
    "category",
    "department",
    "priority",
    "decision",
    "vector_version",
    "language",
    "address",
    "commune",
    "channel",
)
_latest_prediction = (
    select(predictions.c.body)
    .where(predictions.c.alert_seq == alerts.c.seq)
    .order_by(predictions.c.seq.desc())
    .limit(1)
    .scalar_subquery()
)
_last_review = (
    select(reviews.c.seq)
    .where(reviews.c.alert_seq == alerts.c.seq, reviews.c.undone_at.is_(None))
    .order_by(reviews.c.seq.desc())
    .limit(1)
    .scalar_subquery()
)


def select_alerts() -> Select[Any]:
    """Whole alerts, for `as_alert`."""
    return select(alerts, _latest_prediction.label("prediction"), _last_review.label("review_id"))


def as_alert(row: Row[Any]) -> StoredAlert:
    """An alert from a row of `select_alerts`."""
    return StoredAlert(**(dict(row._mapping) | {name: tuple(row._mapping[name]) for name in _LISTS}))


def find_alert(connection: Connection, alert_id: str) -> StoredAlert | None:
    """The alert with this id, if there is one."""
    row = connection.execute(select_alerts().where(alerts.c.id == alert_id)).one_or_none()
    return None if row is None else as_alert(row)


def get_alert(connection: Connection, alert_id: str) -> StoredAlert:
    """The alert with this id.

    Raises:
        UnknownAlert: there is none.
    """
    alert = find_alert(connection, alert_id)
    if alert is None:
        raise UnknownAlert("No alert with this id is stored.")
    return alert


def refuse_other_content(known: StoredAlert, new: NewAlert) -> None:
    """Let a repeat pass.

    Raises:
        IdTaken: what is stored under this id is something else.
    """
    if known.content_sha256 != new.content_sha256:
        raise IdTaken(
            "An alert with this id is stored already, with other content; send the same content again or choose "
            "another id."
        )


def numbers_of(connection: Connection, ids: Sequence[str]) -> dict[str, int]:
    """Id → number of those alerts that are stored."""
    found: dict[str, int] = {}
    for chunk in chunks(ids):
        rows = connection.execute(select(alerts.c.id, alerts.c.seq).where(alerts.c.id.in_(chunk)))
        found.update((row.id, row.seq) for row in rows)
    return found


def digests_of(connection: Connection, ids: Sequence[str]) -> dict[str, str]:
    """Id → digest of the content of those alerts that are stored."""
    found: dict[str, str] = {}
    for chunk in chunks(ids):
        rows = connection.execute(select(alerts.c.id, alerts.c.content_sha256).where(alerts.c.id.in_(chunk)))
        found.update((row.id, row.content_sha256) for row in rows)
    return found


def insert_alerts(
    connection: Connection,
    new: Sequence[NewAlert],
    keys: PersonalKeys | None,
    closed: Mapping[str, datetime] = MappingProxyType({}),
    states: Mapping[str, State] = MappingProxyType({}),
) -> None:
    """Write alerts with their vectors, predictions and, where there is a key, the texts as sent."""
    if not new:
        return
    connection.execute(
        insert(alerts), [_values(alert) | _ended(closed.get(alert.id), states.get(alert.id, "open")) for alert in new]
    )
    number = numbers_of(connection, [alert.id for alert in new])
    seen = [{"alert_seq": number[alert.id], "body": alert.vector} for alert in new if alert.vector is not None]
    answered = [
        {"alert_seq": number[alert.id], "body": alert.prediction, "created_at": alert.received_at}
        for alert in new
        if alert.prediction is not None
    ]
    secret = [
        {"alert_seq": number[alert.id], "token": keys.encrypt(alert.id, alert.original)}
        for alert in new
        if keys is not None and alert.original is not None
    ]
    for table, rows in ((vectors, seen), (predictions, answered), (originals, secret)):
        if rows:
            connection.execute(insert(table), rows)


def change_alert(connection: Connection, alert_id: str, now: datetime, **values: Any) -> None:
    """Change fields of an alert, and say when."""
    connection.execute(update(alerts).where(alerts.c.id == alert_id).values(updated_at=now, **values))


def answered(prediction: Json) -> dict[str, Any]:
    """The fields of an alert that its answer decides, as far as the answer has them."""
    values = {head: prediction[head]["code"] for head in HEADS if prediction.get(head)}
    if "decision" in prediction:
        values["decision"] = prediction["decision"]
    if "reasons" in prediction:
        values["reasons"] = list(prediction["reasons"])
    return values


def chunks(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """The values in parts that fit into one statement."""
    for start in range(0, len(values), _CHUNK):
        yield values[start : start + _CHUNK]


def _values(alert: NewAlert) -> dict[str, Any]:
    values = {name: getattr(alert, name) for name in _COPIED}
    place = alert.queue_place
    values |= {"queue": place.queue if place else None, "queue_rank": place.rank if place else None}
    return values | {name: list(getattr(alert, name)) for name in _LISTS} | {"updated_at": alert.received_at}


def _ended(closed_at: datetime | None, state: State) -> dict[str, Any]:
    return {"state": state, "closed_at": None} if closed_at is None else {"state": "closed", "closed_at": closed_at}
