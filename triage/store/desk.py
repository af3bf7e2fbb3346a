"""What people change by hand: links, photos and answers. Each change and its events are one transaction."""

from collections.abc import Sequence

from sqlalchemy import insert, select

from triage.store.base import StoreBase
from triage.store.clusters import join, leave, link_by_hand, tell_apart
from triage.store.outbox import append
from triage.store.records import Json, NewEvent, StoredAlert
from triage.store.rows import answered, change_alert, get_alert
from triage.store.schema import alerts, predictions


class Desk(StoreBase):
    """What the review desk needs.

    Every method that changes gives the alert as it is then, raises UnknownAlert for an id that is not stored and
    StoreFailed where the database cannot be written. A change that changes nothing writes no event.
    """

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
        """Say that an alert is not about the fault of its cluster, nor a duplicate of any alert in it.

        A cluster left with one alert is none.
        """
        with self._database.writing("unlink an alert") as connection:
            now = self._clock()
            if leave(connection, get_alert(connection, alert_id), now):
                append(connection, alert_id, events, now)
            return get_alert(connection, alert_id)

    def reject(self, one_id: str, other_id: str, events: Sequence[NewEvent] = ()) -> StoredAlert:
        """Say that two alerts are not about one fault; the first leaves the cluster where both are in one."""
        with self._database.writing("tell alerts apart") as connection:
            one, other = get_alert(connection, one_id), get_alert(connection, other_id)
            now = self._clock()
            together = one.cluster_id is not None and one.cluster_id == other.cluster_id
            if one.id != other.id and (leave(connection, one, now) if together else tell_apart(connection, one, other)):
                append(connection, one_id, events, now)
            return get_alert(connection, one_id)

    def release_photo(self, alert_id: str, key: str) -> StoredAlert:
        """Say that a person has looked at a photo that was held, and that others may see it."""
        with self._database.writing("release a photo") as connection:
            photos = get_alert(connection, alert_id).photos
            released = [photo | {"held": False} if photo.get("key") == key else photo for photo in photos]
            if released != list(photos):
                change_alert(connection, alert_id, self._clock(), photos=released)
            return get_alert(connection, alert_id)

    def add_prediction(self, alert_id: str, prediction: Json, events: Sequence[NewEvent] = ()) -> StoredAlert:
        """Write a newer answer of a model; earlier ones are kept, and a person's answer stays the alert's."""
        with self._database.writing("store a prediction") as connection:
            alert = get_alert(connection, alert_id)
            now = self._clock()
            answer = {"alert_seq": alert.seq, "created_at": now, "body": prediction, "version": alert.version}
            connection.execute(insert(predictions).values(answer))
            values = {} if alert.review_id is not None else answered(prediction)
            change_alert(connection, alert_id, now, **values)
            append(connection, alert_id, events, now)
            return get_alert(connection, alert_id)

    def predictions(self, alert_id: str) -> tuple[Json, ...]:
        """Every answer that models gave to an alert, oldest first."""
        statement = select(predictions.c.body).join(alerts, alerts.c.seq == predictions.c.alert_seq)
        with self._database.reading("read predictions") as connection:
            rows = connection.execute(statement.where(alerts.c.id == alert_id).order_by(predictions.c.seq))
            return tuple(rows.scalars())
