"""Queries of the alerts' routes: every value is checked, and every fault names its parameter."""

import math
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar, get_args
from urllib.parse import urlencode

from starlette.requests import Request

from serving.problems import Problem
from triage.errors import FieldError
from triage.store.pages import MAX_PAGE
from triage.store.records import AlertFilter, State

USUAL_PAGE = 100
MAX_PURPOSE = 200

_NUMBER = re.compile(r"[0-9]{1,6}", re.ASCII)
# A plus sign that was not encoded arrives as a space.
_SPACE_BEFORE_ZONE = re.compile(r" (?=[0-9]{2}:?[0-9]{2}$)", re.ASCII)
_DATE_AND_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T.+", re.ASCII)
_BOX = "write west,south,east,north in degrees, such as 5.02,47.30,5.06,47.34"

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class ListQuery:
    """Which alerts a list shows, where it starts and how long it is."""

    chosen: AlertFilter
    cursor: str | None
    limit: int


class _BadValue(ValueError):
    """A value that cannot be used; its text says why."""


def read_list_query(request: Request, categories: Collection[str]) -> ListQuery:
    """The query of a list of alerts.

    Args:
        request: its query may have `bbox`, `since`, `until`, `category`, `state`, `cursor` and `limit`.
        categories: the codes of the taxonomy.

    Raises:
        Problem: 422, naming every parameter at fault.
    """
    given = _Parameters(request, ("bbox", "since", "until", "category", "state", "cursor", "limit"))
    chosen = AlertFilter(
        bbox=given.read("bbox", _box),
        since=given.read("since", _moment),
        until=given.read("until", _moment),
        category=given.read("category", lambda value: _one_of(value, categories)),
        state=given.read("state", _state),
    )
    cursor, limit = given.read("cursor", str), given.read("limit", _limit)
    if chosen.since and chosen.until and chosen.since >= chosen.until:
        given.note("until", "must be later than since")
    given.refuse_faults()
    return ListQuery(chosen, cursor, USUAL_PAGE if limit is None else limit)


def read_purpose(request: Request) -> str:
    """What an original text is read for.

    Raises:
        Problem: 422 where nothing is said, or too much.
    """
    given = _Parameters(request, ("purpose",))
    purpose = given.read("purpose", _purpose)
    if "purpose" not in request.query_params:
        given.note("purpose", "is needed: say what the text is read for; it is logged")
    given.refuse_faults()
    return purpose or ""


def bad_cursor() -> Problem:
    """The answer to a cursor that no list gave."""
    return _problem([("cursor", "is not one that this list gave; start again without it")])


def next_link(request: Request, cursor: str) -> str:
    """The header Link of the next page: the same query from the cursor on."""
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != "cursor"]
    return f'<{request.url.path}?{urlencode([*kept, ("cursor", cursor)])}>; rel="next"'


class _Parameters:
    """The parameters of a query, and what is wrong with them."""

    def __init__(self, request: Request, known: Collection[str]) -> None:
        self._values = request.query_params
        self._faults: list[tuple[str, str]] = []
        for name in dict.fromkeys(self._values):
            if name not in known:
                self.note(name[:MAX_PURPOSE], f"is unknown; this route reads {', '.join(known)}")

    def read(self, name: str, parse: Callable[[str], Value]) -> Value | None:
        values = self._values.getlist(name)
        if not values:
            return None
        if len(values) > 1:
            self.note(name, "must be given once")
            return None
        try:
            return parse(values[0])
        except _BadValue as error:
            self.note(name, str(error))
        return None

    def note(self, name: str, message: str) -> None:
        self._faults.append((name, message))

    def refuse_faults(self) -> None:
        if self._faults:
            raise _problem(self._faults)


def _problem(faults: Collection[tuple[str, str]]) -> Problem:
    errors = tuple(FieldError(name, "invalid_query", message) for name, message in faults)
    said = "; ".join(f"{name} {message}" for name, message in faults)
    return Problem(422, "invalid_query", f"The query cannot be used: {said}.", errors)


def _box(value: str) -> tuple[float, float, float, float]:
    try:
        west, south, east, north = map(float, value.split(","))
    except ValueError:
        raise _BadValue(_BOX) from None
    # West may lie east of east: the box then crosses the antimeridian, as in GeoJSON.
    inside = all(map(math.isfinite, (west, south, east, north))) and abs(west) <= 180 and abs(east) <= 180
    if not inside or not -90 <= south <= north <= 90:
        raise _BadValue(_BOX)
    return west, south, east, north


def _moment(value: str) -> datetime:
    text = _SPACE_BEFORE_ZONE.sub("+", value)
    try:
        moment = datetime.fromisoformat(text if _DATE_AND_TIME.fullmatch(text) else "")
        moment.timestamp()
    except (ValueError, OverflowError):
        moment = None
    if moment is None or moment.tzinfo is None or not 1 < moment.year < 9999:
        raise _BadValue("must be a date and a time with their zone, such as 2026-01-31T08:30:00Z")
    return moment


def _one_of(value: str, known: Collection[str]) -> str:
    if value not in known:
        raise _BadValue(f"must be one of {', '.join(sorted(known))}")
    return value


def _state(value: str) -> State:
    states: tuple[State, ...] = get_args(State)
    for state in states:
        if value == state:
            return state
    raise _BadValue(f"must be one of {', '.join(states)}")


def _limit(value: str) -> int:
    if not _NUMBER.fullmatch(value) or not 1 <= int(value) <= MAX_PAGE:
        raise _BadValue(f"must be a number from 1 to {MAX_PAGE}")
    return int(value)


def _purpose(value: str) -> str:
    purpose = value.strip()
    if not 1 <= len(purpose) <= MAX_PURPOSE or not purpose.isprintable():
        raise _BadValue(f"must be 1 to {MAX_PURPOSE} printable characters; it is logged")
    return purpose
