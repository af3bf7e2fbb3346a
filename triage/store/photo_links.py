"""Links to photos that lie elsewhere: kept as they came, and never followed from here."""

from collections.abc import Sequence

from sqlalchemy import Column, Table, Text, insert, select

from triage.store.base import StoreBase
from triage.store.rows import chunks, get_alert
from triage.store.schema import alerts, metadata, of_alert

photo_links = Table(
    "photo_links",
    metadata,
    of_alert(primary_key=True, autoincrement=False),
    Column("url", Text, nullable=False),
)


class PhotoLinks(StoreBase):
    """At most one link an alert. Every method raises StoreFailed where the database cannot be read or written."""

    def keep_photo_link(self, alert_id: str, url: str) -> None:
        """Keep the link to a photo of an alert; one that is there already stays.

        Raises:
            UnknownAlert: the alert is not stored.
        """
        with self._database.writing("keep a link to a photo") as connection:
            seq = get_alert(connection, alert_id).seq
            known = select(photo_links.c.url).where(photo_links.c.alert_seq == seq)
            if connection.execute(known).first() is None:
                connection.execute(insert(photo_links).values(alert_seq=seq, url=url))

    def photo_links_of(self, alert_ids: Sequence[str]) -> dict[str, str]:
        """Id → link of those alerts that have one."""
        found: dict[str, str] = {}
        joined = select(alerts.c.id, photo_links.c.url).join(photo_links, photo_links.c.alert_seq == alerts.c.seq)
        with self._database.reading("read links to photos") as connection:
            for chunk in chunks(alert_ids):
                found.update({row.id: row.url for row in connection.execute(joined.where(alerts.c.id.in_(chunk)))})
        return found
