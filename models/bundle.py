"""The bundle: a folder that holds everything that predicts, listed and hashed in its manifest."""

import hashlib
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from triage.errors import InvalidBundle
from triage.policy import Thresholds

MANIFEST = "manifest.json"
TAXONOMY = "taxonomy.yaml"
GOLDEN = "golden.json"
CARD = "CARD.md"
FORMAT_VERSION = 1

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FileEntry(_Frozen):
    """Digest and size in bytes of one file."""

    sha256: Sha256
    bytes: int = Field(ge=0)


class Origin(_Frozen):
    """How the bundle was made: enough to make it again."""

    command: str
    commit: str
    run_id: str
    created_at: datetime


class Manifest(_Frozen):
    """What `manifest.json` says; `parts` names the folders that hold a model each."""

    format_version: Literal[1]
    name: str
    version: str
    taxonomy_version: int
    taxonomy_sha256: Sha256
    data_sha256: Sha256
    parts: tuple[str, ...]
    thresholds: Thresholds
    metrics: dict[str, float]
    origin: Origin
    files: dict[str, FileEntry]


class Bundle:
    """A verified bundle; `folder` may be read without further checks.

    Attributes:
        sha256: digest of the manifest, hence of every file that it lists.
    """

    def __init__(self, folder: Path, manifest: Manifest, sha256: str) -> None:
        self.folder = folder
        self.manifest = manifest
        self.sha256 = sha256

    def path(self, name: str) -> Path:
        """The path of a listed file.

        Raises:
            InvalidBundle: the manifest does not list it.
        """
        if name not in self.manifest.files:
            raise InvalidBundle(
                f"The bundle {self.folder} has no file {name} in its manifest; it was made for another version of"
                " this program. Train it again, or use the bundle that ships in models/pretrained."
            )
        return self.folder / name


def digest(path: Path) -> str:
    """SHA-256 of a file, read in pieces."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def load_bundle(folder: Path) -> Bundle:
    """Read a manifest and verify every file it lists, before any of them is parsed.

    Raises:
        InvalidBundle: the folder is no bundle, or a file is missing, truncated, changed or not listed.
    """
    manifest_path = folder / MANIFEST
    try:
        content = manifest_path.read_bytes()
    except OSError as error:
        raise InvalidBundle(
            f"{folder} is no bundle: {MANIFEST} cannot be read ({error.strerror}). Name a folder that"
            " `triage train` wrote, or leave the setting out to use models/pretrained."
        ) from error
    manifest = _parse_manifest(manifest_path, content)
    for name, entry in manifest.files.items():
        _verify_file(folder, name, entry)
    listed = {MANIFEST, *manifest.files}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and name not in listed:
            raise InvalidBundle(f"The bundle file {path} is not in the manifest; remove it or train the bundle again.")
    return Bundle(folder, manifest, hashlib.sha256(content).hexdigest())


def write_manifest(folder: Path, **fields: Any) -> Manifest:
    """Hash every file of a finished folder and write its manifest.

    Args:
        folder: holds all other files of the bundle already.
        fields: the fields of `Manifest` other than `format_version` and `files`.
    """
    files = {
        path.relative_to(folder).as_posix(): FileEntry(sha256=digest(path), bytes=path.stat().st_size)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != MANIFEST
    }
    manifest = Manifest(format_version=FORMAT_VERSION, files=files, **fields)
    (folder / MANIFEST).write_text(manifest.model_dump_json(indent=2) + "\n", encoding="utf-8")
    return manifest


def _parse_manifest(path: Path, content: bytes) -> Manifest:
    try:
        return Manifest.model_validate_json(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the document"
        raise InvalidBundle(
            f"The bundle file {path} is not a manifest of format {FORMAT_VERSION}: {where}: {first['msg']}."
        ) from error


def _verify_file(folder: Path, name: str, entry: FileEntry) -> None:
    pure = PurePosixPath(name)
    if pure.is_absolute() or ".." in pure.parts:
        raise InvalidBundle(f"The manifest of {folder} lists {name}, which lies outside the bundle.")
    path = folder / name
    if path.is_symlink() or not path.is_file():
        raise InvalidBundle(f"The bundle file {path} is missing; copy the bundle again or train it again.")
    size = path.stat().st_size
    if size != entry.bytes:
        kind = "truncated" if size < entry.bytes else "longer than it should be"
        raise InvalidBundle(f"The bundle file {path} is {kind}: {size} bytes instead of {entry.bytes}. Copy it again.")
    if digest(path) != entry.sha256:
        raise InvalidBundle(f"The bundle file {path} was changed: its SHA-256 is not the manifest's. Copy it again.")
