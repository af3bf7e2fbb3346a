"""What becomes of alerts: somebody works on them, they are closed, reopened or withdrawn."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete

from triage.store.base import StoreBase
from triage.store.change_records import Progress
from triage.store.errors import AlertWithdrawn
from triage.store.outbox import tell
from triage.store.records import StoredAlert
from triage.store.review_records import ReviewEvents
from triage.store.rows import change_alert, get_alert
from triage.store.schema import originals
from triage.store.waiting import leave_queue


class ProgressReports(StoreBase):
    """States of alerts. Each change and its events are one transaction, and one that changes nothing tells nothing.

    Every method gives the alert as it is then, raises UnknownAlert for an id that is not stored and StoreFailed where
    the database cannot be written.
    """

    def report_progress(self, alert_id: str, progress: Progress, events: ReviewEvents = ()) -> StoredAlert:
        """Note what a department says about an alert.

        What was said with the state before is forgotten with it; while the state stays, only what is given is new.

        Raises:
            AlertWithdrawn: the alert was withdrawn, which is not taken back.
        """
        with self._database.writing("change an alert") as connection:
            alert = get_alert(connection, alert_id)
            if alert.state == "withdrawn":
                raise AlertWithdrawn("This alert was withdrawn; send another one if the fault is still there.")
            values = _changed(alert, progress)
            if values:
                change_alert(connection, alert_id, self._clock(), **values)
                return tell(connection, alert_id, events, progress.at)
            return alert

    def close_alert(self, alert_id: str, at: datetime, events: ReviewEvents = ()) -> StoredAlert:
        """Say that the fault is dealt with; raises AlertWithdrawn as `report_progress` does."""
        return self.report_progress(alert_id, Progress("closed", at), events)

    def reopen_alert(self, alert_id: str, at: datetime, events: ReviewEvents = ()) -> StoredAlert:
        """Say that the fault is not dealt with after all; raises AlertWithdrawn as `report_progress` does."""
        return self.report_progress(alert_id, Progress("open", at), events)

    def withdraw_alert(self, alert_id: str, at: datetime, events: ReviewEvents = ()) -> StoredAlert:
        """Say that the alert should not have been sent: nobody looks at it any more, and no text as sent is kept."""
        with self._database.writing("withdraw an alert") as connection:
            alert = get_alert(connection, alert_id)
            if alert.state != "withdrawn":
                connection.execute(delete(originals).where(originals.c.alert_seq == alert.seq))
                ended: dict[str, Any] = {"state": "withdrawn", "closed_at": None, "expected_at": None, "plates": []}
                change_alert(connection, alert_id, self._clock(), **ended, **leave_queue(connection, alert.seq))
                return tell(connection, alert_id, events, at)
            return alert


def _changed(alert: StoredAlert, progress: Progress) -> dict[str, Any]:
    given = {
        "status_note": progress.note,
        "status_department": progress.department,
        "expected_at": progress.expected_at,
    }
    if alert.state != progress.state:
        return given | {"state": progress.state, "closed_at": progress.at if progress.state == "closed" else None}
    return {name: value for name, value in given.items() if value is not None and value != getattr(alert, name)}
