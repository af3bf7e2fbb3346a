"""A store in which every table has rows, backed up and restored on either database."""

import contextlib
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, LargeBinary, Text, insert, select, types

from evaluation.benchmarks.postgres import PostgresServer
from tests.old_stores import KEY, load_old_store
from tests.postgres import postgres_server, postgresql_url
from triage.backup.archive import BackupManifest, opened_backup
from triage.backup.making import Beside, make_backup
from triage.backup.restoring import Restored, restore_tables
from triage.backup.tables import tables_at
from triage.store.database import Database
from triage.store.personal import PersonalKeys
from triage.store.schema import Moment
from triage.store.store import Store

__all__ = ["postgres_server", "postgresql_url"]

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
BACK_ENDS = ("sqlite", pytest.param("postgresql", marks=pytest.mark.xdist_group("postgresql")))

MakeUrl = Callable[[str], str]
BackUp = Callable[..., BackupManifest]
Restore = Callable[..., Restored]


@pytest.fixture
def new_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MakeUrl]:
    """Makes empty databases: `new_url("sqlite")`."""
    with contextlib.ExitStack() as stack:

        def make(kind: str) -> str:
            if kind == "sqlite":
                return f"sqlite:///{tmp_path / f'{len(list(tmp_path.iterdir()))}.db'}"
            server: PostgresServer = request.getfixturevalue("postgres_server")
            return stack.enter_context(server.database())

        yield make


@pytest.fixture(params=BACK_ENDS)
def url(request: pytest.FixtureRequest, new_url: MakeUrl) -> str:
    """An empty database."""
    return new_url(request.param)


@pytest.fixture
def keys() -> PersonalKeys:
    return PersonalKeys([KEY])


@pytest.fixture
def full_url(url: str, keys: PersonalKeys) -> str:
    """A store of this version in which every table has rows, as older versions and this one write them."""
    load_old_store("0004", url)
    with Store.open(url, key=keys) as store, store._database.writing("fill what is empty") as connection:
        _fill(connection)
    return url


def _fill(connection: Connection) -> None:
    for each in tables_at("head"):
        if connection.execute(select(each.table).limit(1)).first() is None:
            connection.execute(insert(each.table).values(_made_up(each.table.columns)))


def _made_up(columns: Any) -> dict[str, Any]:
    """A row that refers to the first alert and the first event."""
    values: dict[type[Any], Any] = {Moment: NOON, LargeBinary: b"\xff\x00", Text: "x", types.JSON: ["x"]}
    made = {
        column.name: next((value for kind, value in values.items() if isinstance(column.type, kind)), 1)
        for column in columns
    }
    return made | ({"other_seq": 2} if "other_seq" in made else {})


@pytest.fixture
def back_up(tmp_path: Path) -> BackUp:
    """Backs a store up into `backup.zip`, or `again` into another file."""

    def make(url: str, beside: Beside | None = None, path: Path | None = None, **options: Any) -> BackupManifest:
        database = Database(url)
        try:
            named = path or tmp_path / "backup.zip"
            if options.pop("again", False):
                named = tmp_path / f"{uuid.uuid4().hex}.zip"
            return make_backup(database, named, beside or Beside(), options.pop("clock", lambda: NOON), **options)
        finally:
            database.close()

    return make


@pytest.fixture
def restore(tmp_path: Path) -> Restore:
    """Checks a backup and puts its rows into a database."""

    def put(url: str, path: Path | None = None, **options: Any) -> Restored:
        database = Database(url)
        try:
            with opened_backup(path or tmp_path / "backup.zip") as backup:
                backup.verify()
                return restore_tables(database, backup, lambda: NOON, **options)
        finally:
            database.close()

    return put
