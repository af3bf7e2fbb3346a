"""From HTTP bodies to checked alerts: JSON or multipart, one alert or many."""

import json
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

from anyio import CapacityLimiter, to_thread
from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.requests import Request

from models.photo import Picture
from serving.batching import CheckedAlert
from serving.forms import read_form
from serving.problems import Problem, invalid
from triage.addition import Addition
from triage.alert import Alert, field_errors, parse_alert, parse_as
from triage.content import canonical_addition, canonical_content
from triage.errors import FieldError, InvalidAlert, InvalidJson
from triage.intake import Intake

MAX_BATCH_ALERTS = 1_000
SMALL_BODY = 32_768  # larger ones are parsed off the event loop
MAX_BATCH_PHOTOS = 100  # decoding them takes seconds, while others wait
DECODING_THREADS = 2

# Plain, or with letters written as JSON allows: "p" as \u0070, and so on.
_MAY_HOLD_PHOTO = re.compile(rb'"photo"|\\u00[67]')
_FLAGS = {"true": True, "1": True, "false": False, "0": False}

Parsed = TypeVar("Parsed")
Item = CheckedAlert | tuple[str | None, InvalidAlert]


@dataclass(frozen=True, slots=True)
class Submission:
    """An alert to be stored, and what it says in bytes that are the same however it was written down."""

    item: CheckedAlert
    content: bytes


@dataclass(frozen=True, slots=True)
class AddedSubmission(Submission):
    """What is added to a stored alert; `version` is that of the alert as its reporter saw it, if they say."""

    version: int | None


class _BatchBody(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    alerts: list[dict[str, Any]]


class AlertReader:
    """Reads the alerts of requests, photos included, off the event loop where that takes long.

    Args:
        intake: makes photos ready for the model.
        photo_hosts: hosts from which a photo may be fetched by its link.
    """

    def __init__(self, intake: Intake[Picture], photo_hosts: Collection[str] = ()) -> None:
        self._intake = intake
        self._photo_hosts = photo_hosts
        # Decoded pictures are large: two at a time keep both memory and the cores for others.
        self._decoding = CapacityLimiter(DECODING_THREADS)

    async def one(self, request: Request) -> CheckedAlert:
        """The alert of a request in JSON or multipart.

        Raises:
            Problem: 400, 413, 415 or 422, naming the field.
        """
        return await self._read(request, self._check_one)

    async def submission(self, request: Request, *, with_images: bool) -> Submission:
        """The alert of a request in JSON or multipart, with what storing it needs.

        Args:
            request: the request.
            with_images: whether its photos are to be kept.

        Raises:
            Problem: 400, 413, 415 or 422, naming the field.
        """
        return await self._read(request, partial(self._submission, with_images=with_images))

    async def written(self, document: str, *, with_images: bool) -> Submission:
        """The alert that a request of another form was written as, with what storing it needs.

        Args:
            document: the alert as JSON.
            with_images: whether its photos are to be kept.

        Raises:
            Problem: 400 or 422, naming the field.
        """
        check = partial(self._submission, with_images=with_images)
        return await self._off_loop_if_large(document.encode(), check)

    def _submission(self, body: bytes | str, *, with_images: bool) -> Submission:
        try:
            alert = parse_alert(body, photo_hosts=self._photo_hosts)
            item = self._intake.take_in(alert, with_images=with_images)
        except InvalidAlert as error:
            raise invalid(error) from None
        # The photos as sent are large, and read by now.
        light = item.alert.model_copy(update={"photo": ()})
        return Submission(replace(item, alert=light), canonical_content(alert))

    async def addition(self, request: Request, alert_id: str, key: str | None, *, with_images: bool) -> AddedSubmission:
        """What a request adds to a stored alert, in JSON or multipart.

        Args:
            request: the request.
            alert_id: the alert's id.
            key: of the request, where it has one.
            with_images: whether its photos are to be kept.

        Raises:
            Problem: 400, 413, 415 or 422, naming the field.
        """

        def check(body: bytes | str) -> AddedSubmission:
            try:
                added = parse_as(Addition, body, photo_hosts=self._photo_hosts)
                alone = Alert.model_construct(id=alert_id, text=added.text, photo=added.photo)
                item = self._intake.take_in(alone, with_images=with_images)
            except InvalidAlert as error:
                raise invalid(error) from None
            light = item.alert.model_copy(update={"photo": ()})
            return AddedSubmission(replace(item, alert=light), canonical_addition(alert_id, added, key), added.version)

        return await self._read(request, check)

    async def batch(self, request: Request) -> list[Item]:
        """The alerts of a batch, each checked on its own; only faults of the whole raise.

        Raises:
            Problem: 400, 413, 415 or 422 for faults of the batch as a whole.
        """
        if content_type(request) != "application/json":
            raise unsupported("Send application/json with a list named 'alerts'.")
        return await self._off_loop_if_large(await request.body(), self._check_batch)

    async def _read(self, request: Request, check: Callable[[bytes | str], Parsed]) -> Parsed:
        kind = content_type(request)
        if kind == "application/json":
            return await self._off_loop_if_large(await request.body(), check)
        if kind == "multipart/form-data":
            document = await read_form(request)
            return await to_thread.run_sync(check, json.dumps(document), limiter=self._decoding)
        raise unsupported("Send application/json, or multipart/form-data with a part 'alert'.")

    async def _off_loop_if_large(self, body: bytes, parse: Callable[[bytes], Parsed]) -> Parsed:
        # A photo is small only where it is none; whatever may hold one is decoded off the loop.
        if len(body) <= SMALL_BODY and not _MAY_HOLD_PHOTO.search(body):
            return parse(body)
        return await to_thread.run_sync(parse, body, limiter=self._decoding)

    def _check_one(self, body: bytes | str) -> CheckedAlert:
        try:
            return self._take_in(body)
        except InvalidAlert as error:
            raise invalid(error) from None

    def _check_batch(self, body: bytes) -> list[Item]:
        return [self._check_item(item) for item in _parse_batch(body)]

    def _check_item(self, item: dict[str, Any]) -> Item:
        try:
            return self._take_in(json.dumps(item))
        except InvalidAlert as error:
            name = item.get("id")
            return (name if isinstance(name, str) else None), error

    def _take_in(self, body: bytes | str) -> CheckedAlert:
        return self._intake.take_in(parse_alert(body, photo_hosts=self._photo_hosts))


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


def content_type(request: Request) -> str:
    """The media type of a body, without its parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def unsupported(detail: str) -> Problem:
    """The answer to a body of a kind that the route does not read."""
    fault = FieldError("Content-Type", "unsupported_media_type", "is neither of those that this route reads")
    return Problem(415, "unsupported_media_type", detail, (fault,))


def _parse_batch(body: bytes) -> list[dict[str, Any]]:
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
    given = [item.get("photo") for item in alerts]
    photos = sum(len(photo) if isinstance(photo, list) else photo is not None for photo in given)
    if photos > MAX_BATCH_PHOTOS:
        fault = FieldError("alerts", "too_many_photos", f"hold {photos} photos; send at most {MAX_BATCH_PHOTOS}")
        raise Problem(413, "too_many_photos", "The batch has too many photos; split it.", (fault,))
    _refuse_repeated_ids(alerts)
    return alerts


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
