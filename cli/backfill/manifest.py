"""What answers were made from, kept beside them: a second start goes on only with the same."""

import hashlib
from typing import Literal

from pydantic import BaseModel, ConfigDict


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class InputFile(_Frozen):
    """One file of the archive by its content; where it lies does not matter."""

    name: str
    bytes: int
    sha256: str


class Options(_Frozen):
    """Every choice that decides about the answers or how they are cut."""

    columns: tuple[dict[str, str], ...]
    encoding: str
    separator: str | None
    rows_per_part: int
    photos: str | None
    time_zone: str
    area: tuple[float, float, float, float]
    place_from_photo: bool
    taxonomy_sha256: str | None


class Manifest(_Frozen):
    """The whole of it."""

    format_version: Literal[1] = 1
    inputs: tuple[InputFile, ...]
    model_version: str
    bundle_sha256: str
    options: Options

    @property
    def digest(self) -> str:
        """The SHA-256 that every part carries."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()

    def differences(self, other: "Manifest") -> list[str]:
        """What another manifest has otherwise, in words."""
        found = {
            "the input": self.inputs != other.inputs,
            "the bundle": self.bundle_sha256 != other.bundle_sha256,
            "the options or settings": self.options != other.options,
        }
        return [name for name, differs in found.items() if differs]
