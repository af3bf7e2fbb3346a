"""Map tiles from one PMTiles file: pictures only, each read bounded, nothing outside the file."""

import json
import os
import re
import zlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from pmtiles.tile import Compression, TileType, deserialize_directory, deserialize_header, find_tile, zxy_to_tileid

from triage.errors import InvalidConfiguration

MEDIA_TYPES = {
    TileType.PNG: "image/png",
    TileType.JPEG: "image/jpeg",
    TileType.WEBP: "image/webp",
    TileType.AVIF: "image/avif",
}
MAX_TILE_BYTES = 1_000_000
MAX_DIRECTORY_BYTES = 1_000_000
_HEADER_BYTES = 127
# The root and three levels of leaves, as the format allows.
_LEVELS = 4
_KEPT_DIRECTORIES = 32
# What the package and gzip raise for a file that is no archive, or a damaged one.
_DAMAGE = (ArithmeticError, EOFError, LookupError, OSError, ValueError, zlib.error)


class TileArchive:
    """A PMTiles file of pictures.

    Attributes:
        media_type: of every tile.
        zooms: the coarsest and the finest zoom in it.
        attribution: whom it asks to name, as plain text.
    """

    def __init__(self, path: Path) -> None:
        """Open the file.

        Raises:
            InvalidConfiguration: it cannot be read, or holds no pictures.
        """
        try:
            self._file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            raise InvalidConfiguration(f"The map tiles {path} cannot be read: {error.strerror}.") from error
        try:
            self._header: Any = deserialize_header(self._read(0, _HEADER_BYTES, _HEADER_BYTES))
            self._refuse_what_is_no_picture(path)
            self._directory = lru_cache(_KEPT_DIRECTORIES)(self._read_directory)
            self._directory(self._header["root_offset"], self._header["root_length"])
            self.attribution = _plain(self._metadata().get("attribution"))
        except InvalidConfiguration:
            self.close()
            raise
        except Exception as error:  # each kind of damage raises another
            self.close()
            raise InvalidConfiguration(f"The map tiles {path} are no PMTiles file of version 3.") from error
        self.media_type = MEDIA_TYPES[self._header["tile_type"]]
        self.zooms: tuple[int, int] = (self._header["min_zoom"], self._header["max_zoom"])

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)

    def tile(self, zoom: int, column: int, row: int) -> bytes | None:
        """A tile; None where there is none, or it cannot be read."""
        if not (self.zooms[0] <= zoom <= self.zooms[1] and 0 <= column < 1 << zoom and 0 <= row < 1 << zoom):
            return None
        try:
            return self._find(zxy_to_tileid(zoom, column, row))
        except _DAMAGE:
            return None

    def _find(self, tile_id: int) -> bytes | None:
        offset, length = self._header["root_offset"], self._header["root_length"]
        for _ in range(_LEVELS):
            entry = find_tile(self._directory(offset, length), tile_id)
            if entry is None:
                return None
            if entry.run_length > 0:
                return self._read(self._header["tile_data_offset"] + entry.offset, entry.length, MAX_TILE_BYTES)
            offset, length = self._header["leaf_directory_offset"] + entry.offset, entry.length
        return None

    def _read_directory(self, offset: int, length: int) -> list[Any]:
        return deserialize_directory(self._read(offset, length, MAX_DIRECTORY_BYTES))

    def _metadata(self) -> dict[str, Any]:
        offset, length = self._header["metadata_offset"], self._header["metadata_length"]
        content = _unpacked(self._read(offset, length, MAX_DIRECTORY_BYTES)) if length else b"{}"
        found = json.loads(content)
        return found if isinstance(found, dict) else {}

    def _read(self, offset: int, length: int, limit: int) -> bytes:
        if length > limit:
            raise ValueError("A part of the file is too long.")
        content = os.pread(self._file, length, offset)
        if len(content) != length:
            raise ValueError("The file ends too early.")
        return content

    def _refuse_what_is_no_picture(self, path: Path) -> None:
        kind, packed = self._header["tile_type"], self._header["tile_compression"]
        if kind not in MEDIA_TYPES or packed not in {Compression.NONE, Compression.UNKNOWN}:
            raise InvalidConfiguration(
                f"The map tiles {path} are no pictures; the desk shows PNG, JPEG, WebP and AVIF, not vector tiles."
            )
        if self._header["internal_compression"] is not Compression.GZIP:
            raise InvalidConfiguration(f"The lists in {path} are not packed with gzip; convert it with `pmtiles`.")


def _unpacked(content: bytes) -> bytes:
    return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(content, MAX_DIRECTORY_BYTES)


def _plain(value: object) -> str:
    """Words without markup: archives hold links to those whom they name."""
    return " ".join(re.sub(r"<[^>]*>", "", value).split()) if isinstance(value, str) else ""
