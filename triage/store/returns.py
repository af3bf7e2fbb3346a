"""What departments give back because it is not theirs."""

from sqlalchemy import insert, select

from triage.store.base import StoreBase
from triage.store.outbox import tell
from triage.store.records import QueuePlace, StoredAlert
from triage.store.review_records import NewReturn, ReturnEntry, ReviewEvents
from triage.store.review_tables import returns
from triage.store.rows import change_alert, get_alert
from triage.store.schema import alerts
from triage.store.waiting import leave_queue

_COPIED = ("department", "proposed", "reason", "by", "at")


class Returns(StoreBase):
    """Alerts that came back. Every method raises StoreFailed where the database cannot be read or written."""

    def add_return(self, new: NewReturn, place: QueuePlace, events: ReviewEvents = ()) -> StoredAlert:
        """Note that a department gives an alert back, and put it before the staff again.

        Args:
            new: who gives it back, and why.
            place: where it waits now.
            events: what to tell others, or what makes it from the alert as it is then.

        Raises:
            UnknownAlert: the alert is not stored.
        """
        with self._database.writing("store a return") as connection:
            alert = get_alert(connection, new.alert_id)
            values = {name: getattr(new, name) for name in _COPIED}
            connection.execute(insert(returns).values(values | {"alert_seq": alert.seq}))
            now = self._clock()
            leave_queue(connection, alert.seq)
            change_alert(connection, alert.id, now, queue=place.queue, queue_rank=place.rank)
            return tell(connection, alert.id, events, now)

    def returns(self, alert_id: str) -> tuple[ReturnEntry, ...]:
        """What departments said when they gave an alert back, oldest first."""
        columns = [returns.c[name] for name in _COPIED]
        statement = select(*columns, returns.c.seq).join(alerts, alerts.c.seq == returns.c.alert_seq)
        with self._database.reading("read returns") as connection:
            rows = connection.execute(statement.where(alerts.c.id == alert_id).order_by(returns.c.seq)).all()
        return tuple(
            ReturnEntry(alert_id, row.department, row.proposed, row.reason, row.by, row.at, row.seq) for row in rows
        )
