"""Everything that is held about one alert, as its reporter may ask for it: without names of staff."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, from_attributes=True)


class HeldPhoto(_Frozen):
    """A photo: the key of its blurred copy, or that it waits for a person and is not kept yet."""

    key: str | None
    held: bool


class HeldReview(_Frozen):
    """What a member of staff answered."""

    decided_at: datetime
    action: str
    category: str | None
    department: str | None
    priority: str | None
    note: str | None
    duplicate_of: str | None
    undone_at: datetime | None


class HeldNote(_Frozen):
    """What a member of staff wrote beside the alert."""

    written_at: datetime
    text: str


class HeldReturn(_Frozen):
    """That a department gave the alert back."""

    at: datetime
    department: str
    proposed: str | None
    reason: str


class HeldEvent(_Frozen):
    """What others were told, or will be."""

    kind: str
    created_at: datetime
    body: dict[str, Any]


class HeldReading(_Frozen):
    """That somebody read the text as sent, or all of this."""

    read_at: datetime
    purpose: str


class PersonalData(_Frozen):
    """All that is held about an alert."""

    id: str
    erased: bool = Field(description="Whether its texts, photos and plates were erased.")
    original: str | None = Field(description="The text as sent, where it held personal data and is still kept.")
    text: str = Field(description="The text without personal data, which models and staff see.")
    language: str | None
    category_hint: str | None
    address: str | None
    commune: str | None
    channel: str | None
    lat: float | None
    lon: float | None
    created_at: datetime
    received_at: datetime
    updated_at: datetime
    state: str
    status_note: str | None
    closed_at: datetime | None
    category: str | None
    department: str | None
    priority: str | None
    decision: str
    reasons: tuple[str, ...]
    photos: tuple[HeldPhoto, ...]
    photo_link: str | None = Field(description="Where the sender's application keeps a photo.")
    plates: int = Field(description="How many number plates are kept, as keyed digests.")
    vector: bool = Field(description="Whether a numerical summary of the text is kept, for duplicates.")
    cluster: str | None = Field(description="The group of alerts about the same fault.")
    links: int = Field(description="How many other alerts it was compared with and tied to, or told apart from.")
    predictions: tuple[dict[str, Any], ...]
    reviews: tuple[HeldReview, ...]
    notes: tuple[HeldNote, ...]
    returns: tuple[HeldReturn, ...]
    events: tuple[HeldEvent, ...]
    readings: tuple[HeldReading, ...]


class PersonalDataErased(_Frozen):
    """What an erasure erased; a second time it is nothing."""

    id: str
    changed: bool = Field(description="Whether there was anything left to erase.")
    original: bool = Field(description="Whether the text as sent was erased.")
    photos: int = Field(description="How many photos were erased; one that another alert has too is kept for that one.")
    told: tuple[str, ...] = Field(
        description="Departments that the alert was forwarded to, and that hold a copy of their own: tell them."
    )
