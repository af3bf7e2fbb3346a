"""The manifest of a bundle: what it must say, and what it must not contradict."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from models.bundle import MANIFEST, load_bundle, write_manifest

Fields = Callable[..., dict[str, Any]]
EditManifest = Callable[[Path, Callable[[dict[str, Any]], None]], None]
Refusal = Callable[[Path], str]


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_metric_that_is_no_finite_number_is_never_written(folder: Path, fields: Fields, value: float) -> None:
    before = (folder / MANIFEST).read_bytes()
    with pytest.raises(ValidationError, match=r"metrics\.category_f1"):
        write_manifest(folder, **fields(metrics={"category_f1": value}))
    assert (folder / MANIFEST).read_bytes() == before


@pytest.mark.parametrize(
    "content", [b"", b"{", b"null", b"[]", b"\xff\xfe", b"manifest", b"[" * 100_000, b"{}", b'{"format_version": 1}']
)
def test_a_manifest_that_is_no_manifest_is_refused_by_name(folder: Path, content: bytes, refusal: Refusal) -> None:
    (folder / MANIFEST).write_bytes(content)
    message = refusal(folder)
    assert str(folder / MANIFEST) in message
    assert "not a manifest of format 1" in message


def test_a_truncated_manifest_is_refused_by_name(folder: Path, refusal: Refusal) -> None:
    content = (folder / MANIFEST).read_bytes()
    (folder / MANIFEST).write_bytes(content[: len(content) // 2])
    assert str(folder / MANIFEST) in refusal(folder)


@pytest.mark.parametrize("version", [0, 2, "1", "2.0", None, [1]])
def test_a_manifest_of_another_format_is_refused_and_says_so(
    folder: Path, version: object, edit_manifest: EditManifest, refusal: Refusal
) -> None:
    edit_manifest(folder, lambda manifest: manifest.update(format_version=version))
    message = refusal(folder)
    assert str(folder / MANIFEST) in message
    assert "format_version" in message


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", None),
        ("taxonomy_sha256", "0" * 63),
        ("data_sha256", "G" * 64),
        ("thresholds", {"category": 2, "department": 0.5, "urgent": 0.5, "error_rate": 0.1}),
        ("thresholds", {"category": 0.5}),
        ("metrics", {"category_f1": "good"}),
        ("files", {"CARD.md": {"sha256": "0" * 64, "bytes": -1}}),
        ("files", {"CARD.md": {"sha256": "A" * 64, "bytes": 1}}),
        ("files", {"CARD.md": "0" * 64}),
        ("files", []),
        ("parts", "text"),
        ("origin", {}),
        ("colour", "red"),
    ],
)
def test_a_manifest_with_a_bad_field_is_refused_and_names_it(
    folder: Path, field: str, value: object, edit_manifest: EditManifest, refusal: Refusal
) -> None:
    edit_manifest(folder, lambda manifest: manifest.update({field: value}))
    assert f": {field}" in refusal(folder)


contradictions = pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"parts": ["text", "ghost"]}, "'ghost' has no file"),
        ({"parts": ["text", "tex"]}, "'tex' has no file"),
        ({"parts": [""]}, "'' has no file"),
        ({"taxonomy_sha256": "f" * 64}, "taxonomy_sha256"),
    ],
)


@contradictions
def test_a_manifest_that_contradicts_its_own_files_is_refused(
    folder: Path, change: dict[str, Any], told: str, edit_manifest: EditManifest, refusal: Refusal
) -> None:
    edit_manifest(folder, lambda manifest: manifest.update(change))
    assert told in refusal(folder)


@contradictions
def test_a_manifest_that_contradicts_its_own_files_is_never_written(
    folder: Path, change: dict[str, Any], told: str, fields: Fields
) -> None:
    with pytest.raises(ValidationError, match=told):
        write_manifest(folder, **fields(**change))


def test_a_manifest_without_a_taxonomy_is_refused(folder: Path, edit_manifest: EditManifest, refusal: Refusal) -> None:
    edit_manifest(folder, lambda manifest: manifest["files"].pop("taxonomy.yaml"))
    assert "taxonomy_sha256 is not the digest of the listed taxonomy" in refusal(folder)


def test_the_size_of_a_part_is_that_of_the_files_in_its_folder(folder: Path) -> None:
    manifest = load_bundle(folder).manifest
    assert manifest.part_sizes("text") == {
        "text/model.onnx": 1024,
        "text/deep/er/vocabulary.json": 2,
        "text/empty.bin": 0,
    }
    assert manifest.part_bytes("text") == 1026
    assert manifest.part_bytes("tex") == 0


def test_a_folder_without_a_manifest_is_no_bundle_and_says_what_to_do(folder: Path, refusal: Refusal) -> None:
    (folder / MANIFEST).unlink()
    message = refusal(folder)
    assert f"{folder} is no bundle" in message
    assert "triage train" in message


def test_a_missing_folder_a_file_and_a_folder_named_manifest_are_no_bundle(
    folder: Path, tmp_path: Path, refusal: Refusal
) -> None:
    (tmp_path / "odd" / MANIFEST).mkdir(parents=True)
    for path in (tmp_path / "none", folder / "CARD.md", tmp_path / "odd"):
        assert f"{path} is no bundle" in refusal(path)
