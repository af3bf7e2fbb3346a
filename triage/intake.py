"""What is found out about an alert's photos before any model runs."""

from pathlib import Path

from triage.alert import Alert, Photo
from triage.errors import FieldError, InvalidAlert, PhotoRefused
from triage.photo import MAX_PHOTO_BYTES, inspect_photo

PHOTO_UNREADABLE = "photo_unreadable"
PHOTO_IGNORED = "photo_ignored"


def check_photos(alert: Alert, folder: Path | None = None) -> tuple[str, ...]:
    """Inspect every photo; a bad one must not cost the resident the answer to a good text.

    Args:
        alert: a parsed alert.
        folder: where relative photo paths start (command line only).

    Returns:
        Reasons for the answer: `photo_unreadable`, `photo_ignored`, or none.

    Raises:
        InvalidAlert: no photo can be read and the text says nothing either.
    """
    if not alert.photo:
        return ()
    faults = [fault for number, photo in enumerate(alert.photo) if (fault := _fault(photo, number, folder))]
    if len(faults) == len(alert.photo) and not alert.has_words:
        raise InvalidAlert(tuple(faults))
    readable = (PHOTO_IGNORED,) if len(faults) < len(alert.photo) else ()
    return ((PHOTO_UNREADABLE,) if faults else ()) + readable


def _fault(photo: Photo, number: int, folder: Path | None) -> FieldError | None:
    field = f"photo[{number}]"
    try:
        inspect_photo(_content(photo, folder))
    except PhotoRefused as error:
        return FieldError(field, error.code, error.message)
    except (OSError, ValueError) as error:  # ValueError: a path that holds a NUL
        return FieldError(field, PhotoRefused.code, f"the file cannot be read: {getattr(error, 'strerror', error)}")
    return None


def _content(photo: Photo, folder: Path | None) -> bytes:
    if photo.path is None:
        return photo.content()
    with (folder or Path()).joinpath(photo.path).open("rb") as stream:
        return stream.read(MAX_PHOTO_BYTES + 1)
