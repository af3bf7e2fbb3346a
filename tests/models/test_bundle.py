"""The bundle: accepted whole, refused with the file and the reason as soon as one byte differs."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from models.bundle import MANIFEST, Manifest, digest, load_bundle, write_manifest
from triage.errors import InvalidBundle

Fields = Callable[..., dict[str, Any]]
WriteFiles = Callable[[Path], Path]
Refusal = Callable[[Path], str]

MODEL = "text/model.onnx"
MODEL_CONTENT = bytes(range(256)) * 4
FILES = ("taxonomy.yaml", "CARD.md", MODEL, "text/deep/er/vocabulary.json", "text/empty.bin")


# Accepted


def test_a_whole_bundle_is_accepted_and_gives_its_files(folder: Path) -> None:
    bundle = load_bundle(folder)
    assert set(bundle.manifest.files) == set(FILES)
    assert bundle.path(MODEL).read_bytes() == MODEL_CONTENT


def test_the_manifest_is_read_back_as_it_was_written(tmp_path: Path, fields: Fields, write_files: WriteFiles) -> None:
    path = write_files(tmp_path)
    written = write_manifest(path, **fields())
    assert isinstance(written, Manifest)
    assert load_bundle(path).manifest == written


def test_the_digest_of_a_bundle_is_that_of_its_manifest(folder: Path) -> None:
    assert load_bundle(folder).sha256 == digest(folder / MANIFEST)


def test_a_copied_bundle_is_the_same_bundle(folder: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(folder, tmp_path / "copy"))
    assert load_bundle(copy).sha256 == load_bundle(folder).sha256


def test_a_bundle_with_another_file_has_another_digest(folder: Path, fields: Fields) -> None:
    before = load_bundle(folder).sha256
    (folder / "CARD.md").write_text("# Autre\n", encoding="utf-8")
    write_manifest(folder, **fields())
    assert load_bundle(folder).sha256 != before


def test_writing_the_manifest_twice_changes_nothing(folder: Path, fields: Fields) -> None:
    before = (folder / MANIFEST).read_bytes()
    write_manifest(folder, **fields())
    assert (folder / MANIFEST).read_bytes() == before


def test_a_file_that_the_manifest_does_not_list_cannot_be_asked_for(folder: Path) -> None:
    for name in ("photo/model.onnx", "../bundle/CARD.md", "text/../CARD.md", MANIFEST, ""):
        with pytest.raises(InvalidBundle, match="manifest"):
            load_bundle(folder).path(name)


def test_a_part_may_have_a_manifest_of_its_own(tmp_path: Path, fields: Fields, write_files: WriteFiles) -> None:
    path = write_files(tmp_path)
    (path / "text" / MANIFEST).write_text("{}", encoding="utf-8")
    write_manifest(path, **fields())
    assert f"text/{MANIFEST}" in load_bundle(path).manifest.files


# Files that are not what the manifest says


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_refused_by_name(folder: Path, name: str, refusal: Refusal) -> None:
    (folder / name).unlink()
    message = refusal(folder)
    assert str(folder / name) in message
    assert "missing" in message


@pytest.mark.parametrize("size", [0, 1, len(MODEL_CONTENT) - 1])
def test_a_truncated_file_is_refused_with_both_sizes(folder: Path, size: int, refusal: Refusal) -> None:
    (folder / MODEL).write_bytes(MODEL_CONTENT[:size])
    message = refusal(folder)
    assert str(folder / MODEL) in message
    assert f"truncated: {size} bytes instead of {len(MODEL_CONTENT)}" in message


@pytest.mark.parametrize("name", [MODEL, "text/empty.bin"])
def test_a_longer_file_is_refused_by_name(folder: Path, name: str, refusal: Refusal) -> None:
    with (folder / name).open("ab") as stream:
        stream.write(b"\x00")
    message = refusal(folder)
    assert str(folder / name) in message
    assert "longer" in message


@pytest.mark.parametrize("position", [0, len(MODEL_CONTENT) // 2, -1])
def test_a_file_with_one_changed_bit_is_refused_by_name(folder: Path, position: int, refusal: Refusal) -> None:
    content = bytearray(MODEL_CONTENT)
    content[position] ^= 1
    (folder / MODEL).write_bytes(content)
    message = refusal(folder)
    assert str(folder / MODEL) in message
    assert "changed" in message


def test_two_exchanged_files_are_refused(folder: Path, fields: Fields, refusal: Refusal) -> None:
    (folder / "a.bin").write_bytes(b"aa")
    (folder / "b.bin").write_bytes(b"bb")
    write_manifest(folder, **fields())
    (folder / "a.bin").write_bytes(b"bb")
    (folder / "b.bin").write_bytes(b"aa")
    assert "a.bin was changed" in refusal(folder)


@pytest.mark.parametrize(
    "name", ["extra.bin", "text/payload.so", ".hidden", "text/deep/er/__init__.py", "text/manifest.json"]
)
def test_an_unlisted_file_is_refused_by_name(folder: Path, name: str, refusal: Refusal) -> None:
    (folder / name).write_bytes(b"")
    message = refusal(folder)
    assert str(folder / name) in message
    assert "not in the manifest" in message


def test_a_folder_in_place_of_a_file_is_refused_by_name(folder: Path, refusal: Refusal) -> None:
    (folder / MODEL).unlink()
    (folder / MODEL).mkdir()
    assert str(folder / MODEL) in refusal(folder)
