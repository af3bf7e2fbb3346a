"""What the API page shows of an alert's fields, in JSON and in multipart.

What no pattern can say of a string stands under the name of a format, and in words in its description.
"""

from collections.abc import Collection
from typing import Any, get_args

from triage.alert import (
    MAX_ADDRESS_CHARACTERS,
    MAX_COMMUNE_CHARACTERS,
    MAX_ID_CHARACTERS,
    MAX_PHOTOS,
    MAX_TEXT_CHARACTERS,
    Channel,
)

PRINTABLE, WORDS, LINE, PICTURE = "printable", "words", "line", "picture"
CATEGORY, DEPARTMENT, BOX, WEB_LINK = "category-code", "department-code", "bounding-box", "web-link"
MAX_HINT, MAX_LINK = 200, 2_000

Schema = dict[str, Any]

_DEGREES: Schema = {"type": ["number", "null"], "description": "WGS84 degrees; `lat` and `lon` are given together."}
_PLACE: Schema = {
    "anyOf": [
        {"required": ["lat", "lon"], "properties": {"lat": {"type": "number"}, "lon": {"type": "number"}}},
        {"properties": {"lat": {"type": "null"}, "lon": {"type": "null"}}},
    ]
}
_TEXT: Schema = {
    "type": ["string", "null"],
    "maxLength": MAX_TEXT_CHARACTERS,
    "format": WORDS,
    "description": "No control characters; at least one letter or digit where there is no photo.",
}
_ALERT: Schema = {
    "id": {
        "type": "string",
        "minLength": 1,
        "maxLength": MAX_ID_CHARACTERS,
        "format": PRINTABLE,
        "description": "Printable characters, not spaces alone.",
    },
    "text": _TEXT,
    "lat": _DEGREES | {"minimum": -90, "maximum": 90},
    "lon": _DEGREES | {"minimum": -180, "maximum": 180},
    "created_at": {
        "type": ["string", "null"],
        "format": "date-time",
        "description": "With a time zone; at most a day in the future.",
    },
    "category_hint": {"type": ["string", "null"], "maxLength": MAX_HINT, "format": LINE},
    "address": {
        "type": ["string", "null"],
        "maxLength": MAX_ADDRESS_CHARACTERS,
        "format": LINE,
        "description": "Where, in words: instead of degrees or beside them.",
    },
    "commune": {"type": ["string", "null"], "maxLength": MAX_COMMUNE_CHARACTERS, "format": LINE},
    "channel": {"enum": [*get_args(Channel), None], "description": "How the alert came."},
}
_ADDITION: Schema = {
    "text": _TEXT,
    "version": {
        "type": ["integer", "null"],
        "minimum": 1,
        "description": "That of the alert as it was read; at another one by now, it is a 409 and nothing changes.",
    },
}
_SAYS_TEXT: Schema = {"required": ["text"], "properties": {"text": {"type": "string"}}}
_SAYS_PHOTO: Schema = {
    "required": ["photo"],
    "properties": {"photo": {"anyOf": [{"type": "object"}, {"type": "array", "minItems": 1}]}},
}
_SAID = "At least one of `text` and `photo` must say something."


def alert_schema(hosts: Collection[str]) -> Schema:
    """An alert in JSON.

    Args:
        hosts: to which links to photos may lead.
    """
    return _object({**_ALERT, "photo": _photo(hosts)}, ["id"], [_PLACE, {"anyOf": [_SAYS_TEXT, _SAYS_PHOTO]}])


def addition_schema(hosts: Collection[str]) -> Schema:
    """What is added to an alert, in JSON.

    Args:
        hosts: to which links to photos may lead.
    """
    schema = _object({**_ADDITION, "photo": _photo(hosts)}, [], [{"anyOf": [_SAYS_TEXT, _SAYS_PHOTO]}])
    return schema | {"description": f"{_SAID} With what the alert has already, the limits of a new alert hold."}


def alert_in_parts() -> Schema:
    """The part `alert` of a multipart form: an alert whose photos are parts of their own."""
    return _object(_ALERT, ["id"], [_PLACE])


def addition_in_parts() -> Schema:
    """The same of what is added to an alert."""
    return _object(_ADDITION, [], [])


def multipart(part: Schema) -> Schema:
    """A form with one JSON part named `alert` and photos as files.

    Args:
        part: the schema of the JSON.
    """
    photos = {"type": "array", "items": {"type": "string", "format": "binary"}, "maxItems": MAX_PHOTOS}
    schema = {
        "type": "object",
        "additionalProperties": False,
        "required": ["alert"],
        "properties": {"alert": part, "photo": photos},
        "anyOf": [
            {"properties": {"alert": _SAYS_TEXT}},
            {"required": ["photo"], "properties": {"photo": {"minItems": 1}}},
        ],
        "description": _SAID,
    }
    return {"schema": schema, "encoding": {"alert": {"contentType": "application/json"}}}


def _object(properties: Schema, required: list[str], rules: list[Schema]) -> Schema:
    schema = {"type": "object", "additionalProperties": False, "required": required, "properties": properties}
    return schema | {"allOf": rules, "description": _SAID} if rules else schema


def _photo(hosts: Collection[str]) -> Schema:
    """The field `photo`; a link is part of it where the settings allow hosts."""
    forms = [_one_field("base64", {"type": "string", "contentEncoding": "base64", "format": PICTURE})]
    if hosts:
        names = "|".join(sorted(host.replace(".", r"\.") for host in hosts))
        forms.append(_one_field("url", {"type": "string", "maxLength": MAX_LINK, "pattern": f"^https://({names})/"}))
    one = forms[0] if len(forms) == 1 else {"oneOf": forms}
    return {
        "anyOf": [one, {"type": "array", "items": one, "maxItems": MAX_PHOTOS}, {"type": "null"}],
        "description": "JPEG, PNG, WebP or HEIC in base64, or an https link to a host that the settings allow.",
    }


def _one_field(name: str, schema: Schema) -> Schema:
    return {"type": "object", "additionalProperties": False, "required": [name], "properties": {name: schema}}
