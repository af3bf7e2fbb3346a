"""What is compared of an alert when duplicates are looked for."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class SeenPhoto:
    """What tells a photo from another: a unit-length embedding in bytes of its own model, and a perceptual hash."""

    embedding: bytes
    hash: int


@dataclass(frozen=True, slots=True)
class Report:
    """One alert, as others are compared with it.

    Attributes:
        text: without personal data.
        lat, lon: WGS84 degrees, both or neither; without them nothing is compared.
        hint: the caller's category; where both have one, only equal ones are compared.
        category: the likeliest category of its text and photos.
        vector: what the model compares, bytes of its own (`models/duplicates/vectors.py`); None where not yet read.
        plates: keyed digests of the plates named in the text.
        closed_at: when the fault was closed, if it was.
    """

    id: str
    text: str
    lat: float | None
    lon: float | None
    created_at: datetime
    hint: str | None = None
    category: str | None = None
    vector: bytes | None = None
    photos: tuple[SeenPhoto, ...] = ()
    plates: frozenset[str] = frozenset()
    closed_at: datetime | None = None
    cluster: str | None = None
