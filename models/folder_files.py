"""How the files of a folder of models are read and written: whole or not at all, one change at a time."""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from models.promotions import Challenger, HistoryEntry, Promotion
from triage.errors import InvalidModelFolder, first_fault

_LOCK = ".lock"
_MOST_BYTES = 64_000  # what names a champion is a few lines; more is no such file

_Named = TypeVar("_Named", Promotion, Challenger)


@contextmanager
def changing(folder: Path) -> Iterator[None]:
    """One change of a folder at a time, also among processes; the folder is made where it is missing.

    Raises:
        InvalidModelFolder: it cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / _LOCK).open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
    except OSError as error:
        raise InvalidModelFolder(f"The folder of models {folder} cannot be changed: {error}.") from error


def read_named(file: Path, kind: type[_Named]) -> _Named | None:
    """What a file names; none where there is no file.

    Raises:
        InvalidModelFolder: it cannot be read, or names nothing.
    """
    try:
        with file.open("rb") as stream:
            return kind.model_validate_json(stream.read(_MOST_BYTES))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InvalidModelFolder(f"{file} cannot be read: {error.strerror}.") from error
    except ValidationError as error:
        raise InvalidModelFolder(f"{file} names no model: {first_fault(error, 'the document')}.") from error


def read_history(file: Path) -> tuple[HistoryEntry, ...]:
    """All lines of a history, oldest first, but for one at its end that a crash cut off.

    Raises:
        InvalidModelFolder: it cannot be read, or another line is no entry.
    """
    try:
        lines = file.read_text(encoding="utf-8").split("\n") if file.exists() else [""]
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidModelFolder(f"The history {file} cannot be read: {error}.") from error
    entries = []
    for number, line in enumerate(lines[:-1], 1):
        try:
            entries.append(HistoryEntry.model_validate_json(line))
        except ValidationError as error:
            fault = first_fault(error, "the line")
            raise InvalidModelFolder(f"{file}, line {number} is no entry of a history: {fault}.") from error
    return tuple(entries)


def append_entry(file: Path, entry: HistoryEntry) -> None:
    """Add a line to a history, in place of one that a crash cut off."""
    with file.open("a+b") as stream:
        stream.seek(0)
        stream.truncate(stream.read().rfind(b"\n") + 1)
        stream.write(entry.model_dump_json().encode() + b"\n")
        stream.flush()
        os.fsync(stream.fileno())


def replace_file(file: Path, content: BaseModel) -> None:
    """Write a file so that a reader sees what was there before, or all of what is there now."""
    with tempfile.NamedTemporaryFile(dir=file.parent, prefix=f".{file.name}-", delete=False) as stream:
        scratch = Path(stream.name)
        try:
            stream.write(content.model_dump_json(indent=2).encode() + b"\n")
            stream.flush()
            os.fsync(stream.fileno())
            scratch.chmod(0o644)  # the service may run as another user than who promotes
            scratch.replace(file)
        except BaseException:
            scratch.unlink(missing_ok=True)
            raise
    sync_folder(file.parent)


def sync_folder(folder: Path) -> None:
    """Make names that were just given outlive a crash."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
