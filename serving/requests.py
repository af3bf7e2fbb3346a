"""From HTTP bodies to checked alerts: JSON or multipart, one alert or many."""

import base64
import json
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import from_json
from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from serving.batching import CheckedAlert
from serving.problems import Problem
from triage.alert import MAX_PHOTOS, field_errors, parse_alert
from triage.errors import FieldError, InvalidAlert, InvalidJson
from triage.intake import check_photos
from triage.photo import MAX_PHOTO_BYTES

MAX_BATCH_ALERTS = 1_000
SMALL_BODY = 32_768  # larger ones are parsed off the event loop
MAX_PART_BYTES = 262_144
MAX_PARTS = 16  # more than a good form has, so that a wrong part is named and not only counted

_FLAGS = {"true": True, "1": True, "false": False, "0": False}

Parsed = TypeVar("Parsed")
Item = CheckedAlert | tuple[str | None, InvalidAlert]


class _BatchBody(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    alerts: list[dict[str, Any]]


async def read_alert(request: Request) -> CheckedAlert:
    """The alert of a request in JSON or multipart.

    Raises:
        Problem: 400, 413, 415 or 422, naming the field.
    """
    kind = _content_type(request)
    if kind == "application/json":
        return await _off_loop_if_large(await request.body(), _check_one)
    if kind == "multipart/form-data":
        return await _read_multipart(request)
    raise _unsupported("Send application/json, or multipart/form-data with a part 'alert'.")


async def read_batch(request: Request) -> list[Item]:
    """The alerts of a batch, each checked on its own; only faults of the whole raise.

    Raises:
        Problem: 400, 413, 415 or 422 for faults of the batch as a whole.
    """
    if _content_type(request) != "application/json":
        raise _unsupported("Send application/json with a list named 'alerts'.")
    return await _off_loop_if_large(await request.body(), _check_batch)


def wants_explanation(request: Request) -> bool:
    """Whether the query asks for an explanation.

    Raises:
        Problem: 422 where it says neither yes nor no, or both.
    """
    values = request.query_params.getlist("explain")
    if not values:
        return False
    if len(values) > 1 or values[0] not in _FLAGS:
        raise _invalid_query("must be true, 1, false or 0, and given once")
    return _FLAGS[values[0]]


def refuse_explanation(request: Request) -> None:
    """Refuse the query's `explain` on a route that does not offer it.

    Raises:
        Problem: 422 that names the route that does.
    """
    if "explain" in request.query_params:
        raise _invalid_query("is offered for single alerts only; ask /v1/predict")


def _invalid_query(message: str) -> Problem:
    fault = FieldError("explain", "invalid_query", message)
    return Problem(422, "invalid_query", f"The query cannot be used: explain {message}.", (fault,))


def invalid(error: InvalidAlert) -> Problem:
    """The problem document of an invalid alert."""
    status = 400 if isinstance(error, InvalidJson) else 422
    return Problem(status, error.code, error.message, error.errors)


def _content_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _unsupported(detail: str) -> Problem:
    fault = FieldError("Content-Type", "unsupported_media_type", "is neither of those that this route reads")
    return Problem(415, "unsupported_media_type", detail, (fault,))


async def _off_loop_if_large(body: bytes, parse: Callable[[bytes], Parsed]) -> Parsed:
    return parse(body) if len(body) <= SMALL_BODY else await run_in_threadpool(parse, body)


def _check_one(body: bytes | str) -> CheckedAlert:
    try:
        alert = parse_alert(body)
        return CheckedAlert(alert, check_photos(alert))
    except InvalidAlert as error:
        raise invalid(error) from None


def _check_batch(body: bytes) -> list[Item]:
    try:
        alerts = _BatchBody.model_validate_json(body).alerts
    except ValidationError as error:
        errors = field_errors(error)
        broken = any(item.code == "json_invalid" for item in errors)
        raise invalid(InvalidJson(errors) if broken else InvalidAlert(errors)) from None
    if not alerts:
        raise invalid(InvalidAlert((FieldError("alerts", "too_short", "needs at least one alert"),)))
    if len(alerts) > MAX_BATCH_ALERTS:
        fault = FieldError("alerts", "too_long", f"holds {len(alerts)} alerts; send at most {MAX_BATCH_ALERTS}")
        raise Problem(413, "too_many_alerts", "The batch has too many alerts; split it.", (fault,))
    _refuse_repeated_ids(alerts)
    return [_check_item(item) for item in alerts]


def _refuse_repeated_ids(alerts: Sequence[dict[str, Any]]) -> None:
    first: dict[str, int] = {}
    repeated = []
    for number, item in enumerate(alerts):
        name = item.get("id")
        if isinstance(name, str) and first.setdefault(name, number) != number:
            message = f"repeats the id of alerts[{first[name]}]"
            repeated.append(FieldError(f"alerts[{number}].id", "repeated_id", message))
    if repeated:
        raise invalid(InvalidAlert(tuple(repeated)))


def _check_item(item: dict[str, Any]) -> Item:
    try:
        alert = parse_alert(json.dumps(item))
        return CheckedAlert(alert, check_photos(alert))
    except InvalidAlert as error:
        name = item.get("id")
        return (name if isinstance(name, str) else None), error


class _FormParser(MultiPartParser):
    """Knows whether the closing boundary came: a form that was cut off would lose its last photo unseen."""

    closed = False

    def on_end(self) -> None:
        """Note the closing boundary."""
        self.closed = True


async def _read_multipart(request: Request) -> CheckedAlert:
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


async def _from_form(parts: Sequence[tuple[str, UploadFile | str]]) -> CheckedAlert:
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
    return await run_in_threadpool(_check_one, json.dumps(document))


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
