"""The archive: its files are found, checked and cut, wherever they lie."""

import uuid
from collections.abc import Callable
from pathlib import Path

import fsspec
import pytest

from cli.backfill.archive import Archive, open_archive
from triage.errors import InvalidConfiguration

ZONE = "Europe/Paris"


def put(folder: str, **files: str) -> None:
    fs, path = fsspec.core.url_to_fs(folder)
    fs.makedirs(path, exist_ok=True)
    for name, content in files.items():
        fs.pipe_file(f"{path}/{name}.csv", content.encode())


@pytest.fixture(params=["file", "memory"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return str(tmp_path) if request.param == "file" else f"memory://{uuid.uuid4().hex}"


def ids(archive: Archive, rows: int) -> list[tuple[int, str | None]]:
    return [(row.number, row.id) for part in archive.parts(rows) for row in archive.rows(part)]


def test_rows_are_numbered_over_all_files_in_the_order_of_their_names(folder: str) -> None:
    put(folder, b="text,id\nbanc,3\n", a="id,text\n1,trou\n2,lampe\n")
    for url in (folder, f"{folder}/*.csv"):
        archive = open_archive(url, (), ZONE)
        assert ids(archive, 1) == ids(archive, 5) == [(1, "1"), (2, "2"), (3, "3")]
        assert [part.number for part in archive.parts(1)] == [0, 1, 2]


def test_a_file_is_known_by_its_content(folder: str) -> None:
    put(folder, a="id,text\n1,trou\n")
    before = open_archive(f"{folder}/a.csv", (), ZONE).digests()
    put(folder, a="id,text\n1,trou\n")
    assert open_archive(f"{folder}/a.csv", (), ZONE).digests() == before
    put(folder, a="id,text\n1,tros\n")
    assert open_archive(f"{folder}/a.csv", (), ZONE).digests() != before


def test_a_bad_row_keeps_its_number(folder: str) -> None:
    put(folder, a='id,text\n1,trou\n2,"x"y\n3,banc\n')
    archive = open_archive(f"{folder}/a.csv", (), ZONE)
    _, bad, _ = (row for part in archive.parts(2) for row in archive.rows(part))
    assert bad.number == 2
    assert bad.fault is not None


def test_notes_beside_the_data_are_no_data(tmp_path: Path) -> None:
    put(str(tmp_path), a="id,text\n1,trou\n", _notes="x", **{".hidden": "x"})
    (tmp_path / "README.md").write_text("x")
    assert len(open_archive(str(tmp_path), (), ZONE).files) == 1


def nothing(folder: Path) -> str:
    return str(folder / "missing.csv")


def empty(folder: Path) -> str:
    return str(folder)


def other_kind(folder: Path) -> str:
    (folder / "a.xlsx").write_bytes(b"x")
    return str(folder / "a.xlsx")


def both_kinds(folder: Path) -> str:
    (folder / "a.csv").write_text("id,text\n")
    (folder / "a.parquet").write_bytes(b"x")
    return str(folder)


def unknown_url(_: Path) -> str:
    return "nope://bucket/a.csv"


@pytest.mark.parametrize("source", [nothing, empty, other_kind, both_kinds, unknown_url])
def test_what_is_no_archive_is_one_sentence(tmp_path: Path, source: Callable[[Path], str]) -> None:
    url = source(tmp_path)
    with pytest.raises(InvalidConfiguration) as caught:
        open_archive(url, (), ZONE)
    assert url in caught.value.message
    assert "--input" in caught.value.message


def test_a_file_that_lacks_a_column_is_named(tmp_path: Path) -> None:
    put(str(tmp_path), a="id,text\n1,trou\n", b="id,message\n1,trou\n")
    with pytest.raises(InvalidConfiguration, match=r"b\.csv has no column text"):
        open_archive(str(tmp_path), (), ZONE)
