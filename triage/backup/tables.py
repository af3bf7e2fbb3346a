"""The tables of any revision of the store, and their rows as JSON that both databases read alike."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Connection,
    Double,
    LargeBinary,
    MetaData,
    Table,
    Text,
    create_engine,
    types,
)

from triage.store.records import Json
from triage.store.schema import Moment
from triage.store.upgrade import VERSION_TABLE, upgrade_to

# What SQLite alone has, and fills by itself; see the migrations.
PLACES = "alert_places"

# What reflection finds in SQLite, and what stands for it in both databases.
_KINDS: tuple[tuple[type[Any], Any], ...] = (
    (types.DateTime, Moment),
    (types.JSON, JSON(none_as_null=True)),
    (types.LargeBinary, LargeBinary),
    (types.Boolean, Boolean),
    (types.Float, Double),
    (types.Integer, BigInteger),
    (types.String, Text),
)


@dataclass(frozen=True, slots=True)
class StoredTable:
    """A table of one revision.

    Attributes:
        table: its columns, without those that a database fills by itself.
        own_references: names of the constraints by which its rows refer to one another.
        is_numbered: whether the database numbers its rows and gives no number twice.
    """

    table: Table
    own_references: tuple[str, ...]
    is_numbered: bool

    @property
    def name(self) -> str:
        """As both databases call it."""
        return str(self.table.name)


def tables_at(revision: str) -> tuple[StoredTable, ...]:
    """The tables of a revision, each after those that it refers to.

    The migrations themselves say what they are: they are run in memory, and what they made is looked at.
    """
    engine = create_engine("sqlite://")
    try:
        with engine.begin() as connection:
            upgrade_to(connection, revision)
            found = MetaData()
            found.reflect(connection, only=lambda name, _: not name.startswith(PLACES) and name != VERSION_TABLE)
    finally:
        engine.dispose()
    plain = MetaData()
    return tuple(_plain(table, plain) for table in found.sorted_tables)


def _plain(found: Table, metadata: MetaData) -> StoredTable:
    columns = [Column(column.name, _kind(column), primary_key=column.primary_key) for column in found.columns]
    own = tuple(str(key.name) for key in found.foreign_key_constraints if key.referred_table is found)
    return StoredTable(Table(found.name, metadata, *columns), own, "seq" in found.primary_key.columns)


def _kind(column: Column[Any]) -> Any:
    for seen, kind in _KINDS:
        if isinstance(column.type, seen):
            return kind
    raise TypeError(f"Backups know no columns like {column}; tell triage/backup/tables.py what to do with them.")


def as_line(row: Mapping[str, Any]) -> bytes:
    """A row as a line of JSON: moments in ISO 8601 and UTC, bytes in base64."""
    document = {name: _written(value) for name, value in row.items()}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def as_row(line: bytes, table: Table) -> dict[str, Any]:
    """The row that a line holds.

    Raises:
        ValueError: it holds another one's columns or values.
    """
    document = json.loads(line)
    if not isinstance(document, dict) or set(document) != set(table.columns.keys()):
        raise ValueError("these are not the columns of the table")
    return {column.name: _read(document[column.name], column) for column in table.columns}


def last_numbers(connection: Connection, tables: tuple[StoredTable, ...]) -> dict[str, int]:
    """The last number that each numbered table gave, rows that are gone included."""
    numbered = [each for each in tables if each.is_numbered]
    if connection.dialect.name == "sqlite":
        rows = connection.exec_driver_sql("SELECT name, seq FROM sqlite_sequence")
        known = {row.name: row.seq for row in rows}
        return {each.name: known.get(each.name, 0) for each in numbered}
    last = {}
    for each in numbered:
        sequence = _sequence(connection, each.name)
        number, is_given = connection.exec_driver_sql(f"SELECT last_value, is_called FROM {sequence}").one()  # noqa: S608 - a name that the database gave
        last[each.name] = number if is_given else 0
    return last


def continue_numbers(connection: Connection, last: Mapping[str, int]) -> None:
    """Let numbered tables go on after the last number that they gave elsewhere."""
    for name, number in last.items():
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("DELETE FROM sqlite_sequence WHERE name = ?", (name,))
            connection.exec_driver_sql("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (name, number))
        elif number:
            sequence = _sequence(connection, name)
            connection.exec_driver_sql("SELECT setval(%s::regclass, %s)", (sequence, number))


def _sequence(connection: Connection, table: str) -> str:
    return str(connection.exec_driver_sql("SELECT pg_get_serial_sequence(%s, 'seq')", (table,)).scalar_one())


def _written(value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    return value.isoformat() if isinstance(value, datetime) else value


def _read(value: Json | str | float | None, column: Column[Any]) -> Any:
    if value is None or not isinstance(value, str):
        return value
    if isinstance(column.type, Moment):
        return datetime.fromisoformat(value)
    return base64.b64decode(value, validate=True) if isinstance(column.type, LargeBinary) else value
