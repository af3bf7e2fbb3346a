"""The texts as residents sent them: encrypted, and read only with an entry in the log of readings."""

from sqlalchemy import Connection, delete, insert, select, update

from triage.alert import joined_text
from triage.store.base import StoreBase
from triage.store.errors import OriginalUnreadable
from triage.store.personal import PersonalKeys
from triage.store.records import ReadingLog, StoredAlert
from triage.store.rows import get_alert
from triage.store.schema import originals, readings
from triage.store.webhooks import renew_secrets


class Originals(StoreBase):
    """What may be read of personal data, by whom it was, and how it is erased.

    Every method raises StoreFailed where the database cannot be read or written.
    """

    def original(self, alert_id: str, reader: str, purpose: str) -> str | None:
        """The text as sent, or None where it held no personal data, was erased or never kept.

        The reading is logged in the same transaction: no log, no text.

        Args:
            alert_id: whose text.
            reader: who reads it, such as the name of a key or of a person.
            purpose: what for.

        Raises:
            UnknownAlert: there is no such alert.
            OriginalUnreadable: there is a text, but not the key that it was stored with.
        """
        with self._database.writing("read an original text") as connection:
            alert = get_alert(connection, alert_id)
            token = connection.execute(
                select(originals.c.token).where(originals.c.alert_seq == alert.seq)
            ).scalar_one_or_none()
            if token is None:
                return None
            text = self._needed_keys().decrypt(alert_id, token)
            entry = {"alert_id": alert_id, "reader": reader, "purpose": purpose, "read_at": self._clock()}
            connection.execute(insert(readings).values(entry))
        return text

    def can_read_originals(self) -> bool:
        """Whether the keys at hand fit the newest text as sent; yes where none is kept."""
        newest = select(originals.c.alert_seq, originals.c.token).order_by(originals.c.alert_seq.desc()).limit(1)
        with self._database.reading("read an original text") as connection:
            row = connection.execute(newest).one_or_none()
        if row is None:
            return True
        try:
            self._needed_keys().renew(row.token)
        except OriginalUnreadable:
            return False
        return True

    def readings(self, alert_id: str) -> tuple[ReadingLog, ...]:
        """Who read the original text of an alert, oldest first; the log outlives the text."""
        columns = (readings.c.alert_id, readings.c.reader, readings.c.purpose, readings.c.read_at)
        statement = select(*columns).where(readings.c.alert_id == alert_id).order_by(readings.c.seq)
        with self._database.reading("read the log of readings") as connection:
            return tuple(ReadingLog(*row) for row in connection.execute(statement))

    def erase_original(self, alert_id: str) -> bool:
        """Erase the text as sent; False where there was none.

        Raises:
            UnknownAlert: there is no such alert.
        """
        with self._database.writing("erase an original text") as connection:
            seq = get_alert(connection, alert_id).seq
            return connection.execute(delete(originals).where(originals.c.alert_seq == seq)).rowcount > 0

    def renew_originals(self) -> int:
        """Encrypt every text with the first key, after which the others may go; how many there were.

        Raises:
            OriginalUnreadable: a text was stored with a key that is not here; then nothing is changed.
        """
        with self._database.writing("renew the encryption of original texts") as connection:
            renew_secrets(connection, self._needed_keys())
            return _renew(connection, self._needed_keys())

    def _needed_keys(self) -> PersonalKeys:
        if self._keys is None:
            raise OriginalUnreadable("Original texts are encrypted, and this store was opened without their keys.")
        return self._keys


def add_to_original(
    connection: Connection, alert: StoredAlert, sent: str, masked: str | None, keys: PersonalKeys | None
) -> None:
    """Add what was sent later to the text as sent; without keys none is kept, nor where it is the masked text.

    Raises:
        OriginalUnreadable: there is a text, but not the key that it was stored with.
    """
    if keys is None:
        return
    mine = originals.c.alert_seq == alert.seq
    token = connection.execute(select(originals.c.token).where(mine)).scalar_one_or_none()
    whole = joined_text(alert.text if token is None else keys.decrypt(alert.id, token), sent)
    if whole != masked:
        connection.execute(delete(originals).where(mine))
        connection.execute(insert(originals).values(alert_seq=alert.seq, token=keys.encrypt(alert.id, whole)))


def _renew(connection: Connection, keys: PersonalKeys) -> int:
    numbers = list(connection.execute(select(originals.c.alert_seq)).scalars())
    for seq in numbers:
        mine = originals.c.alert_seq == seq
        token = connection.execute(select(originals.c.token).where(mine)).scalar_one()
        connection.execute(update(originals).where(mine).values(token=keys.renew(token)))
    return len(numbers)
