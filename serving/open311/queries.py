"""Queries for several requests, as the standard has them."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.requests import Request

from serving.desk.languages import N_
from serving.problems import Problem
from triage.alert import MAX_ID_CHARACTERS
from triage.errors import FieldError
from triage.store.records import State

SPAN = timedelta(days=90)
MOST_REQUESTS = 1_000
# Pages beyond would make the store walk through too much; a narrower time finds the rest.
FARTHEST = 10_000
MOST_IDS = 100
STATES: dict[str, tuple[State, ...]] = {"open": ("open", "in_progress"), "closed": ("closed", "withdrawn")}

_DATE_AND_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{5,15}(Z|[+-][0-9]{2}:?[0-9]{2})", re.ASCII)
# A plus sign that was not encoded arrives as a space.
_SPACE_BEFORE_ZONE = re.compile(r" (?=[0-9]{2}:?[0-9]{2}$)", re.ASCII)
_NUMBER = re.compile(r"[0-9]{1,5}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Query:
    """Which requests are asked for.

    Attributes:
        ids: those alone, where there are any.
        categories, states: of which alerts; None for all.
        since, until: when they were made; the second is not included.
        page: from 1.
        page_size: most requests on a page.
    """

    ids: tuple[str, ...]
    categories: frozenset[str] | None
    states: frozenset[State] | None
    since: datetime
    until: datetime
    page: int
    page_size: int


def read_query(request: Request, categories: Collection[str], now: datetime) -> Query:
    """The query of a list; parameters that the standard does not know are left to others.

    Args:
        request: of an app.
        categories: the codes of the taxonomy.
        now: the time to which the usual 90 days lead.

    Raises:
        Problem: 400, naming every parameter at fault; 404 for a service code that there is not.
    """
    given = _Given(request)
    codes = given.several("service_code")
    unknown = [code for code in codes if code not in categories]
    if unknown:
        raise unknown_service()
    statuses = given.several("status")
    for status in statuses:
        if status not in STATES:
            given.note("status", f"must be {' or '.join(STATES)}")
    since, until = _span(given, now)
    page, size = given.number("page", 1, FARTHEST), given.number("page_size", MOST_REQUESTS, MOST_REQUESTS)
    if page * size > FARTHEST and page > 1:
        given.note("page", f"reaches beyond {FARTHEST} requests; ask for a shorter time instead")
    ids = tuple(dict.fromkeys(given.several("service_request_id")))
    if len(ids) > MOST_IDS:
        given.note("service_request_id", f"names more than {MOST_IDS} requests")
    if any(len(name) > MAX_ID_CHARACTERS or not name.isprintable() for name in ids):
        given.note("service_request_id", "holds what can be no id")
    given.refuse_faults()
    states = frozenset(state for status in statuses for state in STATES[status])
    return Query(ids, frozenset(codes) or None, states or None, since, until, page, size)


def unknown_service() -> Problem:
    """The answer to a service code that there is not."""
    return Problem(404, "unknown_service", N_("There is no such service_code; services.json lists them."))


def _span(given: "_Given", now: datetime) -> tuple[datetime, datetime]:
    start, end = given.moment("start_date"), given.moment("end_date")
    if end is None:
        # Clocks of reporters may be ahead.
        end = start + SPAN if start is not None else now + timedelta(days=1)
    if start is None:
        start = end - SPAN
    if start > end:
        given.note("end_date", "must not be before start_date")
    elif end - start > SPAN + timedelta(days=1):
        given.note("end_date", f"may lie at most {SPAN.days} days after start_date")
    # The standard's last moment is included, the store's is not.
    return start, end + timedelta(microseconds=1)


class _Given:
    def __init__(self, request: Request) -> None:
        self._values = request.query_params
        self._faults: list[FieldError] = []

    def several(self, name: str) -> list[str]:
        """Values with commas between them, or given more than once."""
        pieces = (piece.strip() for value in self._values.getlist(name) for piece in value.split(","))
        return [piece for piece in pieces if piece]

    def moment(self, name: str) -> datetime | None:
        value = self._one(name)
        if value is None:
            return None
        text = _SPACE_BEFORE_ZONE.sub("+", value)
        try:
            moment = datetime.fromisoformat(text if _DATE_AND_TIME.fullmatch(text) else "")
        except ValueError:
            moment = None
        # At the ends of the calendar no span of 90 days could be counted.
        if moment is None or not 2 < moment.year < 9998:
            self.note(name, "must be a date and a time with their zone, such as 2026-01-31T08:30:00Z")
            return None
        return moment

    def number(self, name: str, usual: int, most: int) -> int:
        value = self._one(name)
        if value is None:
            return usual
        if not _NUMBER.fullmatch(value) or not 1 <= int(value) <= most:
            self.note(name, f"must be a number from 1 to {most}")
            return usual
        return int(value)

    def note(self, name: str, message: str) -> None:
        self._faults.append(FieldError(name, "invalid_query", message))

    def refuse_faults(self) -> None:
        if self._faults:
            raise Problem(400, "invalid_query", N_("The query cannot be used."), self._faults)

    def _one(self, name: str) -> str | None:
        values: Sequence[str] = [value for value in self._values.getlist(name) if value]
        if len(set(values)) > 1:
            self.note(name, "must be given once")
            return None
        return values[0] if values else None
