"""What is sent: an alert with its photos."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from ondijon_triage_client.errors import InvalidPhoto
from ondijon_triage_client.exchange import Files

MAX_PHOTOS = 3
MAX_PHOTO_BYTES = 10_000_000
PhotoSource = Path | str | bytes
"""A photo: the path of its file, or its bytes."""
Photos = Annotated[Sequence[PhotoSource], Field(max_length=MAX_PHOTOS, repr=False)]


def new_id() -> str:
    """An id that nobody else has."""
    return uuid4().hex


class Alert(BaseModel):
    """One alert of a resident, checked by the service.

    Attributes:
        id: made up where none is given; with it a repeat is harmless, so keep the alert and send the same one again.
        text: what the resident wrote, up to 5,000 characters.
        lat: WGS84 degrees, with `lon`.
        lon: WGS84 degrees, with `lat`.
        created_at: with its zone; the service takes the time of arrival where there is none.
        category_hint: what the resident chose in the sender's own words.
        address: where it is, in words.
        commune: the name of the town.
        channel: `application`, `telephone`, `email` or `web`.
        photos: up to three of 10 MB each, as paths or bytes; a file is read when the alert is sent.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[str, Field(min_length=1, max_length=200)] = Field(default_factory=new_id)
    text: str = ""
    lat: float | None = None
    lon: float | None = None
    created_at: AwareDatetime | None = None
    category_hint: str | None = None
    address: str | None = None
    commune: str | None = None
    channel: str | None = None
    photos: Photos = ()

    def document(self) -> dict[str, Any]:
        """The alert without its photos, as the service reads it."""
        return self.model_dump(mode="json", exclude={"photos"}, exclude_none=True)


def photo_bytes(source: PhotoSource) -> bytes:
    """The bytes of a photo.

    Raises:
        InvalidPhoto: its file cannot be read, or it is empty or too large.
    """
    if isinstance(source, bytes):
        content = source
    else:
        try:
            with Path(source).open("rb") as file:
                content = file.read(MAX_PHOTO_BYTES + 1)
        except OSError as error:
            raise InvalidPhoto(f"The photo cannot be read ({error.strerror}); check its path.") from error
    if not content:
        raise InvalidPhoto("The photo is empty; check its file.")
    if len(content) > MAX_PHOTO_BYTES:
        raise InvalidPhoto(f"The photo has more than {MAX_PHOTO_BYTES:,} bytes; send a smaller one.")
    return content


def as_json(document: Any) -> bytes:
    """A document as UTF-8 JSON."""
    return json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def as_form(part: str, document: Any, photos: Sequence[PhotoSource]) -> Files:
    """A document and photos as parts of a form; names of files stay here, since they may name a person.

    Raises:
        InvalidPhoto: naming no file, for the same reason.
    """
    pictures = (
        ("photo", (f"photo-{number}", photo_bytes(photo), "application/octet-stream"))
        for number, photo in enumerate(photos, 1)
    )
    return ((part, (f"{part}.json", as_json(document), "application/json")), *pictures)
