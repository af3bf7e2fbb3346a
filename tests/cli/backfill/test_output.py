"""The folder of answers: parts are whole or not there, and only answers to the same are added to."""

import json
import uuid
from pathlib import Path

import fsspec
import pyarrow as pa
import pyarrow.dataset
import pytest

from cli.backfill.manifest import InputFile, Manifest, Options
from cli.backfill.output import MANIFEST, SUCCESS, OutputFolder
from cli.backfill.parts import Part, Piece
from triage.errors import InvalidConfiguration

PARTS = [Part(0, 0, 1, Piece(0, 9, 2)), Part(1, 0, 3, Piece(9, 20, 1))]
OPTIONS = Options(
    columns=({"text": "text"},),
    encoding="utf-8",
    separator=None,
    rows_per_part=2,
    photos=None,
    time_zone="Europe/Paris",
    area=(4.0, 47.0, 6.0, 48.0),
    place_from_photo=False,
    taxonomy_sha256=None,
)
MANIFEST_OF = Manifest(
    inputs=(InputFile(name="a.csv", bytes=20, sha256="ab"),), model_version="1", bundle_sha256="cd", options=OPTIONS
)


def answers(rows: int) -> pa.Table:
    return pa.table({"row": list(range(rows))})


def write(output: OutputFolder, part: Part, manifest: Manifest = MANIFEST_OF, errors: int = 0) -> None:
    output.write(part, answers(part.piece.rows), manifest.digest, errors)


@pytest.fixture(params=["file", "memory"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return str(tmp_path / "out") if request.param == "file" else f"memory://{uuid.uuid4().hex}/out"


def test_a_new_folder_has_no_part(url: str) -> None:
    output = OutputFolder(url)
    output.prepare(MANIFEST_OF, fresh=False)
    assert output.finished(PARTS, MANIFEST_OF) == {}


def test_a_second_start_finds_what_the_first_wrote_with_its_errors(url: str) -> None:
    output = OutputFolder(url)
    output.prepare(MANIFEST_OF, fresh=False)
    write(output, PARTS[1], errors=1)
    again = OutputFolder(url)
    again.prepare(MANIFEST_OF, fresh=False)
    assert again.finished(PARTS, MANIFEST_OF) == {1: 1}


def test_a_fresh_start_finds_nothing(url: str) -> None:
    output = OutputFolder(url)
    output.prepare(MANIFEST_OF, fresh=False)
    write(output, PARTS[0])
    output.complete()
    output.prepare(MANIFEST_OF, fresh=True)
    assert output.finished(PARTS, MANIFEST_OF) == {}
    fs, path = fsspec.core.url_to_fs(url)
    assert [name.rpartition("/")[2] for name in fs.ls(path, detail=False)] == [MANIFEST]


@pytest.mark.parametrize("cut", [0, 4, 40, -9])
def test_a_part_that_is_cut_off_is_not_there(url: str, cut: int) -> None:
    output = OutputFolder(url)
    output.prepare(MANIFEST_OF, fresh=False)
    write(output, PARTS[0])
    fs, path = fsspec.core.url_to_fs(url)
    fs.pipe_file(f"{path}/{PARTS[0].name}", fs.cat_file(f"{path}/{PARTS[0].name}")[:cut])
    assert output.finished(PARTS, MANIFEST_OF) == {}


def test_a_part_with_too_few_rows_or_of_other_answers_is_not_there(url: str) -> None:
    output = OutputFolder(url)
    output.prepare(MANIFEST_OF, fresh=False)
    output.write(PARTS[0], answers(1), MANIFEST_OF.digest, 0)
    write(output, PARTS[1], MANIFEST_OF.model_copy(update={"bundle_sha256": "other"}))
    assert output.finished(PARTS, MANIFEST_OF) == {}


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"inputs": ()}, "the input changed"),
        ({"bundle_sha256": "ef"}, "the bundle changed"),
        ({"options": OPTIONS.model_copy(update={"rows_per_part": 3})}, "the options or settings changed"),
        ({"inputs": (), "bundle_sha256": "ef"}, "the input and the bundle changed"),
    ],
)
def test_answers_to_something_else_are_not_added_to(url: str, change: dict[str, object], named: str) -> None:
    OutputFolder(url).prepare(MANIFEST_OF, fresh=False)
    other = MANIFEST_OF.model_copy(update=change)
    with pytest.raises(InvalidConfiguration, match=named):
        OutputFolder(url).prepare(other, fresh=False)
    OutputFolder(url).prepare(other, fresh=True)
    OutputFolder(url).prepare(other, fresh=False)


@pytest.mark.parametrize("fresh", [False, True])
def test_a_folder_of_other_things_is_left_alone(tmp_path: Path, *, fresh: bool) -> None:
    (tmp_path / "part-00000.parquet").write_bytes(b"mine")
    with pytest.raises(InvalidConfiguration, match="holds other files"):
        OutputFolder(str(tmp_path)).prepare(MANIFEST_OF, fresh=fresh)
    assert [path.name for path in tmp_path.iterdir()] == ["part-00000.parquet"]


def test_what_a_killed_start_left_behind_is_cleared_away(tmp_path: Path) -> None:
    (tmp_path / ".part-cut-off").write_bytes(b"half")
    OutputFolder(str(tmp_path)).prepare(MANIFEST_OF, fresh=False)
    assert [path.name for path in tmp_path.iterdir()] == [MANIFEST]


def test_a_broken_note_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / MANIFEST).write_text("{")
    with pytest.raises(InvalidConfiguration, match="another version"):
        OutputFolder(str(tmp_path)).prepare(MANIFEST_OF, fresh=False)


def test_a_place_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(InvalidConfiguration, match="cannot be written"):
        OutputFolder(str(tmp_path / "file" / "out")).prepare(MANIFEST_OF, fresh=False)


@pytest.mark.parametrize("url", ["nope://bucket/out", "nope::file:///tmp/out"])
def test_an_unknown_kind_of_url_is_one_sentence(url: str) -> None:
    with pytest.raises(InvalidConfiguration, match="cannot be reached"):
        OutputFolder(url)


def test_other_programs_read_the_folder_as_one_table(tmp_path: Path) -> None:
    output = OutputFolder(str(tmp_path))
    output.prepare(MANIFEST_OF, fresh=False)
    for part in PARTS:
        write(output, part)
    output.complete()
    assert (tmp_path / SUCCESS).exists()
    assert pa.dataset.dataset(tmp_path).to_table().num_rows == 3


def test_the_note_names_no_path_of_this_machine(tmp_path: Path) -> None:
    OutputFolder(str(tmp_path)).prepare(MANIFEST_OF, fresh=False)
    note = json.loads((tmp_path / MANIFEST).read_text())
    assert note["inputs"] == [{"name": "a.csv", "bytes": 20, "sha256": "ab"}]
    assert str(tmp_path) not in json.dumps(note)
