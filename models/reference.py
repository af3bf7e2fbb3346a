"""The reference of a bundle: what the alerts were like that it was checked on; later ones are compared with them.

It holds counts and rounded coordinates alone: no text and no word can be read from it.
"""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Annotated, Literal, Self

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt, ValidationError, model_validator

from models.bundle import Bundle, Sha256, load_bundle, write_manifest
from models.embedding_reference import Base64, EmbeddingReference
from triage.errors import InvalidBundle, first_fault
from triage.prediction import Decision

REFERENCE = "reference.json"
TEXT_MODEL = "text/model.onnx"
MAX_BYTES = 200_000

# Confidences and shares of unseen pieces are counted by percent, lengths in bins that widen.
PERCENTS = 101
LENGTH_EDGES = (1, *range(10, 200, 10), *range(200, 500, 25), *range(500, 1000, 100), 1000, 1500, 2000, 3000, 4000)

Counts = Annotated[tuple[NonNegativeInt, ...], Field(min_length=1)]
Numbers = npt.NDArray[np.int64]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Answered(_Frozen):
    """How many alerts got a decision, and how many of them a wrong code of any head."""

    alerts: NonNegativeInt
    wrong: NonNegativeInt

    @model_validator(mode="after")
    def _no_more_wrong_than_all(self) -> Self:
        if self.wrong > self.alerts:
            raise ValueError("more answers are wrong than there are")
        return self


class Photos(_Frozen):
    """How many alerts came with a photo, of how many."""

    alerts: NonNegativeInt
    with_photo: NonNegativeInt

    @model_validator(mode="after")
    def _no_more_than_all(self) -> Self:
        if self.with_photo > self.alerts:
            raise ValueError("more alerts have a photo than there are")
        return self


class Reference(_Frozen):
    """What the alerts were like that the bundle was checked on.

    Attributes:
        data: what they were, in words.
        text_sha256: the text model that read them.
        categories: how many got each category from the models.
        languages: how many were told to be in each; "" where it could not be told.
        confidences: how many by percent of the less sure of category and department.
        lengths: how many by characters: fewer than the first of `LENGTH_EDGES`, fewer than the second…
        unseen: how many by percent of pieces of words that training never met.
        photos: None where the alerts are texts by nature.
        answers: what was decided, and how often an answer was wrong.
        seen_pieces: a bit for each piece of the vocabulary, whether training met it.
        embeddings: where the texts lie.
    """

    format_version: Literal[1] = 1
    data: str
    text_sha256: Sha256
    alerts: Annotated[int, Field(ge=1)]
    categories: dict[str, NonNegativeInt]
    languages: dict[str, NonNegativeInt]
    confidences: Counts
    lengths: Counts
    unseen: Counts
    photos: Photos | None = None
    answers: dict[Decision, Answered]
    seen_pieces: Base64
    embeddings: EmbeddingReference

    @model_validator(mode="after")
    def _counts_are_whole(self) -> Self:
        if (len(self.confidences), len(self.lengths), len(self.unseen)) != (PERCENTS, len(LENGTH_EDGES) + 1, PERCENTS):
            raise ValueError("the counts have other bins than this version of the program")
        counted = (self.categories.values(), self.languages.values(), self.confidences, self.lengths, self.unseen)
        if any(sum(counts) != self.alerts for counts in counted):
            raise ValueError("the counts are not those of as many alerts")
        return self

    def seen(self) -> npt.NDArray[np.bool_]:
        """Whether training met each piece of the vocabulary."""
        return unpack_pieces(self.seen_pieces)


def pack_pieces(seen: Collection[int], size: int) -> bytes:
    """The pieces that were seen, as a bit for each of `size`."""
    flags = np.zeros(size, np.bool_)
    flags[list(seen)] = True
    return np.packbits(flags).tobytes()


def unpack_pieces(pieces: bytes) -> npt.NDArray[np.bool_]:
    """Whether each piece was seen."""
    return np.unpackbits(np.frombuffer(pieces, np.uint8)).astype(np.bool_)


def shares_unseen(rows: Sequence[Sequence[int]], seen: npt.NDArray[np.bool_]) -> list[float]:
    """The share of each text's pieces that training never met."""
    return [1 - float(seen[list(row)].mean()) if row else 0.0 for row in rows]


def count_percents(shares: npt.ArrayLike) -> Numbers:
    """How many of some shares there are by percent."""
    percents = np.round(100 * np.asarray(shares, np.float64)).astype(np.int64)
    return np.bincount(np.clip(percents, 0, PERCENTS - 1), minlength=PERCENTS)


def count_lengths(lengths: npt.ArrayLike) -> Numbers:
    """How many lengths there are in each bin."""
    places = np.searchsorted(np.array(LENGTH_EDGES), np.asarray(lengths, np.int64), side="right")
    return np.bincount(places, minlength=len(LENGTH_EDGES) + 1)


def write_reference(folder: Path, reference: Reference) -> None:
    """Write the file into the folder of a bundle, whose manifest must be written after that."""
    (folder / REFERENCE).write_text(reference.model_dump_json() + "\n", encoding="utf-8")


def replace_reference(bundle: Bundle, reference: Reference) -> Bundle:
    """Give a finished bundle another reference; nothing else changes but its manifest, hence its digest.

    Raises:
        InvalidBundle: the folder cannot be written.
    """
    fields = bundle.manifest.model_dump(exclude={"format_version", "files"})
    try:
        write_reference(bundle.folder, reference)
        write_manifest(bundle.folder, **fields)
    except OSError as error:
        raise InvalidBundle(
            f"The bundle {bundle.folder} cannot be written: {error.strerror}. Copy it to a folder of yours, and make"
            " the reference there."
        ) from error
    return load_bundle(bundle.folder)


def read_reference(bundle: Bundle) -> Reference | None:
    """The reference of a verified bundle; None where it has none.

    Raises:
        InvalidBundle: the file is malformed, or was made with another text model.
    """
    files = bundle.manifest.files
    if REFERENCE not in files:
        return None
    path = bundle.path(REFERENCE)
    if files[REFERENCE].bytes > MAX_BYTES:
        raise InvalidBundle(
            f"The bundle file {path} is too large for a reference; run: triage reference {bundle.folder}"
        )
    try:
        reference = Reference.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise InvalidBundle(f"The bundle file {path} is no reference: {first_fault(error, 'the document')}.") from error
    if TEXT_MODEL not in files or files[TEXT_MODEL].sha256 != reference.text_sha256:
        raise InvalidBundle(
            f"The reference of {bundle.folder} was made with another text model; run: triage reference {bundle.folder}"
        )
    return reference
