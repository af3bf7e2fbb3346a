"""The alert: what a resident sent, checked field by field before any model runs."""

import base64
import codecs
import re
import unicodedata
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal, Self, TypeVar
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    model_validator,
)
from pydantic_core import PydanticCustomError, PydanticKnownError

from triage.errors import FieldError, InvalidAlert, InvalidJson
from triage.photo import MAX_PHOTO_BYTES

MAX_ID_CHARACTERS = 200
MAX_TEXT_CHARACTERS = 5_000
MAX_PHOTOS = 3
MAX_ADDRESS_CHARACTERS = 300
MAX_COMMUNE_CHARACTERS = 100
MAX_CLOCK_SKEW = timedelta(days=1)

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029]")
_CONTROL_OR_BREAK = re.compile(rf"{_CONTROL.pattern}|[\t\n\r]")
# Keyboards of phones wrap words in marks of writing direction: they are no fault of the sender, and say nothing.
_DIRECTION = re.compile(r"[\u202a-\u202e\u2066-\u2069]")
# "1️⃣" and "ℹ️" are a digit and a letter dressed as emoji.
_DRESSED_AS_EMOJI = re.compile(r".[\ufe0f\u20e3]+", re.DOTALL)
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_BASE64_LIMIT = MAX_PHOTO_BYTES * 4 // 3 + 4


def _printable(value: str) -> str:
    if not value.isprintable() or not value.strip():
        raise PydanticCustomError("not_printable", "must be 1 to 200 printable characters")
    return value


def plain_text(value: str) -> str:
    """A text as models see it: composed letters (NFC), no marks of direction, no space around it."""
    return unicodedata.normalize("NFC", _DIRECTION.sub("", value)).strip()


def joined_text(before: str, added: str) -> str:
    """A text with what its sender added later."""
    return f"{before}\n{added}" if before and added else before or added


def _refuse_control(value: str, pattern: re.Pattern[str]) -> None:
    match = pattern.search(value)
    if match:
        raise PydanticCustomError(
            "control_character",
            "contains the control character U+{code} at position {position}; remove it",
            {"code": f"{ord(match[0]):04X}", "position": match.start()},
        )


def _clean_text(value: str) -> str:
    _refuse_control(value, _CONTROL)
    return plain_text(value)


def _clean_hint(value: str) -> str:
    _refuse_control(value, _CONTROL_OR_BREAK)
    return value


def clean_line(value: str) -> str | None:
    """A line as it is stored, such as an address of several lines; None where it says nothing.

    Raises:
        PydanticCustomError: it holds a control character.
    """
    _refuse_control(value, _CONTROL)
    return " ".join(plain_text(value).split()) or None


def _iso_text(value: Any) -> Any:
    # Pydantic would read "20260101" as seconds since 1970, which is a day of August 1970.
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str):
        raise PydanticKnownError("datetime_type")
    if not _ISO_DATE.match(value):
        raise PydanticKnownError("datetime_parsing", {"error": "write it as 2026-01-31T08:30:00+01:00"})
    return value


def _on_the_calendar(value: datetime) -> datetime:
    try:
        moment = value.astimezone(UTC)
    except OverflowError:
        raise PydanticCustomError("out_of_calendar", "lies outside the years 1 to 9999; check the date") from None
    if moment > datetime.now(UTC) + MAX_CLOCK_SKEW:
        raise PydanticCustomError("in_the_future", "lies more than a day in the future; check the sender's clock")
    return value


def _as_list(value: Any) -> Any:
    if value is None:
        return []
    return [value] if isinstance(value, dict | str) else value


def _absent_is_empty(value: Any) -> Any:
    return "" if value is None else value


# ISO 8601 with a zone.
ZonedTime = Annotated[AwareDatetime, Field(strict=False), BeforeValidator(_iso_text)]
# The same, at most a day in the future.
Moment = Annotated[ZonedTime, AfterValidator(_on_the_calendar)]


class Photo(BaseModel):
    """A photo as it arrives: base64 text, a link to a host that the settings allow, or on the command line a path."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    base64: Annotated[str, Field(max_length=_BASE64_LIMIT)] | None = None
    path: str | None = None
    url: Annotated[str, Field(max_length=2_000)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _bare_string_is_a_path(cls, value: Any) -> Any:
        return {"path": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _exactly_one_source(self, info: ValidationInfo) -> Self:
        context = info.context or {}
        if [self.base64, self.path, self.url].count(None) != 2:
            raise PydanticCustomError("photo_source", "needs exactly one of 'base64', 'url' and 'path'")
        if self.path is not None and not context.get("allow_paths"):
            raise PydanticCustomError("path_refused", "a path is read on the command line only; send 'base64'")
        if self.url is not None and not is_allowed_link(self.url, context.get("photo_hosts", ())):
            raise PydanticCustomError(
                "url_refused",
                "is no https link to a host that the setting TRIAGE_PHOTO_HOSTS allows; send 'base64'",
                {"field": "url"},
            )
        if self.base64 is not None:
            self.content()
        return self

    def content(self) -> bytes:
        """The decoded bytes of a base64 photo."""
        try:
            return base64.b64decode(self.base64 or "", validate=True)
        except ValueError as error:
            raise PydanticCustomError("base64", "is not valid base64") from error


def is_allowed_link(url: str, hosts: Collection[str]) -> bool:
    """Whether a link is plain https to one of the hosts, by name and on the usual port."""
    try:
        parts = urlsplit(url)
        return parts.scheme == "https" and parts.netloc.lower() in hosts
    except ValueError:
        return False


AlertText = Annotated[
    str, Field(max_length=MAX_TEXT_CHARACTERS), BeforeValidator(_absent_is_empty), AfterValidator(_clean_text)
]
AlertPhotos = Annotated[tuple[Photo, ...], BeforeValidator(_as_list), Field(max_length=MAX_PHOTOS, strict=False)]
Channel = Literal["application", "telephone", "email", "web"]


class Alert(BaseModel):
    """One alert of a resident. Places are WGS84 degrees; `created_at` carries a zone.

    `address` and `commune` say where in words, instead of degrees or beside them; `channel` says how the alert came.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    id: Annotated[str, Field(min_length=1, max_length=MAX_ID_CHARACTERS), AfterValidator(_printable)]
    text: AlertText = ""
    photo: AlertPhotos = ()
    lat: Annotated[float, Field(ge=-90, le=90)] | None = None
    lon: Annotated[float, Field(ge=-180, le=180)] | None = None
    created_at: Moment | None = None
    category_hint: Annotated[str, Field(max_length=200), AfterValidator(_clean_hint)] | None = None
    address: Annotated[str, Field(max_length=MAX_ADDRESS_CHARACTERS), AfterValidator(clean_line)] | None = None
    commune: Annotated[str, Field(max_length=MAX_COMMUNE_CHARACTERS), AfterValidator(clean_line)] | None = None
    channel: Channel | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if (self.lat is None) != (self.lon is None):
            missing = "lat" if self.lat is None else "lon"
            raise PydanticCustomError("half_a_place", "'lat' and 'lon' must be given together", {"field": missing})
        if not self.photo and not self.has_words:
            raise no_words()
        return self

    @property
    def has_words(self) -> bool:
        """Whether the text holds at least one letter or digit (emoji alone say too little)."""
        return has_words(self.text)


Parsed = TypeVar("Parsed", bound=BaseModel)


def no_words() -> PydanticCustomError:
    """The fault of what has neither words nor a photo."""
    message = "'text' has no letter or digit and there is no photo; send one of them"
    return PydanticCustomError("no_words", message, {"field": "text"})


def has_words(text: str) -> bool:
    """Whether a text holds at least one letter or digit, those dressed as emoji not counted."""
    kinds = map(unicodedata.category, _DRESSED_AS_EMOJI.sub("", text))
    return any(kind[0] == "L" or kind == "Nd" for kind in kinds)


def parse_alert(source: bytes | str, *, allow_paths: bool = False, photo_hosts: Collection[str] = ()) -> Alert:
    """Parse one alert from JSON text; `parse_as` says how."""
    return parse_as(Alert, source, allow_paths=allow_paths, photo_hosts=photo_hosts)


def parse_as(
    kind: type[Parsed], source: bytes | str, *, allow_paths: bool = False, photo_hosts: Collection[str] = ()
) -> Parsed:
    """Parse one alert of some kind, or what is like one, from JSON text.

    Args:
        kind: its class.
        source: UTF-8 JSON, as bytes or text; bytes may start with a byte-order mark, as Windows writes it.
        allow_paths: whether a photo may name a file (command line only).
        photo_hosts: hosts from which a photo may be fetched by its link.

    Raises:
        InvalidJson: the input is not a JSON document in UTF-8.
        InvalidAlert: naming every field at fault.
    """
    if isinstance(source, bytes):
        source = source.removeprefix(codecs.BOM_UTF8)
    try:
        return kind.model_validate_json(source, context={"allow_paths": allow_paths, "photo_hosts": photo_hosts})
    except ValidationError as error:
        raise _as_invalid_alert(error) from None


def field_errors(error: ValidationError, prefix: str = "") -> tuple[FieldError, ...]:
    """Translate pydantic's findings into the field errors of the contract.

    A rule over several fields names the one at fault in its context, under `field`.
    """
    found: dict[str, FieldError] = {}
    for detail in error.errors(include_url=False, include_input=False):
        path = prefix
        for part in detail["loc"]:
            path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else str(part)
        rule_field = detail.get("ctx", {}).get("field")
        if rule_field:
            path = f"{path}.{rule_field}" if path else rule_field
        found.setdefault(path, FieldError(path or "body", detail["type"], detail["msg"]))
    return tuple(found.values())


def _as_invalid_alert(error: ValidationError) -> InvalidAlert:
    errors = field_errors(error)
    if any(item.code == "json_invalid" for item in errors):
        return InvalidJson(errors)
    return InvalidAlert(errors)
