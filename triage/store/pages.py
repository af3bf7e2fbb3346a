"""Lists of alerts in pages, newest first.

A cursor holds the place of the last alert given, not a count: pages neither repeat nor leave out an alert while others
arrive.
"""

import base64
import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    column,
    func,
    literal,
    literal_column,
    or_,
    select,
    table,
    tuple_,
    union_all,
)

from triage.places import Box
from triage.store.errors import BadCursor
from triage.store.records import AlertFilter, Page, StoredAlert
from triage.store.rows import as_alert, select_alerts
from triage.store.schema import Moment, alerts

MAX_PAGE = 500

# In SQLite a box with fewer alerts than this is read from the R*Tree; for more, walking by date meets them soon enough.
_FEW = 20_000
_LARGEST_NUMBER = 2**63 - 1

_tree = table("alert_places", *map(column, ("seq", "west", "east", "south", "north")))


def page(connection: Connection, chosen: AlertFilter, cursor: str | None, limit: int) -> Page:
    """One page of at most `limit` alerts (1 to 500).

    Raises:
        BadCursor: the cursor comes from elsewhere.
    """
    size = max(1, min(limit, MAX_PAGE))
    conditions = [*_conditions(chosen), *_places(connection, chosen)]
    if cursor is not None:
        moment, seq = _read_cursor(cursor)
        conditions.append(tuple_(alerts.c.created_at, alerts.c.seq) < tuple_(literal(moment, Moment()), literal(seq)))
    newest_first = (alerts.c.created_at.desc(), alerts.c.seq.desc())
    statement = select_alerts().where(*conditions).order_by(*newest_first).limit(size + 1)
    found = [as_alert(row) for row in connection.execute(statement)]
    last = found[size - 1] if len(found) > size else None
    return Page(tuple(found[:size]), None if last is None else _write_cursor(last))


def _conditions(chosen: AlertFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if chosen.since is not None:
        conditions.append(alerts.c.created_at >= chosen.since)
    if chosen.until is not None:
        conditions.append(alerts.c.created_at < chosen.until)
    if chosen.category is not None:
        conditions.append(alerts.c.category == chosen.category)
    if chosen.state is not None:
        conditions.append(alerts.c.state == chosen.state)
    if chosen.categories is not None:
        conditions.append(alerts.c.category.in_(chosen.categories))
    if chosen.states is not None:
        conditions.append(alerts.c.state.in_(chosen.states))
    return conditions


def _places(connection: Connection, chosen: AlertFilter) -> list[ColumnElement[bool]]:
    if chosen.bbox is None:
        return []
    area = Box(*chosen.bbox)
    within = or_(*(alerts.c.lon.between(west, east) for west, east in area.spans()))
    conditions = [alerts.c.lat.between(area.south, area.north), within]
    if connection.dialect.name != "sqlite":
        return [*conditions, or_(*_envelopes(area))]
    in_tree = _in_tree(area)
    few = select(func.count()).select_from(in_tree.limit(_FEW).subquery())
    if connection.execute(few).scalar_one() < _FEW:
        conditions.append(alerts.c.seq.in_(in_tree))
    return conditions


def _envelopes(area: Box) -> list[ColumnElement[bool]]:
    place: ColumnElement[Any] = literal_column("alerts.place")
    return [
        place.op("&&", is_comparison=True)(func.ST_MakeEnvelope(west, area.south, east, area.north, 4326))
        for west, east in area.spans()
    ]


def _in_tree(area: Box) -> CompoundSelect[Any]:
    tree = _tree.c
    return union_all(
        *(
            select(tree.seq).where(
                tree.west <= east, tree.east >= west, tree.south <= area.north, tree.north >= area.south
            )
            for west, east in area.spans()
        )
    )


def _write_cursor(last: StoredAlert) -> str:
    place = json.dumps([last.created_at.isoformat(), last.seq], separators=(",", ":"))
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


def _read_cursor(cursor: str) -> tuple[datetime, int]:
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        moment, seq = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        place = datetime.fromisoformat(moment).astimezone(UTC), int(seq)
        if not 0 <= place[1] <= _LARGEST_NUMBER:
            raise ValueError(place[1])
    except (ValueError, TypeError, OverflowError, RecursionError):
        raise BadCursor("The cursor is not one that this list gave; start again without it.") from None
    return place
