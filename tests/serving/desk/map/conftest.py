"""Small PMTiles archives, written by the format's own package."""

import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer

WriteArchive = Callable[..., Path]
Tiles = Mapping[tuple[int, int, int], bytes]


def picture(colour: str) -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (256, 256), colour).save(content, "PNG")
    return content.getvalue()


@pytest.fixture
def write_archive(tmp_path: Path) -> WriteArchive:
    """Writes an archive of some tiles and gives its path."""

    def write(
        tiles: Tiles,
        kind: TileType = TileType.PNG,
        packed: Compression = Compression.NONE,
        metadata: Mapping[str, Any] | None = None,
    ) -> Path:
        path = tmp_path / "city.pmtiles"
        with path.open("wb") as file:
            writer = Writer(file)
            for place in sorted(tiles, key=lambda zxy: zxy_to_tileid(*zxy)):
                writer.write_tile(zxy_to_tileid(*place), tiles[place])
            writer.finalize({"tile_type": kind, "tile_compression": packed}, dict(metadata or {}))
        return path

    return write
