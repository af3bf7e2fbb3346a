"""Why a department did not get an alert: stored as English, shown in the reader's language."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from serving.desk.languages import N_

NO_ANSWER = N_("it did not answer in time")
UNREACHABLE = N_("it cannot be reached (%(kind)s)")
ANSWERS = N_("it answers %(status)s")
REDIRECTS = N_("it answers with a redirect (%(status)s), which is not followed")
NO_NUMBER = N_("it answers without the number of a request")
MAIL_NO_ANSWER = N_("the mail server did not answer in time")
MAIL_UNREACHABLE = N_("the mail server cannot be reached (%(kind)s)")
MAIL_UNTRUSTED = N_("the mail server's certificate or encryption is not to be trusted")
MAIL_NO_READER = N_("the mail server refused every reader (%(status)s)")
MAIL_SOME_READERS = N_("the mail server refused %(refused)s of %(readers)s readers; the others have it")
MAIL_LOGIN = N_("the mail server refused the user or the password (%(status)s)")
MAIL_OFFERS = N_("the mail server offers no STARTTLS, or no login")
MAIL_CONNECTION = N_("the mail server refuses connections (%(status)s)")
MAIL_REFUSED = N_("the mail server refused the mail (%(status)s)")
MAIL_BROKE_OFF = N_("the mail server broke off (%(kind)s)")
STORE_AWAY = N_("the alert store cannot be used at the moment")
# What the guard of addresses says, and the deliverer by itself.
_NO_ADDRESS = N_("its host has no address")
_PRIVATE = N_("its address is private, and TRIAGE_WEBHOOK_HOSTS does not list its host")
_NOBODY = N_("its address is no receiver's")
_TOO_SLOW = N_("no answer within %(seconds)s s")
_FOR_A_DAY = N_("out of order for a day")

_KNOWN = (
    NO_ANSWER,
    UNREACHABLE,
    ANSWERS,
    REDIRECTS,
    NO_NUMBER,
    MAIL_NO_ANSWER,
    MAIL_UNREACHABLE,
    MAIL_UNTRUSTED,
    MAIL_NO_READER,
    MAIL_SOME_READERS,
    MAIL_LOGIN,
    MAIL_OFFERS,
    MAIL_CONNECTION,
    MAIL_REFUSED,
    MAIL_BROKE_OFF,
    STORE_AWAY,
    _NO_ADDRESS,
    _PRIVATE,
    _NOBODY,
    _TOO_SLOW,
    _FOR_A_DAY,
)


@dataclass(frozen=True, slots=True)
class Reason:
    """A message to be translated, and what goes into it."""

    message: str
    values: Mapping[str, str] = field(default_factory=dict)


def reason_of(text: str) -> Reason:
    """The message that a stored reason was made from; what nobody knows is shown as it is."""
    for message, pattern in _PATTERNS:
        if found := pattern.fullmatch(text):
            return Reason(message, found.groupdict())
    return Reason(text)


def _pattern(message: str) -> re.Pattern[str]:
    parts = re.split(r"%\((\w+)\)s", message)
    return re.compile("".join(f"(?P<{part}>.+)" if place % 2 else re.escape(part) for place, part in enumerate(parts)))


_PATTERNS = tuple((message, _pattern(message)) for message in _KNOWN)
