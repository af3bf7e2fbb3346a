"""Links, pipes and paths: nothing in a bundle leads out of it."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from models.bundle import MANIFEST, load_bundle, write_manifest
from triage.errors import InvalidBundle

Fields = Callable[..., dict[str, Any]]
ListFile = Callable[[Path, str, Path], None]
Refusal = Callable[[Path], str]

MODEL = "text/model.onnx"


def test_a_link_in_place_of_a_file_is_refused_by_name(folder: Path, tmp_path: Path, refusal: Refusal) -> None:
    outside = (folder / MODEL).rename(tmp_path / "model.onnx")
    (folder / MODEL).symlink_to(outside)
    assert str(folder / MODEL) in refusal(folder)


def test_the_refusal_of_a_link_says_that_it_is_one(folder: Path, tmp_path: Path, refusal: Refusal) -> None:
    outside = (folder / MODEL).rename(tmp_path / "model.onnx")
    (folder / MODEL).symlink_to(outside)
    assert "link" in refusal(folder).replace(str(folder), "")


def test_a_link_in_place_of_a_folder_is_refused_by_name(folder: Path, tmp_path: Path, refusal: Refusal) -> None:
    outside = (folder / "text").rename(tmp_path / "outside")
    (folder / "text").symlink_to(outside, target_is_directory=True)
    assert f"{folder / 'text'} is a link" in refusal(folder)


@pytest.mark.parametrize("target", ["..", "/nowhere"])
def test_an_unlisted_link_is_refused_by_name(folder: Path, target: str, refusal: Refusal) -> None:
    (folder / "extra").symlink_to(target)
    assert f"{folder / 'extra'} is a link" in refusal(folder)


@pytest.mark.parametrize("name", ["../outside.bin", "text/../../outside.bin", "text/../CARD.md"])
def test_a_listed_file_that_escapes_the_folder_is_refused_by_name(
    folder: Path, tmp_path: Path, name: str, list_file: ListFile, refusal: Refusal
) -> None:
    outside = tmp_path / "outside.bin"
    outside.write_bytes(b"secret")
    list_file(folder, name, outside)
    message = refusal(folder)
    assert name in message
    assert "outside the bundle" in message


def test_a_listed_absolute_path_is_refused_by_name(
    folder: Path, tmp_path: Path, list_file: ListFile, refusal: Refusal
) -> None:
    outside = tmp_path / "outside.bin"
    outside.write_bytes(b"secret")
    list_file(folder, str(outside), outside)
    assert f"lists {outside}, which lies outside the bundle" in refusal(folder)


@pytest.mark.parametrize("name", ["", ".", "text", MANIFEST, "a\x00b", "text\\model.onnx", "CARD.md/x"])
def test_a_listed_name_that_is_no_file_of_a_bundle_is_refused(
    folder: Path, name: str, list_file: ListFile, refusal: Refusal
) -> None:
    list_file(folder, name, folder / "CARD.md")
    assert str(folder) in refusal(folder)


def test_a_listed_name_that_no_disk_can_hold_is_refused(folder: Path, list_file: ListFile, refusal: Refusal) -> None:
    list_file(folder, "a" * 300, folder / "CARD.md")
    refusal(folder)


@pytest.mark.parametrize("name", ["extra", "text/extra", MODEL, "manifest.json"])
def test_a_named_pipe_is_refused_and_never_read(folder: Path, refusal: Refusal, name: str) -> None:
    (folder / name).unlink(missing_ok=True)
    os.mkfifo(folder / name)
    assert f"{folder / name} is no plain file" in refusal(folder)


def test_a_manifest_that_is_a_link_is_refused_by_name(folder: Path, tmp_path: Path, refusal: Refusal) -> None:
    outside = (folder / MANIFEST).rename(tmp_path / MANIFEST)
    (folder / MANIFEST).symlink_to(outside)
    assert f"{folder / MANIFEST} is a link" in refusal(folder)


def test_a_bundle_may_be_reached_through_a_link(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "current").symlink_to(folder, target_is_directory=True)
    assert load_bundle(tmp_path / "current").sha256 == load_bundle(folder).sha256


def test_no_manifest_is_written_over_a_link(folder: Path, fields: Fields) -> None:
    (folder / "text" / "extra").symlink_to(folder / "CARD.md")
    with pytest.raises(InvalidBundle, match="extra is a link"):
        write_manifest(folder, **fields())
