"""Errors with stable codes: what went wrong, where, and what to do next."""

from dataclasses import dataclass

from pydantic import ValidationError


@dataclass(frozen=True, slots=True)
class FieldError:
    """One fault in one field of the input; `field` is a path such as `alerts[3].lat`."""

    field: str
    code: str
    message: str


class TriageError(Exception):
    """Base of every error that this project raises on purpose.

    Attributes:
        code: stable identifier, part of the public contract.
        message: a full sentence for the reader, which says what to do next.
    """

    code = "triage_error"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class InvalidAlert(TriageError):
    """The alert breaks the contract; `errors` names each field at fault."""

    code = "invalid_alert"

    def __init__(self, errors: tuple[FieldError, ...]) -> None:
        super().__init__("; ".join(f"{error.field}: {error.message}" for error in errors))
        self.errors = errors


class InvalidJson(InvalidAlert):
    """The input is not JSON at all, or not UTF-8."""

    code = "invalid_json"


class PhotoRefused(TriageError):
    """The bytes are no photo that the service accepts."""

    code = "photo_refused"


class PhotoStorageFailed(TriageError):
    """Photos cannot be kept or fetched; the message says where and what to check."""

    code = "photo_storage_failed"


class PhotoMissing(PhotoStorageFailed):
    """No photo has this key, or no longer."""

    code = "photo_missing"


class InvalidTaxonomy(TriageError):
    """The taxonomy file contradicts itself, or the bundle."""

    code = "invalid_taxonomy"


class InvalidBundle(TriageError):
    """The bundle is broken, truncated or foreign; the message names the file and why."""

    code = "invalid_bundle"


class InvalidModelFolder(TriageError):
    """The folder of models is broken, cannot be changed, or is asked for what it lacks."""

    code = "invalid_model_folder"


class InvalidCorpus(TriageError):
    """A corpus file cannot be read; the message names the file and the line."""

    code = "invalid_corpus"


class BackfillFailed(TriageError):
    """An archive could not be answered to its end; what is answered stays."""

    code = "backfill_failed"


class InvalidConfiguration(TriageError):
    """A setting or an argument cannot be used as given."""

    code = "invalid_configuration"


def first_fault(error: ValidationError, whole: str) -> str:
    """The first thing that is wrong with what was read: its field, or `whole` where no field is at fault, and why."""
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"]) or whole
    return f"{field}: {first['msg']}"
