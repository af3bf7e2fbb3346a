"""The folder of answers: one Parquet file for each part, whole or not there at all."""

import contextlib
import io
import os
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from fsspec.implementations.local import LocalFileSystem
from pydantic import ValidationError

from cli.backfill.archive import reach
from cli.backfill.manifest import Manifest
from cli.backfill.parts import Part
from triage.errors import InvalidConfiguration

# Readers of Parquet folders pass over names that begin so.
MANIFEST, SUCCESS = "_backfill.json", "_SUCCESS"
_DIGEST, _ERRORS = b"triage.backfill", b"triage.errors"
_TEMPORARY = ".part-"


class OutputFolder:
    """Where answers go.

    Args:
        url: of a folder, anything that fsspec writes to.

    Raises:
        InvalidConfiguration: the URL is of an unknown kind.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._fs, self._path = reach(url, "--output")

    def prepare(self, manifest: Manifest, *, fresh: bool) -> None:
        """Make the folder ready for these answers, keeping the parts of an earlier start.

        Raises:
            InvalidConfiguration: it holds other things, or the answers to something else and `fresh` is not set.
        """
        try:
            self._fs.makedirs(self._path, exist_ok=True)
            names = self._names()
            known = self._read_manifest() if MANIFEST in names else None
            if known is None and not all(name.startswith(_TEMPORARY) for name in names):
                raise InvalidConfiguration(f"The folder {self._url} of --output holds other files; name an empty one.")
            if known and known != manifest and not fresh:
                raise InvalidConfiguration(
                    f"{self._url} holds answers of an earlier start, and"
                    f" {' and '.join(known.differences(manifest)) or 'the program'} changed since then; name another"
                    " folder, or start over with --fresh."
                )
            self._clear(names if fresh else [name for name in names if name.startswith(_TEMPORARY)])
            self._put(MANIFEST, manifest.model_dump_json(indent=2).encode() + b"\n")
        except (OSError, NotImplementedError) as error:
            raise InvalidConfiguration(f"The folder {self._url} of --output cannot be written: {error}.") from error

    def finished(self, parts: Sequence[Part], manifest: Manifest) -> dict[int, int]:
        """The numbers of the parts that are there already, each with how many of its rows are errors."""
        names = set(self._names())
        found = {}
        for part in parts:
            errors = self._errors(part, manifest) if part.name in names else None
            if errors is not None:
                found[part.number] = errors
        return found

    def write(self, part: Part, table: Any, digest: str, errors: int) -> None:
        """Write a part, so that it is there whole or not at all.

        Raises:
            OSError: it cannot be written.
        """
        stream = io.BytesIO()
        notes = {_DIGEST: digest.encode(), _ERRORS: str(errors).encode()}
        pq.write_table(table.replace_schema_metadata(notes), stream, compression="zstd")
        self._put(part.name, stream.getvalue())

    def complete(self) -> None:
        """Note that every part is there, as Spark does."""
        self._put(SUCCESS, b"")

    def _put(self, name: str, content: bytes) -> None:
        if not isinstance(self._fs, LocalFileSystem):
            # Object stores show an object when all of it is there; elsewhere a part that was cut off has no footer.
            self._fs.pipe_file(f"{self._path}/{name}", content)
            return
        folder = Path(self._path)
        temporary = folder / f"{_TEMPORARY}{uuid.uuid4().hex}"
        with temporary.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(folder / name)

    def _names(self) -> list[str]:
        self._fs.invalidate_cache()
        return [path.rstrip("/").rpartition("/")[2] for path in self._fs.ls(self._path, detail=False)]

    def _read_manifest(self) -> Manifest:
        try:
            return Manifest.model_validate_json(self._fs.cat_file(f"{self._path}/{MANIFEST}"))
        except ValidationError as error:
            raise InvalidConfiguration(
                f"{self._url}/{MANIFEST} was written by another version of triage or is broken; name another folder."
            ) from error

    def _clear(self, names: Sequence[str]) -> None:
        ours = [name for name in names if name.startswith((_TEMPORARY, "part-")) or name in {MANIFEST, SUCCESS}]
        for name in ours:
            self._fs.rm_file(f"{self._path}/{name}")

    def _errors(self, part: Part, manifest: Manifest) -> int | None:
        """How many rows of a written part are errors; None where it is not whole or answers something else."""
        with self._opened(part) as metadata:
            notes = (metadata.metadata or {}) if metadata else {}
            whole = metadata is not None and metadata.num_rows == part.piece.rows
        return int(notes[_ERRORS]) if whole and notes.get(_DIGEST) == manifest.digest.encode() else None

    @contextlib.contextmanager
    def _opened(self, part: Part) -> Iterator[Any]:
        with self._fs.open(f"{self._path}/{part.name}", "rb") as stream:
            try:
                metadata = pq.read_metadata(stream)
            except (pa.ArrowException, OSError):
                metadata = None
            yield metadata
