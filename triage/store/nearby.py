"""The search by place and time: an index finds a box, exact distances do the rest.

SQLite's R*Tree and PostGIS differ in the box alone, so both databases give the same answer.
"""

import heapq
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Connection, Double, Row, Text, TextClause, bindparam, select, text

from triage.places import box, distance_m
from triage.store.records import Neighbour, Search
from triage.store.rows import chunks
from triage.store.schema import Moment, alerts, vectors

# The unit of time in the R*Tree, see the first migration. The margin swallows roundings: exact times are compared too.
_DAY_IN_TREE = 3e-5
_DAY_S = 86_400
_MARGIN_DAYS = 0.001

_EXACTLY = """
    a.created_at BETWEEN :since AND :until AND a.lat BETWEEN :south AND :north AND a.lon BETWEEN :west AND :east
    AND (:hint IS NULL OR a.category_hint IS NULL OR a.category_hint = :hint)
"""
_PARAMETERS: tuple[BindParameter[Any], ...] = (
    bindparam("since", type_=Moment()),
    bindparam("until", type_=Moment()),
    bindparam("hint", type_=Text()),
    *(bindparam(side, type_=Double()) for side in ("west", "east", "south", "north")),
)
# CROSS JOIN tells SQLite to walk the tree first; it might take the index of dates instead.
_SQLITE: TextClause = text(
    f"""
    SELECT a.seq, a.lat, a.lon FROM alert_places AS p CROSS JOIN alerts AS a ON a.seq = p.seq
    WHERE p.west <= :east AND p.east >= :west AND p.south <= :north AND p.north >= :south
    AND p.since <= :until_in_tree AND p.until >= :since_in_tree AND {_EXACTLY}
    """  # noqa: S608
).bindparams(*_PARAMETERS)
_POSTGRESQL: TextClause = text(
    f"""
    SELECT a.seq, a.lat, a.lon FROM alerts AS a
    WHERE a.place && ST_MakeEnvelope(:west, :south, :east, :north, 4326) AND {_EXACTLY}
    """  # noqa: S608
).bindparams(*_PARAMETERS)

_COLUMNS = (
    "seq",
    "id",
    "text",
    "lat",
    "lon",
    "created_at",
    "category_hint",
    "category",
    "state",
    "closed_at",
    "cluster_id",
    "photos",
    "plates",
    "vector_version",
)


def near(connection: Connection, search: Search) -> list[Neighbour]:
    """The alerts that a search finds, nearest first, at most `search.limit`."""
    nearest = heapq.nsmallest(search.limit, _within(connection, search))
    rows = _rows(connection, [seq for _, seq in nearest])
    return [_as_neighbour(rows[seq], distance) for distance, seq in nearest]


def _within(connection: Connection, search: Search) -> Iterator[tuple[float, int]]:
    area = box(search.lat, search.lon, search.radius_m)
    values: dict[str, Any] = {
        "south": area.south,
        "north": area.north,
        "since": search.since,
        "until": search.until,
        "hint": search.category_hint,
    }
    statement = _POSTGRESQL
    if connection.dialect.name == "sqlite":
        statement = _SQLITE
        values["since_in_tree"] = _in_tree(search.since, -_MARGIN_DAYS)
        values["until_in_tree"] = _in_tree(search.until, _MARGIN_DAYS)
    for west, east in area.spans():
        for seq, lat, lon in connection.execute(statement, {**values, "west": west, "east": east}):
            distance = distance_m(search.lat, search.lon, lat, lon)
            if distance <= search.radius_m:
                yield distance, seq


def _in_tree(moment: datetime, margin_days: float) -> float:
    return (moment.timestamp() / _DAY_S + margin_days) * _DAY_IN_TREE


def _rows(connection: Connection, numbers: list[int]) -> dict[int, Any]:
    columns = [alerts.c[name] for name in _COLUMNS]
    whole = select(*columns, vectors.c.body.label("vector")).outerjoin(vectors, vectors.c.alert_seq == alerts.c.seq)
    found: dict[int, Any] = {}
    for chunk in chunks(numbers):
        found.update((row.seq, row) for row in connection.execute(whole.where(alerts.c.seq.in_(chunk))))
    return found


def _as_neighbour(row: Row[Any], distance: float) -> Neighbour:
    values = dict(row._mapping)
    lists = {name: tuple(values[name]) for name in ("photos", "plates")}
    return Neighbour(**(values | lists), distance_m=distance)
