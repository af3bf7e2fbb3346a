"""Events that were given up: listed, and sent anew when somebody says so."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, select, update

from triage.store.base import StoreBase
from triage.store.deliveries import DEAD, PENDING, as_delivery, joined, promote
from triage.store.delivery_records import Delivery
from triage.store.delivery_tables import deliveries
from triage.store.rows import chunks
from triage.store.schema import events


class DeadLetters(StoreBase):
    """What targets never took. Every method raises StoreFailed where the database cannot be read or written."""

    def dead_letters(self, target: str | None = None, limit: int = 100, after: int = 0) -> tuple[Delivery, ...]:
        """Events that were given up, oldest first.

        Args:
            target: of one target alone.
            limit: how many at most; those of the last event come together, so it may be a few more.
            after: only those after this number of an event.
        """
        chosen = joined().where(*_dead(target), deliveries.c.event_seq > after)
        with self._database.reading("read events that were given up") as connection:
            numbers = select(deliveries.c.event_seq).where(*_dead(target), deliveries.c.event_seq > after)
            last = connection.execute(numbers.order_by(deliveries.c.event_seq).limit(limit)).scalars().all()
            if not last:
                return ()
            found = connection.execute(
                chosen.where(deliveries.c.event_seq <= last[-1]).order_by(deliveries.c.event_seq, deliveries.c.target)
            )
            return tuple(map(as_delivery, found))

    def replay_dead_letters(self, target: str | None = None, event_ids: Collection[str] | None = None) -> int:
        """Send events anew that were given up, each with a day before it from now on; how many there are.

        Args:
            target: of one target alone.
            event_ids: these events alone.
        """
        now = self._clock()
        with self._database.writing("send events anew") as connection:
            found = select(deliveries.c.target, deliveries.c.event_seq, deliveries.c.alert_id).where(*_dead(target))
            if event_ids is not None:
                wanted: set[int] = set()
                for chunk in chunks(sorted(event_ids)):
                    wanted.update(connection.execute(select(events.c.seq).where(events.c.id.in_(chunk))).scalars())
                rows = [row for row in connection.execute(found) if row.event_seq in wanted]
            else:
                rows = list(connection.execute(found))
            for row in rows:
                mine = (deliveries.c.target == row.target, deliveries.c.event_seq == row.event_seq)
                connection.execute(
                    update(deliveries)
                    .where(*mine)
                    .values(state=PENDING, attempts=0, since=now, next_at=None, reason=None)
                )
            for name, alert_id in {(row.target, row.alert_id) for row in rows}:
                promote(connection, name, alert_id, now)
        return len(rows)


def _dead(target: str | None) -> tuple[ColumnElement[bool], ...]:
    dead = deliveries.c.state == DEAD
    return (dead,) if target is None else (dead, deliveries.c.target == target)
