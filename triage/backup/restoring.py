"""Puts a backup into a database, of either kind: all of it, or nothing is changed."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from sqlalchemy import Connection, Table, insert, select

from triage.backup.archive import Advance, BackupReader
from triage.backup.errors import InvalidBackup, StoreNotEmpty
from triage.backup.tables import PLACES, StoredTable, as_row, continue_numbers, tables_at
from triage.photo_storage import PhotoStorage
from triage.store.audit import COMMAND_LINE, NOBODY, AuditEntry, write_entry
from triage.store.database import Database
from triage.store.erasing import erase_rows, erasures_since, still_named
from triage.store.rows import find_alert
from triage.store.upgrade import VERSION_TABLE, known_revisions, refuse_newer, revision_of, upgrade_to

_ROWS = 1_000


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored.

    Attributes:
        rows: how many rows of the backup.
        erased: ids of the alerts whose personal data was erased again, because it was after the backup.
        photos: keys of these alerts' photos, which must not come back.
    """

    rows: int
    erased: tuple[str, ...]
    photos: frozenset[str]


def restore_photos(backup: BackupReader, storage: PhotoStorage, leave_out: frozenset[str]) -> int:
    """Put the photos of a verified backup back; how many. Those that are there already are written again.

    Args:
        backup: where they are.
        storage: where they go.
        leave_out: the keys of those that must not come back.

    Raises:
        InvalidBackup: the file has changed since it was verified.
        PhotoStorageFailed: they cannot be written.
    """
    count = 0
    for key, content in backup.photos():
        if key not in leave_out:
            storage.restore(key, content)
            count += 1
    return count


def restore_tables(
    database: Database,
    backup: BackupReader,
    clock: Callable[[], datetime],
    advance: Advance = lambda *_: None,
    *,
    replace: bool = False,
) -> Restored:
    """Put the rows of a verified backup into a database and bring its tables to this version, in one transaction.

    Whatever was erased at a resident's wish since the backup was made, in the store that is replaced, is erased again.

    Args:
        database: where.
        backup: what.
        clock: tells the moment, for the audit log.
        advance: is told how many rows are written, and of how many.
        replace: whether what is stored there may be lost.

    Raises:
        StoreNotEmpty: something is stored there and may not be replaced.
        StoreTooNew: a newer version of this project made the backup, or the store.
        InvalidBackup: its rows do not fit its tables.
        StoreFailed: the database cannot be written.
    """
    known = known_revisions()
    refuse_newer(backup.manifest.revision, known)
    tables = tables_at(backup.manifest.revision)
    if {each.name for each in tables} != set(backup.manifest.tables):
        raise InvalidBackup("The backup does not hold the tables of its revision; use another one.")
    with database.writing("be restored (PostgreSQL needs the extensions postgis and btree_gist)") as connection:
        there = revision_of(connection)
        refuse_newer(there, known)
        erased = _clear(connection, there, backup.manifest.made_at, replace=replace)
        upgrade_to(connection, backup.manifest.revision)
        _defer_references(connection, tables)
        _fill(connection, tables, backup, advance)
        _check_references(connection, tables)
        continue_numbers(connection, backup.manifest.last_numbers)
        upgrade_to(connection, "head")
        again, photos = _erase_again(connection, erased, clock())
        details = {"made_at": backup.manifest.made_at.isoformat(), "rows": backup.manifest.rows, "erased": len(again)}
        write_entry(connection, AuditEntry(clock(), COMMAND_LINE, "backup_restored", NOBODY, details))
    return Restored(backup.manifest.rows, again, photos)


def _clear(
    connection: Connection, revision: str | None, made_at: datetime, *, replace: bool
) -> tuple[tuple[str, str], ...]:
    """Drop what is stored; the erasures that a backup of that moment does not know, each an alert's id and an actor."""
    if revision is None:
        return ()
    tables = tables_at(revision)
    if not replace and any(_holds_rows(connection, each.table) for each in tables):
        raise StoreNotEmpty(
            "Something is stored there already; name an empty database with --store, or add --replace to lose it."
        )
    erased = erasures_since(connection, made_at) if any(each.name == "audit" for each in tables) else ()
    _drop(connection, tables)
    return erased


def _holds_rows(connection: Connection, table: Table) -> bool:
    return connection.execute(select(*table.columns).limit(1)).first() is not None


def _drop(connection: Connection, tables: tuple[StoredTable, ...]) -> None:
    own = [PLACES] if connection.dialect.name == "sqlite" else []
    for name in (*(each.name for each in reversed(tables)), *own, VERSION_TABLE):
        connection.exec_driver_sql(f'DROP TABLE "{name}"')


def _defer_references(connection: Connection, tables: tuple[StoredTable, ...]) -> None:
    """Let rows refer to rows that come later."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        return
    _alter_references(connection, tables, "DEFERRABLE INITIALLY DEFERRED")


def _check_references(connection: Connection, tables: tuple[StoredTable, ...]) -> None:
    if connection.dialect.name == "sqlite":
        if connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
            raise InvalidBackup("A row of the backup refers to one that is not in it; use another backup.")
        return
    connection.exec_driver_sql("SET CONSTRAINTS ALL IMMEDIATE")
    _alter_references(connection, tables, "NOT DEFERRABLE")


def _alter_references(connection: Connection, tables: tuple[StoredTable, ...], how: str) -> None:
    for each in tables:
        for name in each.own_references:
            connection.exec_driver_sql(f'ALTER TABLE "{each.name}" ALTER CONSTRAINT "{name}" {how}')


def _fill(connection: Connection, tables: tuple[StoredTable, ...], backup: BackupReader, advance: Advance) -> None:
    done, total = 0, backup.manifest.rows
    for each in tables:
        for lines in _parts(backup.lines(each.name)):
            try:
                rows = [as_row(line, each.table) for line in lines]
            except ValueError as error:
                raise InvalidBackup(f"A row of {each.name} in the backup cannot be read: {error}.") from None
            connection.execute(insert(each.table), rows)
            done += len(rows)
            advance(done, total)


def _parts(lines: Iterable[bytes]) -> Iterator[list[bytes]]:
    rest = iter(lines)
    while part := list(islice(rest, _ROWS)):
        yield part


def _erase_again(
    connection: Connection, erased: tuple[tuple[str, str], ...], now: datetime
) -> tuple[tuple[str, ...], frozenset[str]]:
    again, photos = [], set[str]()
    for alert_id, actor in erased:
        alert = find_alert(connection, alert_id)
        if alert is not None:
            photos |= erase_rows(connection, alert, actor, now).photos
            again.append(alert_id)
    return tuple(again), frozenset(photos) - still_named(connection, photos)
