"""What some targets have not taken, and trying it again at once."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select, update

from triage.store.base import StoreBase
from triage.store.deliveries import DEAD, PENDING, as_delivery, joined, promote
from triage.store.delivery_records import Delivery
from triage.store.delivery_tables import deliveries, delivery_targets


class Retries(StoreBase):
    """For people who do not want to wait. Every method raises StoreFailed where the database cannot be used."""

    def undelivered(self, targets: Collection[str], limit: int) -> tuple[Delivery, ...]:
        """What targets have not taken, given up or not, oldest first."""
        waiting = joined().where(deliveries.c.target.in_(targets)).order_by(deliveries.c.event_seq).limit(limit)
        with self._database.reading("read what was not sent") as connection:
            return tuple(map(as_delivery, connection.execute(waiting)))

    def try_again(self, target: str, at: datetime, alert_id: str | None = None) -> int:
        """Try at once what a target has not taken; what was given up gets another day.

        Args:
            target: its name.
            at: from when on.
            alert_id: of one alert alone.

        Returns:
            How many events are tried again.
        """
        mine = [deliveries.c.target == target]
        if alert_id is not None:
            mine.append(deliveries.c.alert_id == alert_id)
        with self._database.writing("send events again") as connection:
            number = connection.execute(select(func.count()).where(*mine)).scalar_one()
            of_alerts = connection.execute(select(deliveries.c.alert_id).where(*mine).distinct()).scalars().all()
            anew = {"state": PENDING, "attempts": 0, "since": at, "next_at": None, "reason": None}
            connection.execute(update(deliveries).where(*mine, deliveries.c.state == DEAD).values(anew))
            waits = (*mine, deliveries.c.state == PENDING)
            connection.execute(update(deliveries).where(*waits).values(next_at=None))
            for name in of_alerts:
                promote(connection, target, name, at)
            awake = update(delivery_targets).where(delivery_targets.c.name == target)
            connection.execute(awake.values(paused_until=None))
        return number
