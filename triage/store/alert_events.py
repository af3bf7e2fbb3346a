"""What others were told of some alerts, and new things to tell of one."""

from collections.abc import Collection, Sequence

from sqlalchemy import select

from triage.store.base import StoreBase
from triage.store.outbox import append, as_event
from triage.store.records import NewEvent, OutboxEvent
from triage.store.rows import chunks
from triage.store.schema import events


class AlertEvents(StoreBase):
    """Events by the alerts that they tell of; they outlive them."""

    def events_of(self, alert_ids: Sequence[str], kinds: Collection[str]) -> tuple[OutboxEvent, ...]:
        """Events of some kinds about some alerts, oldest first.

        Raises:
            StoreFailed: the database cannot be read.
        """
        found: list[OutboxEvent] = []
        with self._database.reading("read events of alerts") as connection:
            for chunk in chunks(alert_ids):
                about = select(events).where(events.c.alert_id.in_(chunk), events.c.kind.in_(kinds))
                found += map(as_event, connection.execute(about))
        return tuple(sorted(found, key=lambda event: event.seq))

    def add_events(self, alert_id: str, new: Sequence[NewEvent]) -> None:
        """Write what happened to an alert outside the store.

        Raises:
            StoreFailed: the database cannot be written.
        """
        with self._database.writing("write events of an alert") as connection:
            append(connection, alert_id, new, self._clock())
