"""Forms of residents' apps: what an alert needs is read, everything else is dropped unread.

Names, e-mail addresses, telephone numbers and the ids of devices and accounts are of no use to triage: whoever keeps
the `service_request_id` beside them can answer the reporter.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from starlette.types import Receive

from serving.desk.languages import N_
from serving.form_body import read_form_body
from serving.problems import Problem
from triage.alert import MAX_ADDRESS_CHARACTERS
from triage.errors import FieldError
from triage.redaction import redact

FORM_TYPE = "application/x-www-form-urlencoded"
KEY_FIELD = "api_key"
# A description of 5,000 characters that are all percent-encoded fits.
MAX_BYTES = 131_072
MAX_FIELDS = 200
MAX_LINK = 2_000
READ = ("service_code", "lat", "long", "address_string", "address_id", "description", "media_url")

# Programs write a number near zero as 1e-05.
_NUMBER = re.compile(r"[+-]?[0-9]{1,3}(\.[0-9]{1,20})?(e[+-]?[0-9]{1,3})?", re.ASCII | re.IGNORECASE)
_LINK = re.compile(r"https?://[^\s<>\"\\^`{|}\x00-\x20\x7f-\uffff]+", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class NewRequest:
    """What a form says.

    Attributes:
        service_code: of the category that the reporter chose.
        place: latitude and longitude in degrees.
        address: where, in words.
        link: of a photo; None where none came, or where it carries personal data.
    """

    description: str
    service_code: str | None
    place: tuple[float, float] | None
    address: str | None
    link: str | None


async def read_body(receive: Receive) -> bytes:
    """The body of a form.

    Raises:
        Problem: 413 where it is too large, 400 where the app went away.
    """
    return await read_form_body(receive, MAX_BYTES, N_("The form is too large; shorten the description."))


def fields_of(body: bytes) -> list[tuple[str, str]]:
    """The fields of a form that say something, in their order.

    Raises:
        Problem: 400 where it is no form in UTF-8, or has too many fields.
    """
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MAX_FIELDS, errors="strict")
    except ValueError:  # UnicodeDecodeError is one
        raise Problem(400, "bad_form", N_("The form cannot be read.")) from None
    return [(name, value.strip()) for name, value in pairs if value.strip()]


def key_in(body: bytes) -> str:
    """The API key of a form; empty where there is none, or more than one."""
    try:
        keys = {value for name, value in fields_of(body) if name == KEY_FIELD}
    except Problem:  # the route says what is wrong with the form to those who have a key
        return ""
    return keys.pop() if len(keys) == 1 else ""


def read_request(body: bytes) -> NewRequest:
    """What a form says of a fault.

    Raises:
        Problem: 400, naming every field at fault.
    """
    given: dict[str, str] = {}
    faults: list[FieldError] = []
    for name, value in fields_of(body):
        if name in READ and given.setdefault(name, value) != value:
            faults.append(FieldError(name, "repeated", "is given twice with different values"))
    place = _place(given, faults)
    link = _link(given.get("media_url"), faults)
    address = given.get("address_string") or given.get("address_id")
    address = None if address is None else " ".join(address.split())
    if address is not None and len(address) > MAX_ADDRESS_CHARACTERS:
        faults.append(FieldError("address_string", "too_long", f"has more than {MAX_ADDRESS_CHARACTERS} characters"))
    if faults:
        raise Problem(400, "bad_request", N_("The request cannot be used."), faults)
    if place is None and address is None:
        raise Problem(400, "no_place", N_("Say where: send lat and long, address_string or address_id."))
    return NewRequest(given.get("description", ""), given.get("service_code"), place, address, link)


def _place(given: Mapping[str, str], faults: list[FieldError]) -> tuple[float, float] | None:
    names = ("lat", "long")
    found = [given.get(name) for name in names]
    if found == [None, None]:
        return None
    numbers = []
    for name, value, most in zip(names, found, (90, 180), strict=True):
        if value is None:
            faults.append(FieldError(name, "missing", "must be given together with the other"))
        elif not _NUMBER.fullmatch(value) or abs(float(value)) > most:
            faults.append(FieldError(name, "no_degrees", f"must be WGS84 degrees from -{most} to {most}"))
        else:
            numbers.append(float(value))
    return (numbers[0], numbers[1]) if len(numbers) == 2 else None


def _link(value: str | None, faults: list[FieldError]) -> str | None:
    if value is None:
        return None
    if not _is_link(value):
        faults.append(FieldError("media_url", "no_link", f"must be an http link of at most {MAX_LINK} characters"))
        return None
    return value if redact(value).text == value else None


def _is_link(value: str) -> bool:
    if len(value) > MAX_LINK or not _LINK.fullmatch(value):
        return False
    try:
        parts = urlsplit(value)
        return bool(parts.hostname) and parts.username is None and parts.password is None
    except ValueError:
        return False
