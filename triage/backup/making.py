"""Makes a backup of a store that others go on using."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Connection, func, select

from triage.backup.archive import Advance, BackupManifest, BackupWriter, new_backup
from triage.backup.errors import BackupFailed
from triage.backup.tables import StoredTable, as_line, last_numbers, tables_at
from triage.errors import PhotoMissing
from triage.photo_storage import PhotoStorage
from triage.store.database import Database
from triage.store.upgrade import known_revisions, refuse_newer, revision_of

_ROWS = 1_000


@dataclass(frozen=True, slots=True)
class Beside:
    """What goes into a backup beside the rows.

    Attributes:
        photos: where the photos are that alerts name; None leaves them out.
        keys: the keys for personal data. Who has them and the backup reads every text as sent.
    """

    photos: PhotoStorage | None = None
    keys: Sequence[str] = ()


def make_backup(
    database: Database,
    path: Path,
    beside: Beside,
    clock: Callable[[], datetime],
    advance: Advance = lambda *_: None,
) -> BackupManifest:
    """Write every row as it was at one moment; nobody waits for it, and the tables are not upgraded.

    Args:
        database: the store.
        path: the file, which must not be there.
        beside: what else goes in.
        clock: tells the moment.
        advance: is told how many rows and photos are written, and of how many.

    Raises:
        BackupFailed: there is no store, or the file cannot be written.
        StoreTooNew: a newer version of this project made the store.
        StoreFailed: the store cannot be read.
        PhotoStorageFailed: photos cannot be read.
    """
    with new_backup(path) as writer, database.snapshot("be backed up") as connection:
        revision = revision_of(connection)
        if revision is None:
            raise BackupFailed("There is no alert store in this database yet; name another one with --store.")
        refuse_newer(revision, known_revisions())
        making = _Making(connection, writer, tables_at(revision), advance, set())
        made_at = clock()
        making.write_tables()
        missing = 0 if beside.photos is None else making.write_photos(beside.photos)
        if beside.keys:
            writer.add_keys(beside.keys)
        kind: Literal["sqlite", "postgresql"] = "sqlite" if database.is_sqlite else "postgresql"
        manifest = BackupManifest(
            program=version("ondijon-triage"),
            revision=revision,
            database=kind,
            made_at=made_at,
            tables=writer.tables,
            last_numbers=last_numbers(connection, making.tables),
            keys=writer.keys,
            photos=None if beside.photos is None else writer.photos,
            photos_missing=missing,
        )
        writer.add_manifest(manifest)
        return manifest


@dataclass
class _Making:
    """One backup on its way; `photos` are the keys that the alerts written so far name, as bytes."""

    connection: Connection
    writer: BackupWriter
    tables: tuple[StoredTable, ...]
    advance: Advance
    photos: set[bytes]
    done: int = 0
    total: int = 0

    def write_tables(self) -> None:
        for each in self.tables:
            count = select(func.count()).select_from(each.table)
            self.total += self.connection.execute(count).scalar_one()
        for each in self.tables:
            self.writer.add_table(each.name, self._lines(each))

    def write_photos(self, storage: PhotoStorage) -> int:
        """Add the photos; how many are kept no more."""
        missing = 0
        self.total += len(self.photos)
        for key in sorted(each.hex() for each in self.photos):
            try:
                self.writer.add_photo(key, storage.get(key))
            except PhotoMissing:
                missing += 1
            self._advance()
        return missing

    def _lines(self, each: StoredTable) -> Iterator[bytes]:
        # In order of the key: equal stores give equal files.
        ordered = select(each.table).order_by(*each.table.primary_key.columns)
        for row in self.connection.execute(ordered, execution_options={"yield_per": _ROWS}):
            values: dict[str, Any] = dict(row._mapping)
            if each.name == "alerts":
                self.photos |= {bytes.fromhex(key) for photo in values["photos"] if (key := photo.get("key"))}
            yield as_line(values)
            self._advance()

    def _advance(self) -> None:
        self.done += 1
        if self.done % _ROWS == 0 or self.done == self.total:
            self.advance(self.done, self.total)
