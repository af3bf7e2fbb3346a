"""Takes in the photos of an alert: read, decoded and made ready for the model, before any model runs."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from PIL.Image import Image

from triage.alert import Alert, Photo
from triage.errors import FieldError, InvalidAlert, PhotoRefused
from triage.photo import MAX_PHOTO_BYTES, DecodedPhoto, decode_photo

Prepared = TypeVar("Prepared")
Fetch = Callable[[str], bytes]


@dataclass(frozen=True, slots=True)
class TakenIn(Generic[Prepared]):
    """An alert with its photos in order, as the model takes them; None where one cannot be read.

    `images` are the same photos as they may be kept, where they were asked for.
    """

    alert: Alert
    pictures: tuple[Prepared | None, ...] = ()
    images: tuple[Image | None, ...] = ()


class Intake(Generic[Prepared]):
    """Decodes photos once and keeps only what the model takes of them, so that waiting alerts stay small.

    Args:
        prepare: what the model takes of an upright RGB image; None if it takes none.
        place_from_photo: whether an alert without a place gets that of its first photo that has one.
        fetch: brings the bytes of a link whose host is allowed; none by default.
        folder: where relative photo paths start (command line only).
    """

    def __init__(
        self,
        prepare: Callable[[Image], Prepared | None],
        *,
        place_from_photo: bool = False,
        fetch: Fetch | None = None,
        folder: Path | None = None,
    ) -> None:
        self._prepare = prepare
        self._place_from_photo = place_from_photo
        self._fetch = fetch
        self._folder = folder or Path()

    def take_in(self, alert: Alert, *, with_images: bool = False) -> TakenIn[Prepared]:
        """Read every photo; a bad one must not cost the resident the answer to a good text.

        Args:
            alert: a checked alert.
            with_images: whether to hold the decoded photos too, which are large.

        Raises:
            InvalidAlert: no photo can be read and the text says nothing either.
        """
        pictures: list[Prepared | None] = []
        images: list[Image | None] = []
        faults: list[FieldError] = []
        places: list[tuple[float, float]] = []
        for number, photo in enumerate(alert.photo):
            decoded = self._decode(photo, f"photo[{number}]")
            if isinstance(decoded, FieldError):
                faults.append(decoded)
                pictures.append(None)
                images.append(None)
                continue
            pictures.append(self._prepare(decoded.image))
            if with_images:
                images.append(decoded.image)
            if decoded.place:
                places.append(decoded.place)
        if faults and len(faults) == len(alert.photo) and not alert.has_words:
            raise InvalidAlert(tuple(faults))
        if self._place_from_photo and places and alert.lat is None:
            alert = alert.model_copy(update={"lat": places[0][0], "lon": places[0][1]})
        return TakenIn(alert, tuple(pictures), tuple(images) if with_images else ())

    def _decode(self, photo: Photo, field: str) -> DecodedPhoto | FieldError:
        try:
            return decode_photo(self._content(photo))
        except PhotoRefused as error:
            return FieldError(field, error.code, error.message)
        except (OSError, ValueError) as error:  # ValueError: a path that holds a NUL
            reason = getattr(error, "strerror", None) or error
            return FieldError(field, PhotoRefused.code, f"the file cannot be read: {reason}")

    def _content(self, photo: Photo) -> bytes:
        if photo.url is not None:
            if self._fetch is None:
                raise PhotoRefused("A link to a photo is not followed here; send 'base64'.")
            return self._fetch(photo.url)
        if photo.path is None:
            return photo.content()
        with self._folder.joinpath(photo.path).open("rb") as stream:
            return stream.read(MAX_PHOTO_BYTES + 1)
