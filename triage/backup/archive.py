"""The file of a backup: a zip of JSON Lines whose manifest holds the digest of each, for its owner alone."""

import contextlib
import hashlib
import os
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from triage.backup.errors import BackupFailed, InvalidBackup
from triage.errors import first_fault

MANIFEST = "manifest.json"
KEYS = "keys/personal.key"

_MAX_MANIFEST_BYTES = 1_000_000
_MAX_LINE_BYTES = 64_000_000
_MAX_PHOTO_BYTES = 50_000_000
_CHUNK = 1 << 20
_PHOTO = re.compile(r"photos/([0-9a-f]{64})\.jpg")
# Rows compress to a fifth at the quickest level already; photos not at all.
_LEVEL = 1

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
# What has been done so far, and of how much.
Advance = Callable[[int, int], None]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Member(_Frozen):
    """One file in the backup; `rows` are its lines."""

    sha256: Sha256
    bytes: int = Field(ge=0)
    rows: int = Field(ge=0)


class BackupManifest(_Frozen):
    """What a backup says of itself.

    Attributes:
        revision: that of the tables; a restore brings them to its own.
        database: whose rows they were; either database takes them.
        made_at: the moment that all rows are of.
        tables: the rows of each table.
        last_numbers: the last number that each numbered table gave.
        keys: the keys for personal data, where they were asked for.
        photos: how many photos are in it; None where none were asked for.
        photos_missing: how many more alerts name that are kept no more.
    """

    format: Literal[1] = 1
    program: str
    revision: str
    database: Literal["sqlite", "postgresql"]
    made_at: AwareDatetime
    tables: dict[str, Member]
    last_numbers: dict[str, Annotated[int, Field(ge=0)]]
    keys: Member | None = None
    photos: int | None = None
    photos_missing: int = 0

    @property
    def rows(self) -> int:
        """How many rows it holds."""
        return sum(member.rows for member in self.tables.values())


@dataclass
class BackupWriter:
    """Writes a backup from its first member to its manifest; see `new_backup`."""

    archive: zipfile.ZipFile
    tables: dict[str, Member] = field(default_factory=dict)
    keys: Member | None = None
    photos: int = 0

    def add_table(self, name: str, lines: Iterable[bytes]) -> None:
        """Add the rows of a table, one a line."""
        self.tables[name] = self._add(_table(name), lines)

    def add_keys(self, keys: Iterable[str]) -> None:
        """Add the keys for personal data, one a line."""
        self.keys = self._add(KEYS, (f"{key}\n".encode() for key in keys))

    def add_photo(self, key: str, content: bytes) -> None:
        """Add a photo under the digest of its bytes."""
        self.archive.writestr(f"photos/{key}.jpg", content, zipfile.ZIP_STORED)
        self.photos += 1

    def add_manifest(self, manifest: BackupManifest) -> None:
        """End the backup; before this it is none."""
        self.archive.writestr(MANIFEST, manifest.model_dump_json(indent=2) + "\n")

    def _add(self, name: str, lines: Iterable[bytes]) -> Member:
        digest, size, rows = hashlib.sha256(), 0, 0
        with self.archive.open(name, "w", force_zip64=True) as stream:
            for line in lines:
                digest.update(line)
                stream.write(line)
                size, rows = size + len(line), rows + 1
        return Member(sha256=digest.hexdigest(), bytes=size, rows=rows)


@contextlib.contextmanager
def new_backup(path: Path) -> Iterator[BackupWriter]:
    """A backup that is there when all of it is on disk, and not at all before.

    Raises:
        BackupFailed: it cannot be written, or another file has its name.
    """
    if path.exists():
        raise BackupFailed(f"There is a file {path} already; name another one.")
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as stream:
                with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as archive:
                    yield BackupWriter(archive)
                stream.flush()
                os.fsync(stream.fileno())
            scratch.rename(path)
        finally:
            scratch.unlink(missing_ok=True)
    except OSError as error:
        raise BackupFailed(f"The backup {path} cannot be written ({error.strerror}); name another place.") from error


class BackupReader:
    """A backup, of which nothing is believed before `verify` has read all of it."""

    def __init__(self, path: Path, archive: zipfile.ZipFile) -> None:
        self._path = path
        self._archive = archive
        self.manifest = self._read_manifest()
        self._members = {_table(name): member for name, member in self.manifest.tables.items()}
        if self.manifest.keys is not None:
            self._members[KEYS] = self.manifest.keys

    def verify(self, advance: Advance = lambda *_: None) -> None:
        """Read all of it and compare it with its manifest.

        Raises:
            InvalidBackup: it is not what was written.
        """
        entries = self._archive.infolist()
        names = [entry.filename for entry in entries]
        photos = {name for name in names if _PHOTO.fullmatch(name)}
        foreign = sorted({*names} - photos - {*self._members, MANIFEST})
        if foreign or len(set(names)) < len(names):
            raise self._invalid(f"it holds {foreign[0] if foreign else 'a name twice'}, which was not written")
        if len(photos) != (self.manifest.photos or 0):
            raise self._invalid(f"it holds {len(photos)} photos instead of {self.manifest.photos or 0}")
        total, done = sum(entry.file_size for entry in entries), 0
        for name in (*self._members, *sorted(photos)):
            done += self._verify(name)
            advance(done, total)

    def lines(self, table: str) -> Iterator[bytes]:
        """The rows of a table, one a line."""
        with self._open(_table(table)) as stream:
            while line := stream.readline(_MAX_LINE_BYTES):
                yield line

    def keys(self) -> tuple[str, ...]:
        """The keys for personal data; none where they are not in it."""
        if self.manifest.keys is None:
            return ()
        with self._open(KEYS) as stream:
            return tuple(stream.read(_MAX_LINE_BYTES).decode("ascii", "replace").split())

    def photos(self) -> Iterator[tuple[str, bytes]]:
        """Every photo with its key."""
        for name in self._archive.namelist():
            if match := _PHOTO.fullmatch(name):
                with self._open(name) as stream:
                    yield match[1], stream.read(_MAX_PHOTO_BYTES)

    def _verify(self, name: str) -> int:
        digest, size, rows = hashlib.sha256(), 0, 0
        photo = _PHOTO.fullmatch(name)
        with self._open(name) as stream:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
                size, rows = size + len(chunk), rows + chunk.count(b"\n")
                if size > (_MAX_PHOTO_BYTES if photo else self._members[name].bytes):
                    raise self._invalid(f"{name} is longer than what was written")
        found = Member(sha256=digest.hexdigest(), bytes=size, rows=rows)
        if (photo and found.sha256 != photo[1]) or (not photo and found != self._members[name]):
            raise self._invalid(f"{name} is not what was written")
        return size

    def _read_manifest(self) -> BackupManifest:
        with self._open(MANIFEST) as stream:
            content = stream.read(_MAX_MANIFEST_BYTES)
        try:
            return BackupManifest.model_validate_json(content)
        except ValidationError as error:
            raise self._invalid(f"its manifest has a fault: {first_fault(error, 'the document')}") from error

    @contextlib.contextmanager
    def _open(self, name: str) -> Iterator[IO[bytes]]:
        try:
            with self._archive.open(name) as stream:
                yield stream
        except KeyError:
            raise self._invalid(f"{name} is missing") from None
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
            raise self._invalid(f"{name} is damaged") from error

    def _invalid(self, why: str) -> InvalidBackup:
        return InvalidBackup(f"The backup {self._path} cannot be used: {why}. Use another copy of it.")


@contextlib.contextmanager
def opened_backup(path: Path) -> Iterator[BackupReader]:
    """A backup to be read.

    Raises:
        InvalidBackup: the file is no backup.
    """
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, EOFError, ValueError) as error:
        raise InvalidBackup(
            f"{path} is no backup, or only the beginning of one; name a file that `triage backup` wrote."
        ) from error
    with archive:
        yield BackupReader(path, archive)


def _table(name: str) -> str:
    return f"tables/{name}.jsonl"
