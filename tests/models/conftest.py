"""A small whole bundle and the ways to break it, the shipped one, and the one whose photo part knows colours."""

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from models.bundle import MANIFEST, TAXONOMY, Origin, digest, load_bundle, write_manifest
from models.photo import PhotoModel
from models.predictor import Predictor
from triage.errors import InvalidBundle
from triage.policy import Thresholds
from triage.settings import PROJECT_ROOT
from triage.taxonomy import taxonomy_digest

Fields = Callable[..., dict[str, Any]]
WriteFiles = Callable[[Path], Path]
EditManifest = Callable[[Path, Callable[[dict[str, Any]], None]], None]
ListFile = Callable[[Path, str, Path], None]
Refusal = Callable[[Path], str]
Sign = Callable[..., Path]
Reseal = Callable[..., Path]

SHIPPED = PROJECT_ROOT / "models" / "pretrained"

CONTENTS = {
    "taxonomy.yaml": b"version: 1\n",
    "CARD.md": "# Modèle\n".encode(),
    "text/model.onnx": bytes(range(256)) * 4,
    "text/deep/er/vocabulary.json": b"{}",
    "text/empty.bin": b"",
}


@pytest.fixture
def fields() -> Fields:
    """What `write_manifest` is told about a bundle."""

    def make(**changes: Any) -> dict[str, Any]:
        made = datetime(2026, 1, 1, tzinfo=UTC)
        return {
            "name": "essai",
            "version": "1",
            "taxonomy_version": 1,
            "taxonomy_sha256": sha256(CONTENTS["taxonomy.yaml"]).hexdigest(),
            "data_sha256": "1" * 64,
            "parts": ("text",),
            "thresholds": Thresholds(category=0.9, department=0.8, urgent=0.1, error_rate=0.05),
            "metrics": {"category_f1": 0.5},
            "origin": Origin(command="triage train", commit="abc", run_id="r", created_at=made),
            **changes,
        }

    return make


@pytest.fixture
def write_files() -> WriteFiles:
    """Fills a folder with all files of a bundle but its manifest."""

    def write(folder: Path) -> Path:
        for name, content in CONTENTS.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
        return folder

    return write


@pytest.fixture
def folder(tmp_path: Path, write_files: WriteFiles, fields: Fields) -> Path:
    """A whole bundle."""
    path = write_files(tmp_path / "bundle")
    write_manifest(path, **fields())
    return path


@pytest.fixture
def edit_manifest() -> EditManifest:
    """Changes what a manifest says."""

    def rewrite(folder: Path, edit: Callable[[dict[str, Any]], None]) -> None:
        path = folder / MANIFEST
        manifest = json.loads(path.read_text(encoding="utf-8"))
        edit(manifest)
        path.write_text(json.dumps(manifest), encoding="utf-8")

    return rewrite


@pytest.fixture
def list_file(edit_manifest: EditManifest) -> ListFile:
    """Adds a line to the manifest that is true of another file."""

    def add(folder: Path, name: str, source: Path) -> None:
        entry = {"sha256": digest(source), "bytes": source.stat().st_size}
        edit_manifest(folder, lambda manifest: manifest["files"].update({name: entry}))

    return add


@pytest.fixture
def refusal() -> Refusal:
    """The message with which a folder is refused."""

    def find(folder: Path) -> str:
        with pytest.raises(InvalidBundle) as caught:
            load_bundle(folder)
        assert caught.value.code == "invalid_bundle"
        return caught.value.message

    return find


@pytest.fixture(scope="session")
def predictor() -> Predictor:
    """The shipped bundle, loaded once."""
    return Predictor.load(SHIPPED, threads=1)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the shipped bundle that may be changed."""
    return Path(shutil.copytree(SHIPPED, tmp_path / "bundle"))


@pytest.fixture
def sign() -> Sign:
    """Writes the manifest of a copy again, as if the folder had been made so."""

    def write(folder: Path, **changes: Any) -> Path:
        fields = load_bundle(SHIPPED).manifest.model_dump(exclude={"format_version", "files"})
        write_manifest(folder, **(fields | {"taxonomy_sha256": taxonomy_digest(folder / TAXONOMY)} | changes))
        return folder

    return write


@pytest.fixture(scope="session")
def seeing(colour_bundle: Path) -> Predictor:
    """The predictor that knows colours."""
    return Predictor.load(colour_bundle, threads=1)


@pytest.fixture(scope="session")
def colour_model(seeing: Predictor) -> PhotoModel:
    """Its photo model."""
    return PhotoModel.from_bundle(seeing.bundle, threads=1)


@pytest.fixture
def colour_copy(tmp_path: Path, colour_bundle: Path) -> Path:
    """A copy of the bundle that knows colours, which may be changed."""
    return Path(shutil.copytree(colour_bundle, tmp_path / "colours"))


@pytest.fixture
def reseal(colour_bundle: Path) -> Reseal:
    """Writes the manifest of such a copy again, as if the folder had been made so."""

    def write(folder: Path, **changes: Any) -> Path:
        fields = load_bundle(colour_bundle).manifest.model_dump(exclude={"format_version", "files"})
        write_manifest(folder, **(fields | {"taxonomy_sha256": taxonomy_digest(folder / TAXONOMY)} | changes))
        return folder

    return write
