"""The bundle: a folder that holds everything that predicts, listed and hashed in its manifest."""

import hashlib
import stat
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal, NoReturn, Self

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, StringConstraints, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from triage.errors import InvalidBundle, first_fault
from triage.policy import Thresholds

MANIFEST = "manifest.json"
TAXONOMY = "taxonomy.yaml"
RULES = "department_rules.yaml"
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
    metrics: dict[str, FiniteFloat]
    origin: Origin
    files: dict[str, FileEntry]

    @model_validator(mode="after")
    def _agrees_with_its_files(self) -> Self:
        for part in self.parts:
            if not self.part_sizes(part):
                raise PydanticCustomError("empty_part", "the part '{part}' has no file", {"part": part})
        if TAXONOMY not in self.files or self.files[TAXONOMY].sha256 != self.taxonomy_sha256:
            raise PydanticCustomError("other_taxonomy", "taxonomy_sha256 is not the digest of the listed taxonomy")
        return self

    def part_sizes(self, part: str) -> dict[str, int]:
        """Bytes of each file of a part, by its name in the bundle."""
        return {name: entry.bytes for name, entry in self.files.items() if name.startswith(f"{part}/")}

    def part_bytes(self, part: str) -> int:
        """Bytes of a whole part."""
        return sum(self.part_sizes(part).values())


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
        InvalidBundle: the folder is no bundle, or a file is missing, truncated, changed, not listed or not plain.
    """
    manifest, sha256 = read_manifest(folder)
    found = _plain_files(folder)
    for name, entry in manifest.files.items():
        # A listed name is only ever compared with what lies in the folder, so none can lead elsewhere.
        if name not in found:
            _refuse_missing(folder, name)
        _verify_file(found[name], entry)
    for name, path in found.items():
        if name not in manifest.files:
            raise InvalidBundle(f"The bundle file {path} is not in the manifest; remove it or train the bundle again.")
    return Bundle(folder, manifest, sha256)


def read_manifest(folder: Path) -> tuple[Manifest, str]:
    """What a folder says that it holds, without looking at its files, and the digest of that.

    Raises:
        InvalidBundle: the folder is no bundle.
    """
    content = _read_manifest(folder / MANIFEST)
    return _parse_manifest(folder / MANIFEST, content), hashlib.sha256(content).hexdigest()


def write_manifest(folder: Path, **fields: Any) -> Manifest:
    """Hash every file of a finished folder and write its manifest.

    Args:
        folder: holds all other files of the bundle already.
        fields: the fields of `Manifest` other than `format_version` and `files`.

    Raises:
        InvalidBundle: the folder holds a link or another thing that is no plain file.
        ValidationError: a field is wrong, such as a metric that is no finite number.
    """
    files = {
        name: FileEntry(sha256=digest(path), bytes=path.stat().st_size) for name, path in _plain_files(folder).items()
    }
    manifest = Manifest(format_version=FORMAT_VERSION, files=files, **fields)
    (folder / MANIFEST).write_text(manifest.model_dump_json(indent=2) + "\n", encoding="utf-8")
    return manifest


def _plain_files(folder: Path) -> dict[str, Path]:
    """Every file of a bundle but its manifest, by its name in the manifest."""
    files = {}
    for path in sorted(folder.rglob("*")):
        _refuse_special(path)
        if path.is_file() and path != folder / MANIFEST:
            files[path.relative_to(folder).as_posix()] = path
    return files


def _refuse_special(path: Path) -> None:
    mode = path.lstat().st_mode
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        kind = "a link" if stat.S_ISLNK(mode) else "no plain file"
        raise InvalidBundle(f"The bundle file {path} is {kind}; a bundle holds plain files only. Copy it again.")


def _read_manifest(path: Path) -> bytes:
    try:
        _refuse_special(path)  # reading a named pipe would wait for ever
        return path.read_bytes()
    except OSError as error:
        raise InvalidBundle(
            f"{path.parent} is no bundle: {MANIFEST} cannot be read ({error.strerror}). Name a folder that"
            " `triage train` wrote, or leave the setting out to use models/pretrained."
        ) from error


def _parse_manifest(path: Path, content: bytes) -> Manifest:
    try:
        return Manifest.model_validate_json(content)
    except ValidationError as error:
        fault = first_fault(error, "the document")
        raise InvalidBundle(f"The bundle file {path} is not a manifest of format {FORMAT_VERSION}: {fault}.") from error


def _refuse_missing(folder: Path, name: str) -> NoReturn:
    pure = PurePosixPath(name)
    if pure.is_absolute() or ".." in pure.parts:
        raise InvalidBundle(f"The manifest of {folder} lists {name}, which lies outside the bundle.")
    raise InvalidBundle(f"The bundle file {folder / name} is missing; copy the bundle again or train it again.")


def _verify_file(path: Path, entry: FileEntry) -> None:
    size = path.stat().st_size
    if size != entry.bytes:
        kind = "truncated" if size < entry.bytes else "longer than it should be"
        raise InvalidBundle(f"The bundle file {path} is {kind}: {size} bytes instead of {entry.bytes}. Copy it again.")
    if digest(path) != entry.sha256:
        raise InvalidBundle(f"The bundle file {path} was changed: its SHA-256 is not the manifest's. Copy it again.")
