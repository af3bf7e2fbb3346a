"""What `detectors/description.json` says: files, sizes, thresholds, figures and sources of the detectors."""

from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from triage.errors import InvalidBundle

DESCRIPTION = "description.json"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Source(_Frozen):
    """Where a detector comes from: a file in a published package, and what was trained by whom."""

    package: str
    version: str
    registry: str
    licence: str
    file: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    network: str


class Faces(_Frozen):
    """The picture is scaled so that its shorter side is `short_side`, but its longer at most `long_side` pixels."""

    file: str
    short_side: int = Field(ge=32)
    long_side: int = Field(ge=32)
    threshold: float = Field(gt=0, lt=1)
    source: Source


class Pass(_Frozen):
    """One look at the picture, with its longer side scaled to `long_side`, and what counts as found in it."""

    long_side: int = Field(ge=32)
    person: float = Field(gt=0, lt=1)
    vehicle: float = Field(gt=0, lt=1)


class Street(_Frozen):
    """Persons and vehicles, in one or more passes over the same picture."""

    file: str
    passes: tuple[Pass, ...] = Field(min_length=1)
    source: Source


class Plates(_Frozen):
    """Plates are sought in vehicles only; `recall` is the measured share of visible plates that get blurred."""

    per_vehicle: int = Field(ge=1)
    recall: float = Field(ge=0, le=1)


class Description(_Frozen):
    """How the detectors of a bundle are used."""

    faces: Faces
    street: Street
    plates: Plates

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a description.

        Raises:
            InvalidBundle: the file is missing or says something else than it should.
        """
        try:
            return cls.model_validate_json(path.read_bytes())
        except OSError as error:
            raise InvalidBundle(
                f"The detectors' description {path} cannot be read ({error.strerror}); build them with"
                " `python -m training.detectors FOLDER`."
            ) from error
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"]) or "the document"
            raise InvalidBundle(
                f"The detectors' description {path} does not fit this program: {where}: {first['msg']}. Build them"
                " again with `python -m training.detectors FOLDER`."
            ) from error
