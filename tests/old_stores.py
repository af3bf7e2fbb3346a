"""Stores as older versions left them, from the dumps in tests/triage/store/old_stores."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row

FOLDER = Path(__file__).parent / "triage" / "store" / "old_stores"
VERSIONS = ("0001", "0004")
# The key that their texts as sent are encrypted with: it opens nothing else.
KEY = "b2xkIHN0b3JlcyBvZiB0ZXN0cywgbm8gc2VjcmV0ISE="

Rows = dict[str, list[dict[str, Any]]]


def load_old_store(version: str, url: str) -> None:
    """Make the store of an older version in an empty database."""
    if url.startswith("sqlite"):
        path = Path(url.removeprefix("sqlite:///"))
        path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript((FOLDER / f"{version}-sqlite.sql").read_text(encoding="utf-8"))
        return
    with psycopg.connect(url) as server:
        server.execute((FOLDER / f"{version}-postgresql.sql").read_bytes())


def all_rows(url: str) -> Rows:
    """Every row of every table of a store, behind its back; without what a database fills by itself."""
    found = _sqlite_rows(url) if url.startswith("sqlite") else _postgresql_rows(url)
    for rows in found.values():
        rows.sort(key=repr)
    return found


def _sqlite_rows(url: str) -> Rows:
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        connection.row_factory = sqlite3.Row
        names = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB 'alert_places*'"
        tables = [row["name"] for row in connection.execute(names)]
        return {name: [dict(row) for row in connection.execute(f'SELECT * FROM "{name}"')] for name in tables}  # noqa: S608


def _postgresql_rows(url: str) -> Rows:
    names = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'spatial_ref_sys'"
    with psycopg.connect(url, row_factory=dict_row) as server:
        tables = [row["tablename"] for row in server.execute(names)]
        found = {name: server.execute(f'SELECT * FROM "{name}"'.encode()).fetchall() for name in tables}  # noqa: S608
    return {name: [_without_place(row) for row in rows] for name, rows in found.items()}


def _without_place(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "place"}
