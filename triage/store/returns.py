"""What departments give back because it is not theirs."""

from typing import Any

from sqlalchemy import Connection, insert, select

from triage.store.base import StoreBase
from triage.store.errors import AlertWithdrawn
from triage.store.outbox import tell
from triage.store.records import QueuePlace, StoredAlert
from triage.store.review_records import NewReturn, ReturnEntry, ReviewEvents
from triage.store.review_tables import returns
from triage.store.rows import change_alert, get_alert
from triage.store.schema import alerts, reviews
from triage.store.waiting import leave_queue

_COPIED = ("department", "proposed", "reason", "by", "at")
_IDLE = {"state": "open", "status_note": None, "status_department": None, "expected_at": None}


class Returns(StoreBase):
    """Alerts that came back. Every method raises StoreFailed where the database cannot be read or written."""

    def add_return(self, new: NewReturn, place: QueuePlace, events: ReviewEvents = ()) -> StoredAlert:
        """Note that a department gives an alert back, and put it before the staff again.

        Args:
            new: who gives it back, and why.
            place: where it waits now.
            events: what to tell others, or what makes it from the alert as it is then.

        A repeat of the last return, which nobody has answered yet, changes nothing. Nobody works on what came back.

        Raises:
            UnknownAlert: the alert is not stored.
            AlertWithdrawn: the alert was withdrawn.
        """
        with self._database.writing("store a return") as connection:
            alert = get_alert(connection, new.alert_id)
            if alert.state == "withdrawn":
                raise AlertWithdrawn("This alert was withdrawn; nobody needs to deal with it.")
            if _is_repeat(connection, alert, new):
                return alert
            values = {name: getattr(new, name) for name in _COPIED}
            connection.execute(insert(returns).values(values | {"alert_seq": alert.seq}))
            now = self._clock()
            leave_queue(connection, alert.seq)
            waiting: dict[str, Any] = {"queue": place.queue, "queue_rank": place.rank}
            change_alert(connection, alert.id, now, **waiting, **(_IDLE if alert.state == "in_progress" else {}))
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


def _is_repeat(connection: Connection, alert: StoredAlert, new: NewReturn) -> bool:
    """Whether the same was the last thing said, with no answer of a person since."""
    mine = select(returns).where(returns.c.alert_seq == alert.seq).order_by(returns.c.seq.desc()).limit(1)
    last = connection.execute(mine).one_or_none()
    if last is None or any(getattr(last, name) != getattr(new, name) for name in _COPIED if name != "at"):
        return False
    decided = select(reviews.c.decided_at).where(reviews.c.seq == alert.review_id)
    moment = connection.execute(decided).scalar_one_or_none()
    return moment is None or moment < last.at
