"""What people change by hand: states, links and answers. Each change and its events are one transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, exists, insert, select

from triage.store.base import StoreBase
from triage.store.clusters import join, leave, link_by_hand
from triage.store.outbox import append
from triage.store.records import Json, NewEvent, Review, State, StoredAlert
from triage.store.rows import change_alert, get_alert
from triage.store.schema import alerts, predictions, reviews

_HEADS = ("category", "department", "priority")


class Desk(StoreBase):
    """What the review desk needs.

    Every method that changes gives the alert as it is then, raises UnknownAlert for an id that is not stored and
    StoreFailed where the database cannot be written. A change that changes nothing writes no event.
    """

    def close_alert(self, alert_id: str, at: datetime, events: Sequence[NewEvent] = ()) -> StoredAlert:
        """Say that the fault is dealt with."""
        return self._set_state(alert_id, "closed", at, events)

    def reopen_alert(self, alert_id: str, at: datetime, events: Sequence[NewEvent] = ()) -> StoredAlert:
        """Say that the fault is not dealt with after all."""
        return self._set_state(alert_id, "open", at, events)

    def withdraw_alert(self, alert_id: str, at: datetime, events: Sequence[NewEvent] = ()) -> StoredAlert:
        """Say that the alert should not have been sent."""
        return self._set_state(alert_id, "withdrawn", at, events)

    def link(self, one_id: str, other_id: str, events: Sequence[NewEvent] = ()) -> StoredAlert:
        """Say that two alerts are about one fault: their clusters become one. Events are those of the first."""
        with self._database.writing("link alerts") as connection:
            one, other = get_alert(connection, one_id), get_alert(connection, other_id)
            now = self._clock()
            if join(connection, one, other, now):
                link_by_hand(connection, one, other)
                append(connection, one_id, events, now)
            return get_alert(connection, one_id)

    def unlink(self, alert_id: str, events: Sequence[NewEvent] = ()) -> StoredAlert:
        """Say that an alert is not about the fault of its cluster; a cluster left with one alert is none."""
        with self._database.writing("unlink an alert") as connection:
            now = self._clock()
            if leave(connection, get_alert(connection, alert_id), now):
                append(connection, alert_id, events, now)
            return get_alert(connection, alert_id)

    def add_review(self, review: Review, events: Sequence[NewEvent] = ()) -> StoredAlert:
        """Write a person's answer, which is the alert's from now on; earlier ones are kept."""
        with self._database.writing("store a review") as connection:
            alert = get_alert(connection, review.alert_id)
            answer = {head: getattr(review, head) for head in _HEADS}
            row = {"alert_seq": alert.seq, "reviewer": review.reviewer, "decided_at": review.decided_at}
            connection.execute(insert(reviews).values(row | answer | {"body": review.body}))
            now = self._clock()
            given = {head: code for head, code in answer.items() if code is not None}
            change_alert(connection, alert.id, now, **given)
            append(connection, alert.id, events, now)
            return get_alert(connection, alert.id)

    def reviews(self, alert_id: str) -> tuple[Review, ...]:
        """Every answer that people gave to an alert, oldest first."""
        statement = select(reviews).join(alerts, alerts.c.seq == reviews.c.alert_seq).where(alerts.c.id == alert_id)
        with self._database.reading("read reviews") as connection:
            rows = connection.execute(statement.order_by(reviews.c.seq)).all()
        return tuple(
            Review(alert_id, row.reviewer, row.decided_at, row.category, row.department, row.priority, row.body)
            for row in rows
        )

    def add_prediction(self, alert_id: str, prediction: Json, events: Sequence[NewEvent] = ()) -> StoredAlert:
        """Write a newer answer of a model; earlier ones are kept, and a person's answer stays the alert's."""
        with self._database.writing("store a prediction") as connection:
            alert = get_alert(connection, alert_id)
            now = self._clock()
            connection.execute(insert(predictions).values(alert_seq=alert.seq, created_at=now, body=prediction))
            values = {} if _is_reviewed(connection, alert.seq) else _answered(prediction)
            change_alert(connection, alert_id, now, **values)
            append(connection, alert_id, events, now)
            return get_alert(connection, alert_id)

    def predictions(self, alert_id: str) -> tuple[Json, ...]:
        """Every answer that models gave to an alert, oldest first."""
        statement = select(predictions.c.body).join(alerts, alerts.c.seq == predictions.c.alert_seq)
        with self._database.reading("read predictions") as connection:
            rows = connection.execute(statement.where(alerts.c.id == alert_id).order_by(predictions.c.seq))
            return tuple(rows.scalars())

    def _set_state(self, alert_id: str, state: State, at: datetime, events: Sequence[NewEvent]) -> StoredAlert:
        with self._database.writing("change an alert") as connection:
            if get_alert(connection, alert_id).state != state:
                change_alert(
                    connection, alert_id, self._clock(), state=state, closed_at=at if state == "closed" else None
                )
                append(connection, alert_id, events, at)
            return get_alert(connection, alert_id)


def _is_reviewed(connection: Connection, seq: int) -> bool:
    return bool(connection.execute(select(exists().where(reviews.c.alert_seq == seq))).scalar_one())


def _answered(prediction: Json) -> dict[str, Any]:
    """The fields of an alert that its answer decides, as far as the answer has them."""
    values = {head: prediction[head]["code"] for head in _HEADS if prediction.get(head)}
    if "decision" in prediction:
        values["decision"] = prediction["decision"]
    if "reasons" in prediction:
        values["reasons"] = list(prediction["reasons"])
    return values
