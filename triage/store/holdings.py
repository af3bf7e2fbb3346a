"""Everything that is held about one alert, read for whoever may ask."""

from typing import Any

from sqlalchemy import Connection, Row, Table, func, insert, or_, select

from triage.personal_data import (
    HeldEvent,
    HeldNote,
    HeldPhoto,
    HeldReading,
    HeldReturn,
    HeldReview,
    PersonalData,
)
from triage.store.base import StoreBase
from triage.store.erasing import ERASED
from triage.store.errors import OriginalUnreadable
from triage.store.photo_links import photo_links
from triage.store.records import StoredAlert
from triage.store.review_tables import notes, returns
from triage.store.rows import get_alert
from triage.store.schema import events, links, originals, predictions, readings, reviews, vectors

_COPIED = frozenset(PersonalData.model_fields) & frozenset(StoredAlert.__dataclass_fields__) - {"photos", "plates"}


class Holdings(StoreBase):
    """What the right of access needs."""

    def personal_data(self, alert_id: str, reader: str, purpose: str) -> PersonalData:
        """All that is held about an alert; the reading is logged in the same transaction.

        Args:
            alert_id: whose data.
            reader: who reads it.
            purpose: what for.

        Raises:
            UnknownAlert: there is no such alert.
            OriginalUnreadable: the text as sent is stored, but not the key that it was stored with.
            StoreFailed: the database cannot be read or written.
        """
        with self._database.writing("read personal data") as connection:
            alert = get_alert(connection, alert_id)
            held = self._held(connection, alert)
            entry = {"alert_id": alert_id, "reader": reader, "purpose": purpose, "read_at": self._clock()}
            connection.execute(insert(readings).values(entry))
        return held

    def _held(self, connection: Connection, alert: StoredAlert) -> PersonalData:
        def rows(table: Table) -> Any:
            condition = table.c.alert_id == alert.id if "alert_id" in table.c else table.c.alert_seq == alert.seq
            return connection.execute(select(table).where(condition).order_by(table.c.seq))

        tied = select(func.count()).where(or_(links.c.alert_seq == alert.seq, links.c.other_seq == alert.seq))
        linked = select(photo_links.c.url).where(photo_links.c.alert_seq == alert.seq)
        vector = select(vectors.c.alert_seq).where(vectors.c.alert_seq == alert.seq)
        return PersonalData(
            **{name: getattr(alert, name) for name in _COPIED},
            erased=alert.text == ERASED,
            original=self._original(connection, alert),
            photos=tuple(HeldPhoto(key=photo.get("key"), held=bool(photo.get("held"))) for photo in alert.photos),
            photo_link=connection.execute(linked).scalar_one_or_none(),
            plates=len(alert.plates),
            vector=connection.execute(vector).first() is not None,
            cluster=alert.cluster_id,
            links=connection.execute(tied).scalar_one(),
            predictions=tuple(row.body for row in rows(predictions)),
            reviews=_all(HeldReview, rows(reviews)),
            notes=_all(HeldNote, rows(notes)),
            returns=_all(HeldReturn, rows(returns)),
            events=_all(HeldEvent, rows(events)),
            readings=_all(HeldReading, rows(readings)),
        )

    def _original(self, connection: Connection, alert: StoredAlert) -> str | None:
        mine = select(originals.c.token).where(originals.c.alert_seq == alert.seq)
        token = connection.execute(mine).scalar_one_or_none()
        if token is None:
            return None
        if self._keys is None:
            raise OriginalUnreadable("Texts as sent are encrypted, and this store was opened without their keys.")
        return self._keys.decrypt(alert.id, token)


def _all(model: Any, rows: list[Row[Any]]) -> tuple[Any, ...]:
    return tuple(map(model.model_validate, rows))
