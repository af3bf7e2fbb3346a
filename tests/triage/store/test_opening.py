"""Opening a store: made, upgraded or refused with a sentence that tells what to do."""

import sqlite3
import stat
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import make_url, text

from evaluation.benchmarks.postgres import PostgresServer
from triage.errors import InvalidConfiguration
from triage.store.errors import StoreFailed, StoreTooNew, StoreTooOld
from triage.store.records import NewAlert
from triage.store.schema import metadata
from triage.store.store import Store
from triage.store.upgrade import VERSION_TABLE, _config

MakeAlert = Callable[..., NewAlert]
VERSION = "SELECT version_num FROM triage_store_version"
ON_POSTGRESQL = pytest.mark.xdist_group("postgresql")


def run(url: str, statement: str) -> list[tuple[object, ...]]:
    """Run a statement behind the store's back."""
    if not url.startswith("sqlite"):
        with psycopg.connect(url) as server:
            cursor = server.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []
    connection = sqlite3.connect(url.removeprefix("sqlite:///"))
    try:
        with connection:
            return connection.execute(statement).fetchall()
    finally:
        connection.close()


def test_a_store_is_made_at_first_and_found_again(url: str, make: MakeAlert) -> None:
    with Store.open(url) as store:
        stored = store.add(make()).alert
    with Store.open(url, migrate=False) as store:
        assert store.alert("a-1") == stored


def test_a_store_of_this_version_opens_and_stays_as_it_is(url: str) -> None:
    for _ in range(2):
        Store.open(url).close()
        assert run(url, VERSION) == [(ScriptDirectory.from_config(_config()).get_current_head(),)]


def test_a_newer_store_is_refused_and_left_alone(url: str) -> None:
    Store.open(url).close()
    run(url, "UPDATE triage_store_version SET version_num = '9999'")
    for migrate in (True, False):
        with pytest.raises(StoreTooNew, match="newer version"):
            Store.open(url, migrate=migrate)
    assert run(url, VERSION) == [("9999",)]


def test_an_empty_database_is_refused_where_nothing_may_be_changed(url: str) -> None:
    with pytest.raises(StoreTooOld):
        Store.open(url, migrate=False)
    with pytest.raises(Exception, match=VERSION_TABLE):
        run(url, VERSION)


def test_an_upgrade_that_fails_leaves_the_database_as_it_was(url: str) -> None:
    run_on_empty = "CREATE TABLE reviews (mine INTEGER)"
    if url.startswith("sqlite"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir()
    run(url, run_on_empty)
    for _ in range(2):
        with pytest.raises(StoreFailed, match="upgraded"):
            Store.open(url)
    with pytest.raises(Exception, match="alerts"):
        run(url, "SELECT * FROM alerts")
    assert run(url, "SELECT * FROM reviews") == []


@pytest.mark.filterwarnings("ignore:Did not recognize type 'geometry'")
def test_migrations_and_schema_describe_the_same_tables(store: Store) -> None:
    with store._database.reading("compare") as connection:
        options = {"version_table": VERSION_TABLE, "include_object": _is_ours, "compare_type": True}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, metadata) == []


def _is_ours(_: object, name: str | None, kind: str, *__: object) -> bool:
    # One of the two databases has these alone; PostGIS brings a table of its own.
    if kind == "table":
        return name != "spatial_ref_sys" and not str(name).startswith("alert_places")
    return name not in {"place", "ix_alerts_place_created_at"}


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nonsense",
        "mysql://host/alerts",
        "sqlite+aiosqlite:///x.db",
        "sqlite://",
        "sqlite:///:memory:",
        "://",
        "postgresql+asyncpg://h/d",
    ],
)
def test_a_url_that_names_no_usable_database_is_refused(url: str) -> None:
    with pytest.raises(InvalidConfiguration):
        Store.open(url)


def test_a_server_that_does_not_answer_is_named_without_its_password(tmp_path: Path) -> None:
    with pytest.raises(StoreFailed) as caught:
        Store.open(f"postgres://someone:hunter2@/alerts?host={tmp_path}")
    assert "hunter2" not in str(caught.value)
    assert "someone" in str(caught.value)


@pytest.mark.parametrize("content", [b"this is no database" * 100, b"SQLite format 3\0" + b"\1" * 500])
def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "alerts.db"
    path.write_bytes(content)
    with pytest.raises(StoreFailed, match=r"alerts\.db"):
        Store.open(f"sqlite:///{path}")
    assert path.read_bytes() == content


def test_a_file_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreFailed, match="name another file"):
        Store.open(f"sqlite:///{tmp_path / 'file' / 'alerts.db'}")


def test_the_files_are_their_owners_alone(tmp_path: Path, make: MakeAlert) -> None:
    with Store.open(f"sqlite:///{tmp_path / 'new' / 'alerts.db'}") as store:
        store.add(make())
        files = sorted((tmp_path / "new").iterdir())
        assert [path.name for path in files] == ["alerts.db", "alerts.db-shm", "alerts.db-wal"]
        assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def test_sqlite_writes_ahead_flushes_each_commit_and_checks_references(tmp_path: Path) -> None:
    with (
        Store.open(f"sqlite:///{tmp_path / 'alerts.db'}") as store,
        store._database.reading("look") as connection,
    ):
        found = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}


@ON_POSTGRESQL
@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_usual_name_of_postgresql_is_understood(postgresql_url: str, scheme: str) -> None:
    Store.open(postgresql_url.replace("postgresql", scheme, 1)).close()


@ON_POSTGRESQL
def test_connections_that_the_server_dropped_are_made_anew(postgresql_url: str, make: MakeAlert) -> None:
    with Store.open(postgresql_url) as store:
        store.add(make())
        run(postgresql_url, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
        assert store.counts()["open"] == 1


@ON_POSTGRESQL
def test_a_database_of_another_encoding_is_refused(postgres_server: PostgresServer) -> None:
    with (
        postgres_server.database("template0", "ENCODING 'LATIN1' LOCALE 'C'") as url,
        pytest.raises(StoreFailed, match="UTF8"),
    ):
        Store.open(url)


@ON_POSTGRESQL
def test_an_administrator_may_have_made_the_extensions(postgres_server: PostgresServer, postgresql_url: str) -> None:
    name = str(make_url(postgresql_url).database)
    postgres_server.run(
        name, "DROP ROLE IF EXISTS clerk", "CREATE ROLE clerk LOGIN", "GRANT CREATE ON SCHEMA public TO clerk"
    )
    Store.open(postgresql_url.replace("postgres@", "clerk@")).close()


@ON_POSTGRESQL
def test_missing_extensions_are_named_to_who_may_not_make_them(postgres_server: PostgresServer) -> None:
    with postgres_server.database("template1") as url:
        name = str(make_url(url).database)
        postgres_server.run(
            name, "DROP ROLE IF EXISTS guest", "CREATE ROLE guest LOGIN", "GRANT CREATE ON SCHEMA public TO guest"
        )
        with pytest.raises(StoreFailed, match="postgis and btree_gist"):
            Store.open(url.replace("postgres@", "guest@"))


def test_what_a_driver_says_about_values_stays_inside(store: Store, url: str, make: MakeAlert) -> None:
    run(url, "DROP TABLE vectors")
    with pytest.raises(StoreFailed) as caught:
        store.add(make("id-of-it", text="Zébulon", original="Zébulon"))
    assert caught.value.__cause__ is None and caught.value.__suppress_context__
    assert "Zébulon" not in str(caught.value)
    with pytest.raises(StoreFailed) as caught:
        store.add(make(text="Zébulon", decision=None))
    assert "Zébulon" not in repr(caught.value)
    assert store.alert("a-1") is None
