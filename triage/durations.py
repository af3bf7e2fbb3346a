"""Lengths of time as people write them: 90d, 12h."""

import re
from datetime import timedelta

_DURATION = re.compile(r"(\d{1,5})([hd])", re.ASCII)
_UNITS = {"h": "hours", "d": "days"}


def read_duration(value: str) -> timedelta:
    """A length of time.

    Raises:
        ValueError: it is none; the message says how to write one.
    """
    match = _DURATION.fullmatch(value.strip())
    if not match:
        raise ValueError(f"'{value}' is no length of time; write days or hours, such as 90d or 12h")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})
