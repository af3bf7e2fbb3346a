"""Multipart forms: one JSON part named `alert`, photo parts named `photo`."""

import base64
from collections.abc import Sequence
from typing import Any

from pydantic_core import from_json
from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from serving.problems import Problem, invalid
from triage.alert import MAX_PHOTOS
from triage.errors import FieldError, InvalidAlert, InvalidJson
from triage.photo import MAX_PHOTO_BYTES

MAX_PART_BYTES = 262_144
MAX_PARTS = 16  # more than a good form has, so that a wrong part is named and not only counted


class _FormParser(MultiPartParser):
    """Knows whether the closing boundary came: a form that was cut off would lose its last photo unseen."""

    closed = False

    def on_end(self) -> None:
        """Note the closing boundary."""
        self.closed = True


async def read_form(request: Request) -> dict[str, Any]:
    """The alert of a multipart form as one document, its photos in base64.

    Raises:
        Problem: 400, 413 or 422, naming the part.
    """
    # Latin-1 keeps every byte of a text part, so that its UTF-8 is checked and never guessed.
    headers = Headers({"content-type": f"{request.headers['content-type']}; charset=latin-1"})
    limits = {"max_files": MAX_PARTS, "max_fields": MAX_PARTS, "max_part_size": MAX_PART_BYTES}
    parser = _FormParser(headers, request.stream(), **limits)
    try:
        form = await parser.parse()
    except MultiPartException as error:
        raise _broken_multipart(error.message) from None
    try:
        if not parser.closed:
            raise _broken_multipart("It ends before its closing boundary.")
        return await _from_form(form.multi_items())
    finally:
        await form.close()


def _broken_multipart(reason: str) -> Problem:
    fault = FieldError("body", "invalid_multipart", reason)
    return Problem(400, "invalid_multipart", f"The multipart body cannot be read: {reason}", (fault,))


async def _from_form(parts: Sequence[tuple[str, UploadFile | str]]) -> dict[str, Any]:
    documents = [value for name, value in parts if name == "alert"]
    photos = [value for name, value in parts if name == "photo"]
    unknown = sorted({name for name, _ in parts} - {"alert", "photo"})
    if unknown or len(documents) != 1:
        fault = FieldError(unknown[0] if unknown else "alert", "multipart", "send one part 'alert' and parts 'photo'")
        raise invalid(InvalidAlert((fault,)))
    if len(photos) > MAX_PHOTOS:
        fault = FieldError("photo", "too_long", f"holds {len(photos)} photos; send at most {MAX_PHOTOS}")
        raise invalid(InvalidAlert((fault,)))
    try:
        document = from_json(await _bytes(documents[0]))
    except ValueError:
        raise invalid(InvalidJson((FieldError("alert", "json_invalid", "is not JSON in UTF-8"),))) from None
    if not isinstance(document, dict) or "photo" in document:
        raise invalid(InvalidAlert((FieldError("alert", "multipart", "must be an object without 'photo'"),)))
    document["photo"] = [{"base64": await _base64(number, photo)} for number, photo in enumerate(photos)]
    return document


async def _bytes(value: UploadFile | str) -> bytes:
    content = value.encode("latin-1") if isinstance(value, str) else await value.read(MAX_PART_BYTES + 1)
    if len(content) > MAX_PART_BYTES:
        fault = FieldError("alert", "too_large", f"has more than {MAX_PART_BYTES} bytes")
        raise Problem(413, "alert_too_large", "The part 'alert' is too large.", (fault,))
    return content


async def _base64(number: int, photo: UploadFile | str) -> str:
    if isinstance(photo, str):
        raise invalid(InvalidAlert((FieldError(f"photo[{number}]", "multipart", "must be a file, not a text"),)))
    content = await photo.read(MAX_PHOTO_BYTES + 1)
    if len(content) > MAX_PHOTO_BYTES:
        fault = FieldError(f"photo[{number}]", "too_large", f"has more than {MAX_PHOTO_BYTES} bytes")
        raise Problem(413, "photo_too_large", "A photo is too large; send a smaller one.", (fault,))
    return base64.b64encode(content).decode("ascii")
