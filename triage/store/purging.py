"""What is too old to be kept: found page by page without holding anybody up, and erased a few rows at a time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Table, Text, and_, cast, delete, exists, func, or_, select, update

from triage.store.audit import AuditEntry, write_entry
from triage.store.base import StoreBase
from triage.store.erasing import ERASED, without_photos
from triage.store.photo_links import photo_links
from triage.store.records import Json
from triage.store.review_tables import notes, returns
from triage.store.schema import alerts, events, originals, readings, reviews
from triage.store.untriaged import untriaged

PURGE = "personal_data_purged"
# Rows of one transaction: some milliseconds in which nobody else writes.
BATCH = 200
# Rows of one page that is only read.
_PAGE = 2_000

_Erase = Callable[[Connection, Sequence[int]], None]


@dataclass(frozen=True, slots=True)
class Outdated:
    """One kind of what becomes too old.

    Attributes:
        name: what it is, as reports call it.
        number: the column that numbers its rows.
        holds: which rows hold some, made before a moment.
        erase: erases it from rows.
    """

    name: str
    number: ColumnElement[int]
    holds: Callable[[datetime], ColumnElement[bool]]
    erase: _Erase


@dataclass(frozen=True, slots=True)
class OldPhotos:
    """An alert whose photos are too old: its number, and the keys of those that are kept."""

    seq: int
    keys: frozenset[str]


@dataclass(frozen=True, slots=True)
class OldPhotosPage:
    """Some of them; `last` is the number to go on after, None where there are no more."""

    found: tuple[OldPhotos, ...]
    last: int | None


class Purging(StoreBase):
    """What retention needs. Every method raises StoreFailed where the database cannot be read or written."""

    def count_outdated(self, kind: Outdated, before: datetime) -> int:
        """How many rows hold what is older than a moment."""
        with self._database.reading("look for what is too old") as connection:
            return connection.execute(select(func.count(kind.number)).where(kind.holds(before))).scalar_one()

    def outdated(self, kind: Outdated, before: datetime, after: int) -> tuple[int, ...]:
        """The numbers of the next rows after a number that hold what is older than a moment."""
        chosen = select(kind.number).where(kind.number > after, kind.holds(before))
        with self._database.reading("look for what is too old") as connection:
            return tuple(connection.execute(chosen.order_by(kind.number).limit(BATCH)).scalars())

    def erase_outdated(self, kind: Outdated, numbers: Sequence[int]) -> None:
        """Erase it from these rows."""
        with self._database.writing("erase what is too old") as connection:
            kind.erase(connection, numbers)

    def old_photos(self, before: datetime, after: int) -> OldPhotosPage:
        """Alerts from before a moment that say more of their photos than how many there were."""
        some = select(alerts.c.seq, alerts.c.photos).where(
            alerts.c.seq > after, _is_old(before), cast(alerts.c.photos, Text) != "[]"
        )
        with self._database.reading("look for old photos") as connection:
            rows = connection.execute(some.order_by(alerts.c.seq).limit(_PAGE)).all()
        found = (OldPhotos(row.seq, photo_keys(row.photos)) for row in rows if row.photos != _forgotten(row.photos))
        return OldPhotosPage(tuple(found), rows[-1].seq if rows else None)

    def newer_photos(self, since: datetime) -> frozenset[str]:
        """The keys of the photos of alerts from a moment on."""
        some = select(alerts.c.photos).where(~_is_old(since), cast(alerts.c.photos, Text) != "[]")
        with self._database.reading("look for photos") as connection:
            found = connection.execute(some, execution_options={"yield_per": _PAGE}).scalars()
            return frozenset(key for photos in found for key in photo_keys(photos))

    def forget_photos(self, numbers: Sequence[int]) -> None:
        """Let alerts say only how many photos they had."""
        with self._database.writing("forget old photos") as connection:
            chosen = select(alerts.c.seq, alerts.c.photos).where(alerts.c.seq.in_(numbers))
            for row in connection.execute(chosen).all():
                mine = update(alerts).where(alerts.c.seq == row.seq)
                connection.execute(mine.values(photos=_forgotten(row.photos)))

    def record_purge(self, actor: str, details: Json) -> None:
        """Write into the audit log what was erased, in numbers."""
        with self._database.writing("write the audit log") as connection:
            write_entry(connection, AuditEntry(self._clock(), actor, PURGE, "-", details))


def photo_keys(photos: Sequence[Json]) -> frozenset[str]:
    """The keys of those photos that are kept."""
    return frozenset(str(photo["key"]) for photo in photos if photo.get("key"))


def _forgotten(photos: Sequence[Json]) -> list[Json]:
    return without_photos(tuple(photos))


def _is_old(before: datetime) -> ColumnElement[bool]:
    # Whichever was first: an archive is as old as its alerts, whenever it was imported.
    return or_(alerts.c.received_at < before, alerts.c.created_at < before)


def _of_old_alert(table: Table, before: datetime) -> ColumnElement[bool]:
    return exists().where(alerts.c.seq == table.c.alert_seq, _is_old(before))


def _erase_originals(connection: Connection, numbers: Sequence[int]) -> None:
    connection.execute(delete(originals).where(originals.c.alert_seq.in_(numbers)))


def _erase_plates(connection: Connection, numbers: Sequence[int]) -> None:
    connection.execute(update(alerts).where(alerts.c.seq.in_(numbers)).values(plates=[]))


def _erase_waiting_pictures(connection: Connection, numbers: Sequence[int]) -> None:
    connection.execute(update(untriaged).where(untriaged.c.alert_seq.in_(numbers)).values(photos=None))


def _erase_links(connection: Connection, numbers: Sequence[int]) -> None:
    connection.execute(delete(photo_links).where(photo_links.c.alert_seq.in_(numbers)))


def _erase_notes_of_events(connection: Connection, numbers: Sequence[int]) -> None:
    for row in connection.execute(select(events.c.seq, events.c.body).where(events.c.seq.in_(numbers))).all():
        body = row.body | {"note": None}
        connection.execute(update(events).where(events.c.seq == row.seq).values(body=body))


def _free_text(name: str, table: Table, column: str, moment: str, mark: str | None = ERASED) -> Outdated:
    """Free text in a column, which a mark replaces."""
    text, made = table.c[column], table.c[moment]

    def erase(connection: Connection, numbers: Sequence[int]) -> None:
        connection.execute(update(table).where(table.c.seq.in_(numbers)).values({column: mark}))

    return Outdated(name, table.c.seq, lambda before: and_(text.is_not(None), text != ERASED, made < before), erase)


# Texts without personal data stay: they are what the next model learns from. What staff and departments wrote by hand
# may name somebody, whatever the guide says.
PERSONAL: tuple[Outdated, ...] = (
    Outdated(
        "texts as sent",
        originals.c.alert_seq,
        lambda before: _of_old_alert(originals, before),
        _erase_originals,
    ),
    Outdated(
        "pictures that wait for a model",
        untriaged.c.alert_seq,
        lambda before: and_(untriaged.c.photos.is_not(None), _of_old_alert(untriaged, before)),
        _erase_waiting_pictures,
    ),
    Outdated(
        "digests of plates",
        alerts.c.seq,
        lambda before: and_(_is_old(before), cast(alerts.c.plates, Text) != "[]"),
        _erase_plates,
    ),
    _free_text("notes of staff", notes, "text", "written_at"),
    _free_text("notes on decisions", reviews, "note", "decided_at"),
    _free_text("reasons of returns", returns, "reason", "at"),
    _free_text("purposes of readings", readings, "purpose", "read_at"),
    _free_text("words to reporters", alerts, "status_note", "received_at", mark=None),
    Outdated(
        "words to reporters in events",
        events.c.seq,
        lambda before: and_(events.c.created_at < before, events.c.body["note"].as_string().is_not(None)),
        _erase_notes_of_events,
    ),
)

# Beside the photos themselves.
OF_PHOTOS: tuple[Outdated, ...] = (
    Outdated(
        "links to photos", photo_links.c.alert_seq, lambda before: _of_old_alert(photo_links, before), _erase_links
    ),
)
