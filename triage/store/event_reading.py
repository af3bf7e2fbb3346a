"""Events as others listen to them: from a number on, of one alert, of some kinds."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, select

from triage.store.base import StoreBase
from triage.store.deliveries import latest_event
from triage.store.outbox import as_event
from triage.store.records import OutboxEvent
from triage.store.schema import events


class EventReading(StoreBase):
    """The stream of events. Every method raises StoreFailed where the database cannot be read."""

    def latest_event(self) -> int:
        """The number of the last event; 0 where there is none."""
        with self._database.reading("read events") as connection:
            return latest_event(connection)

    def events_after(
        self, seq: int, limit: int, alert_id: str | None = None, kinds: Collection[str] = ()
    ) -> tuple[OutboxEvent, ...]:
        """Events after a number, in order; none becomes visible later with a smaller number.

        Args:
            seq: the number; 0 begins with the first.
            limit: how many at most.
            alert_id: of one alert alone.
            kinds: of these kinds alone; none means all.
        """
        return self._events(select(events).where(events.c.seq > seq).order_by(events.c.seq), limit, alert_id, kinds)

    def latest_events(
        self, limit: int, alert_id: str | None = None, kinds: Collection[str] = ()
    ) -> tuple[OutboxEvent, ...]:
        """The last events, in order; of one alert or of some kinds alone where given."""
        return self._events(select(events).order_by(events.c.seq.desc()), limit, alert_id, kinds)[::-1]

    def _events(
        self, statement: Select[Any], limit: int, alert_id: str | None, kinds: Collection[str]
    ) -> tuple[OutboxEvent, ...]:
        if alert_id is not None:
            statement = statement.where(events.c.alert_id == alert_id)
        if kinds:
            statement = statement.where(events.c.kind.in_(sorted(kinds)))
        with self._database.reading("read events") as connection:
            return tuple(map(as_event, connection.execute(statement.limit(limit))))
