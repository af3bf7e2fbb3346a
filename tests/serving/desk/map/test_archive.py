"""A PMTiles file gives its pictures and nothing else; what is no such file is refused in a sentence."""

from pathlib import Path

import pytest
from pmtiles.tile import Compression, TileType

from serving.desk.map.archive import MAX_TILE_BYTES, TileArchive
from tests.serving.desk.map.conftest import WriteArchive, picture
from triage.errors import InvalidConfiguration

RED, BLUE = picture("red"), picture("blue")


def test_a_tile_comes_out_as_it_went_in(write_archive: WriteArchive) -> None:
    archive = TileArchive(write_archive({(1, 0, 1): RED, (2, 3, 3): BLUE}))
    assert archive.tile(1, 0, 1) == RED
    assert archive.tile(2, 3, 3) == BLUE
    assert (archive.media_type, archive.zooms) == ("image/png", (1, 2))


def test_thousands_of_tiles_in_leaf_directories_are_found(write_archive: WriteArchive) -> None:
    tiles = {(8, x, y): f"{x}/{y}".encode() * 3 for x in range(120) for y in range(120)}
    archive = TileArchive(write_archive(tiles))
    assert all(archive.tile(*place) == content for place, content in list(tiles.items())[::311])


@pytest.mark.parametrize(
    "place", [(0, 0, 0), (1, 1, 1), (1, 2, 0), (1, 0, 2), (1, -1, 0), (3, 0, 0), (40, 0, 0), (-1, 0, 0)]
)
def test_what_is_not_in_it_is_none(write_archive: WriteArchive, place: tuple[int, int, int]) -> None:
    assert TileArchive(write_archive({(1, 0, 1): RED, (2, 3, 3): BLUE})).tile(*place) is None


def test_a_tile_that_is_too_large_is_left_out(write_archive: WriteArchive) -> None:
    assert TileArchive(write_archive({(0, 0, 0): b"x" * (MAX_TILE_BYTES + 1)})).tile(0, 0, 0) is None


def test_who_is_to_be_named_is_plain_text(write_archive: WriteArchive) -> None:
    metadata = {"attribution": '<a href="https://osm.example">© OSM</a>  <script>x</script>contributors'}
    assert TileArchive(write_archive({(0, 0, 0): RED}, metadata=metadata)).attribution == "© OSM xcontributors"
    assert TileArchive(write_archive({(0, 0, 0): RED}, metadata={"attribution": 7})).attribution == ""


@pytest.mark.parametrize(
    ("kind", "packed"),
    [(TileType.MVT, Compression.GZIP), (TileType.PNG, Compression.GZIP), (TileType.MVT, Compression.NONE)],
)
def test_vector_tiles_are_refused(write_archive: WriteArchive, kind: TileType, packed: Compression) -> None:
    with pytest.raises(InvalidConfiguration, match="no pictures"):
        TileArchive(write_archive({(0, 0, 0): b"vectors"}, kind, packed))


def test_a_file_that_is_missing_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InvalidConfiguration, match="No such file"):
        TileArchive(tmp_path / "nowhere.pmtiles")


@pytest.mark.parametrize("content", [b"", b"PMTiles", b"PMTiles\x02" + bytes(200), b"x" * 500, bytes(127)])
def test_what_is_no_archive_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "odd.pmtiles"
    path.write_bytes(content)
    with pytest.raises(InvalidConfiguration, match="no PMTiles file"):
        TileArchive(path)


def test_a_file_that_was_cut_off_gives_no_tile(write_archive: WriteArchive) -> None:
    path = write_archive({(0, 0, 0): RED})
    path.write_bytes(path.read_bytes()[:-10])
    assert TileArchive(path).tile(0, 0, 0) is None


def test_no_single_damaged_byte_raises(write_archive: WriteArchive) -> None:
    path = write_archive({(0, 0, 0): RED, (1, 1, 1): BLUE}, metadata={"attribution": "OSM"})
    whole = path.read_bytes()
    for place in range(len(whole) - len(RED) - len(BLUE)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        try:
            archive = TileArchive(path)
        except InvalidConfiguration:
            continue
        archive.tile(0, 0, 0)
        archive.close()
