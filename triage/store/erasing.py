"""What is erased of an alert at its reporter's wish; what was counted from it stays."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, Text, cast, delete, select, update

from triage.store.audit import AuditEntry, write_entry
from triage.store.base import StoreBase
from triage.store.photo_links import photo_links
from triage.store.records import Json, StoredAlert
from triage.store.review_tables import notes, returns
from triage.store.rows import change_alert, get_alert
from triage.store.schema import alerts, events, originals, predictions, readings, reviews, vectors
from triage.store.staff_tables import audit
from triage.store.untriaged import untriaged

# Stands where a text was, like the marks of redaction.
ERASED = "<EFFACE>"
# Of a photo: that there was one.
NO_PHOTO: Json = {"key": None, "held": False}
ERASURE = "personal_data_erased"

# Free text of events, and what may hold words of an explained answer.
_TEXTS_OF_EVENTS = ("note", "text", "address")
_EXPLANATION = "explanation"


@dataclass(frozen=True, slots=True)
class Erasure:
    """What an erasure erased.

    Attributes:
        original: whether there was a text as sent that differs from the masked one.
        photos: the keys of the photos that the alert names no more; the photos themselves are elsewhere.
        changed: whether anything was there to erase.
    """

    alert_id: str
    original: bool
    changed: bool
    photos: frozenset[str] = field(default_factory=frozenset)


class Erasing(StoreBase):
    """Erasure by alert. Every method raises StoreFailed where the database cannot be read or written."""

    def erase_personal_data(self, alert_id: str, actor: str) -> Erasure:
        """Erase what an alert holds of a person; a second time changes nothing.

        The text as sent, vectors, plates, links to photos and free text of staff are gone, the masked text is replaced
        by a mark, the alert names no photo, and no model will be asked about it again. Place, codes, answers, times and
        links stay. The audit log says who did it.

        Args:
            alert_id: which alert.
            actor: who does it.

        Raises:
            UnknownAlert: there is no such alert.
        """
        with self._database.writing("erase personal data") as connection:
            return erase_rows(connection, get_alert(connection, alert_id), actor, self._clock())

    def photos_elsewhere(self, alert_id: str, keys: Collection[str]) -> frozenset[str]:
        """Which of an alert's photos another alert has too: the same picture is kept once."""
        with self._database.reading("look for other alerts of a photo") as connection:
            return still_named(connection, keys, besides=alert_id)


def still_named(connection: Connection, keys: Collection[str], besides: str | None = None) -> frozenset[str]:
    """Which of these photos an alert names, another than the one given."""
    # A key is 64 hexadecimal digits: no other thing in the column can look like it.
    naming = (select(alerts.c.seq).where(cast(alerts.c.photos, Text).contains(key)) for key in keys)
    others = naming if besides is None else (each.where(alerts.c.id != besides) for each in naming)
    return frozenset(
        key for key, each in zip(keys, others, strict=True) if connection.execute(each.limit(1)).first() is not None
    )


def erase_rows(connection: Connection, alert: StoredAlert, actor: str, now: datetime) -> Erasure:
    """Erase as part of a transaction; see `Erasing.erase_personal_data`."""
    mine = originals.c.alert_seq == alert.seq
    original = connection.execute(delete(originals).where(mine)).rowcount > 0
    parts = (vectors, photo_links, untriaged)
    gone = [connection.execute(delete(part).where(part.c.alert_seq == alert.seq)).rowcount > 0 for part in parts]
    keys = frozenset(str(photo["key"]) for photo in alert.photos if photo.get("key"))
    values = _erased_fields(alert)
    if values:
        change_alert(connection, alert.id, now, **values)
    texts = _erase_texts(connection, alert)
    changed = original or any(gone) or bool(values) or texts
    if changed:
        details = {"original": original, "photos": len(keys)}
        write_entry(connection, AuditEntry(now, actor, ERASURE, alert.id, details))
    return Erasure(alert.id, original, changed, keys)


def erasures_since(connection: Connection, moment: datetime) -> tuple[tuple[str, str], ...]:
    """The alerts erased from a moment on, with who did it, in their order."""
    entries = select(audit.c.subject, audit.c.actor).where(audit.c.action == ERASURE, audit.c.at >= moment)
    return tuple((row.subject, row.actor) for row in connection.execute(entries.order_by(audit.c.seq)))


def without_photos(photos: tuple[Json, ...]) -> list[Json]:
    """That there were so many photos, and nothing that tells one from another."""
    return [dict(NO_PHOTO) for _ in photos]


def _erased_fields(alert: StoredAlert) -> dict[str, Any]:
    empty: dict[str, Any] = {
        "text": ERASED if alert.text else "",
        "category_hint": None,
        "address": None,
        "status_note": None,
        "plates": [],
        "photos": without_photos(alert.photos),
        "vector_version": "",
    }
    is_now = {name: getattr(alert, name) for name in empty}
    is_now |= {name: list(is_now[name]) for name in ("plates", "photos")}
    return {name: value for name, value in empty.items() if is_now[name] != value}


def _erase_texts(connection: Connection, alert: StoredAlert) -> bool:
    """Erase what staff wrote about an alert, and words in answers and events; whether there was anything."""
    of_alert = ((notes, "text"), (reviews, "note"), (returns, "reason"))
    found = [_mark(connection, table, name, table.c.alert_seq == alert.seq) for table, name in of_alert]
    found.append(_mark(connection, readings, "purpose", readings.c.alert_id == alert.id))
    explained = (predictions, predictions.c.alert_seq == alert.seq, (_EXPLANATION,))
    told = (events, events.c.alert_id == alert.id, _TEXTS_OF_EVENTS)
    found += [_empty(connection, *each) for each in (explained, told)]
    return any(found)


def _mark(connection: Connection, table: Table, name: str, condition: Any) -> bool:
    column = table.c[name]
    rows = update(table).where(condition, column.is_not(None), column != ERASED)
    return connection.execute(rows.values({name: ERASED})).rowcount > 0


def _empty(connection: Connection, table: Table, condition: Any, names: tuple[str, ...]) -> bool:
    rows = connection.execute(select(table.c.seq, table.c.body).where(condition)).all()
    changed = [row for row in rows if any(row.body.get(name) is not None for name in names)]
    for row in changed:
        body = row.body | {name: None for name in names if name in row.body}
        connection.execute(update(table).where(table.c.seq == row.seq).values(body=body))
    return bool(changed)
