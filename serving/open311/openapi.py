"""What the API page shows of Open311's routes."""

import json
from collections.abc import Sequence
from typing import Any

from serving.alerts.idempotency import HEADER, MAX_CHARACTERS
from serving.alerts.openapi import Answers, Parts
from serving.open311.forms import FORM_TYPE, KEY_FIELD, MAX_LINK
from serving.open311.languages import PARAMETER
from serving.open311.queries import MOST_IDS, MOST_REQUESTS, SPAN, STATES
from serving.open311.writing import Form, Row, write_definition, write_list
from serving.openapi_alert import CATEGORY, LINE, PRINTABLE, WEB_LINK, WORDS
from triage.alert import MAX_ADDRESS_CHARACTERS, MAX_ID_CHARACTERS, MAX_TEXT_CHARACTERS

_ID = "o311-019aa4c6c1d08f4e2b7a9c0d1e2f3a4b5c6d"
_SERVICE: Row = {
    "service_code": "eclairage_public",
    "service_name": "Éclairage public",
    "description": "Lampadaire éteint, clignotant ou abîmé, rue dans le noir.",
    "metadata": False,
    "type": "realtime",
    "keywords": "lampadaire, lumière",
    "group": "Rues et circulation",
}
_REQUEST: Row = {
    "service_request_id": _ID,
    "status": "open",
    "status_notes": "Une équipe s'en occupe.",
    "service_name": "Éclairage public",
    "service_code": "eclairage_public",
    "description": "Lampadaire éteint devant le 12 rue Monge",
    "agency_responsible": "Service éclairage public",
    "service_notice": None,
    "requested_datetime": "2026-11-22T17:30:00Z",
    "updated_datetime": "2026-11-22T17:30:04Z",
    "expected_datetime": "2026-11-29T17:30:04Z",
    "address": "12 rue Monge, Dijon",
    "address_id": None,
    "zipcode": None,
    "lat": 47.3216,
    "long": 5.0415,
    "media_url": None,
}
_RECEIPT: Row = {
    "service_request_id": _ID,
    "service_notice": "La demande a été classée « Éclairage public ».",
    "account_id": None,
}
_TIME = {"type": "string", "format": "date-time"}
_FAULTS = {
    400: "The form or the query breaks the contract; in the body, 409 is a key used twice, 413 too much, 415 no form.",
    403: "No API key, or one that may not be used for this.",
    404: "There is no such request, service or address.",
    429: "Too many requests; `Retry-After` says when to come back.",
    503: "Overloaded, not ready, or requests cannot be stored; `Retry-After` says when to come back.",
}
_FIELDS: dict[str, Parts] = {
    KEY_FIELD: {"type": "string", "description": "The API key, where no header carries it."},
    "jurisdiction_id": {"type": "string", "description": "Accepted; there is one jurisdiction."},
    "service_code": {
        "type": "string",
        "format": CATEGORY,
        "description": "The reporter's choice; the service chooses without it.",
    },
    "lat": {"type": "number", "minimum": -90, "maximum": 90, "description": "WGS84 degrees, with `long`."},
    "long": {"type": "number", "minimum": -180, "maximum": 180},
    "address_string": {
        "type": "string",
        "maxLength": MAX_ADDRESS_CHARACTERS,
        "format": LINE,
        "description": "Instead of a place, or beside it.",
    },
    "address_id": {
        "type": "string",
        "maxLength": MAX_ADDRESS_CHARACTERS,
        "format": LINE,
        "description": "Kept as the address where none is given.",
    },
    "description": {
        "type": "string",
        "maxLength": MAX_TEXT_CHARACTERS,
        "format": WORDS,
        "description": "No control characters; at least one letter or digit.",
    },
    "media_url": {
        "type": "string",
        "format": WEB_LINK,
        "maxLength": MAX_LINK,
        "description": "Kept as a link; fetched only from hosts that the settings allow.",
    },
    **{
        name: {"type": "string", "description": "Accepted and dropped: triage keeps no contact data."}
        for name in ("email", "first_name", "last_name", "phone", "device_id", "account_id")
    },
}


def common(*path: str) -> Parts:
    """The parameters of every route, and the id or code in its path."""
    named = {
        "code": _parameter("code", "path", "A category's code."),
        "id": _parameter("id", "path", "A request's id, percent-encoded.", maxLength=MAX_ID_CHARACTERS),
    }
    form = _parameter("form", "path", "The form of the answer.", enum=[form.value for form in Form])
    language = _parameter(
        PARAMETER, "query", "Otherwise the header Accept-Language; French by default.", enum=["fr", "en"]
    )
    jurisdiction = _parameter("jurisdiction_id", "query", "Accepted; there is one jurisdiction.")
    return {"parameters": [*(named[name] for name in path), form, language, jurisdiction]}


def list_request() -> Parts:
    """The query of a list."""
    own = [
        _parameter("service_request_id", "query", f"Up to {MOST_IDS} ids with commas; overrides all else."),
        _parameter("service_code", "query", "Codes with commas.", format=CATEGORY),
        _parameter("start_date", "query", f"At most {SPAN.days} days before end_date, which is the usual.", **_TIME),
        _parameter("end_date", "query", "By default now, or 90 days after start_date.", **_TIME),
        _parameter("status", "query", "Both without it.", enum=[*STATES, ",".join(STATES)]),
        _parameter("page", "query", "From 1.", type="integer", minimum=1, default=1),
        _parameter("page_size", "query", "", type="integer", minimum=1, maximum=MOST_REQUESTS, default=MOST_REQUESTS),
    ]
    return {"parameters": [*common()["parameters"], *own]}


def form_request() -> Parts:
    """A new request."""
    header = _parameter(
        HEADER,
        "header",
        "A repeat with the same key is the same request.",
        minLength=1,
        maxLength=MAX_CHARACTERS,
        format=PRINTABLE,
    )
    places = (["lat", "long"], ["address_string"], ["address_id"])
    schema = {
        "type": "object",
        "properties": _FIELDS,
        "required": ["description"],
        "anyOf": [{"required": names} for names in places],
        "dependentRequired": {"lat": ["long"], "long": ["lat"]},
        "description": "`description` may be missing where a photo can be fetched.",
    }
    example = {
        "service_code": "eclairage_public",
        "lat": 47.3216,
        "long": 5.0415,
        "description": "Lampadaire éteint devant le 12 rue Monge",
    }
    body = {"required": True, "content": {FORM_TYPE: {"schema": schema, "example": example}}}
    return {"parameters": [*common()["parameters"], header], "requestBody": body}


def service_answers() -> Answers:
    """The categories."""
    return _answers(200, "Every category.", "services", "service", [_SERVICE])


def request_answers() -> Answers:
    """Requests; one by itself is a list too."""
    answers = _answers(200, "The newest first.", "service_requests", "request", [_REQUEST])
    link = {"description": 'The next page, `rel="next"`; absent on the last.', "schema": {"type": "string"}}
    answers[200]["headers"] = {"Link": link}
    return answers


def receipt_answers() -> Answers:
    """What an app gets for a new request."""
    root, item = "service_requests", "request"
    stored = _answers(201, "Stored.", root, item, [_RECEIPT])
    return stored | _answers(200, "Stored before, with the same Idempotency-Key.", root, item, [_RECEIPT])


def token_answers() -> Answers:
    """The id for a token."""
    row: Row = {"service_request_id": _ID, "token": _ID}
    return _answers(200, "The token is the id.", "service_requests", "request", [row])


def definition_answers() -> Answers:
    """A category without fields of its own."""
    content = {
        form.media_type.partition(";")[0]: {
            "schema": _schema(form, "object"),
            "example": _example(form, write_definition(form, "eclairage_public", {}).body),
        }
        for form in Form
    }
    return {200: {"description": "No service asks for more than the standard's fields.", "content": content}}


def errors(*statuses: int) -> Answers:
    """The documented errors of a route, in the standard's form."""
    found: Answers = {}
    for status in statuses:
        row: Row = {"code": str(status), "description": _FAULTS[status]}
        found |= _answers(status, _FAULTS[status], "errors", "error", [row])
    return found


def _answers(status: int, description: str, root: str, item: str, rows: Sequence[Row]) -> Answers:
    content = {
        form.media_type.partition(";")[0]: {
            "schema": _schema(form, "array", rows[0]),
            "example": _example(form, write_list(form, root, item, rows).body),
        }
        for form in Form
    }
    return {status: {"description": description, "content": content}}


def _schema(form: Form, kind: str, row: Row | None = None) -> Parts:
    if form is Form.XML:
        return {"type": "string", "description": "XML of GeoReport v2."}
    if row is None:
        return {"type": kind, "required": ["service_code", "attributes"]}
    return {"type": kind, "items": {"type": "object", "required": list(row)}}


def _example(form: Form, body: bytes | memoryview) -> Any:
    if form is Form.XML:
        return bytes(body).decode()
    return json.loads(bytes(body))


def _parameter(name: str, place: str, description: str, **schema: Any) -> Parts:
    shown = {"name": name, "in": place, "required": place == "path", "schema": {"type": "string"} | schema}
    return shown | ({"description": description} if description else {})
