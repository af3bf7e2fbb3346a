"""One database: how it is reached, and the two kinds of transaction, those that read and those that write."""

import contextlib
import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError, StatementError

from triage.errors import InvalidConfiguration
from triage.store.errors import StoreFailed

# How long a writer waits for the one before it.
LOCK_WAIT_S = 30

_SQLITE, _POSTGRESQL = "sqlite", "postgresql"
_DRIVERS = {
    "sqlite": "sqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}
_WRITES = "triage_writes"
# Any number will do, as long as every writer of this project takes the same.
_ADVISORY_LOCK = 0x747269616765


class Database:
    """A connection pool, and transactions that either happen wholly or not at all.

    One transaction writes at a time, so that two reports of one fault that arrive together see one another, and so that
    events become visible in the order of their numbers. Readers never wait.
    """

    def __init__(self, url: str) -> None:
        """Connect to a database and find out whether it serves; an SQLite file that is not there is made.

        Raises:
            InvalidConfiguration: the URL names no database that this project knows.
            StoreFailed: the database cannot be reached.
        """
        address = _understood(url)
        self.dialect = address.get_backend_name()
        self._name = address.render_as_string(hide_password=True)
        self._writers = threading.Lock()
        if self.dialect == _SQLITE:
            _make_file(Path(address.database or ""))
        self._engine = _sqlite_engine(address) if self.dialect == _SQLITE else _postgresql_engine(address)
        try:
            self._check()
        except BaseException:
            self.close()
            raise

    @property
    def is_sqlite(self) -> bool:
        """Whether this is SQLite; it is PostgreSQL otherwise."""
        return self.dialect == _SQLITE

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    @contextlib.contextmanager
    def reading(self, purpose: str) -> Iterator[Connection]:
        """A transaction that reads; `purpose` completes the sentence "the store cannot …".

        Raises:
            StoreFailed: the database cannot be read.
        """
        with self._explained(purpose), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextlib.contextmanager
    def snapshot(self, purpose: str) -> Iterator[Connection]:
        """A transaction that reads everything as it was at one moment, however long it takes and whoever writes.

        Raises:
            StoreFailed: the database cannot be read.
        """
        # SQLite's readers see one moment anyway; PostgreSQL's otherwise one for each statement.
        options: dict[str, Any] = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}
        with (
            self._explained(purpose),
            self._engine.connect() as connection,
            connection.execution_options(**options).begin(),
        ):
            yield connection

    @contextlib.contextmanager
    def writing(self, purpose: str) -> Iterator[Connection]:
        """A transaction that writes, alone; what is raised inside undoes all of it.

        Raises:
            StoreFailed: the database cannot be written, or another writer holds it for too long.
        """
        options = {_WRITES: True}
        with (
            self._explained(purpose),
            self._alone(),
            self._engine.connect() as connection,
            connection.execution_options(**options).begin(),
        ):
            if not self.is_sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
            yield connection

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        # SQLite's own waiting sleeps and tries again; threads of one process line up here without sleeping.
        if not self.is_sqlite:
            yield
            return
        if not self._writers.acquire(timeout=LOCK_WAIT_S):
            raise StoreFailed(f"The alert store {self._name} was busy for {LOCK_WAIT_S} seconds; try again.")
        try:
            yield
        finally:
            self._writers.release()

    @contextlib.contextmanager
    def _explained(self, purpose: str) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            if isinstance(error, StatementError) and not isinstance(error, DBAPIError) and error.orig:
                raise error.orig from None  # a value that cannot be stored: the program's fault, not the database's
            # Drivers quote values, among them texts of residents: only the kind of error leaves this place.
            raise StoreFailed(
                f"The alert store {self._name} cannot {purpose} ({_kind(error)}). Check that the database is "
                "reachable, may be written and has room, then try again."
            ) from None

    def _check(self) -> None:
        if self.is_sqlite:
            with self._explained("be opened"):
                self._turn_on_wal()
            return
        with self.reading("be opened") as connection:
            encoding = connection.execute(text("SHOW server_encoding")).scalar_one()
        if encoding != "UTF8":
            raise StoreFailed(f"The database {self._name} is encoded as {encoding}; make one with ENCODING 'UTF8'.")

    def _turn_on_wal(self) -> None:
        # The file remembers the mode. While another process turns it on, SQLite answers "busy" at once.
        deadline = time.monotonic() + LOCK_WAIT_S
        while True:
            with self._engine.connect() as connection:
                driver: Any = connection.connection.driver_connection
                try:
                    (mode,) = driver.execute("PRAGMA journal_mode = WAL").fetchone()
                except sqlite3.DatabaseError as error:
                    mode = str(error.sqlite_errorname)
            if mode == "wal":
                return
            if mode != "SQLITE_BUSY" or time.monotonic() > deadline:
                raise StoreFailed(
                    f"The alert store {self._name} cannot be opened ({mode}); it needs a file on a local disk that "
                    "may be written and is an SQLite database or empty."
                )
            time.sleep(0.05)


def _understood(url: str) -> URL:
    try:
        address = make_url(url)
    except ArgumentError:
        address = None
    driver = _DRIVERS.get(address.drivername) if address else None
    if address is None or driver is None:
        raise InvalidConfiguration(
            "The URL of the alert store cannot be used; write sqlite:///folder/alerts.db or "
            "postgresql://user:password@host/database."
        )
    if driver == _SQLITE and address.database in {None, "", ":memory:"}:
        raise InvalidConfiguration("The alert store needs a file, such as sqlite:///folder/alerts.db.")
    return address.set(drivername=driver)


def require_file(url: str) -> None:
    """Refuse an SQLite file that is not there, before anything makes it; a server is asked later.

    Raises:
        InvalidConfiguration: the URL cannot be used, or there is no such file.
    """
    address = _understood(url)
    if address.get_backend_name() == _SQLITE and not Path(address.database or "").exists():
        raise InvalidConfiguration(f"There is no alert store {address.database}; name another one with --store.")


def _make_file(path: Path) -> None:
    """Make an empty file for its owner alone; SQLite gives the files beside it the same mode."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise StoreFailed(f"The alert store {path} cannot be opened ({error.strerror}); name another file.") from error


def _sqlite_engine(address: URL) -> Engine:
    engine = create_engine(address, hide_parameters=True, connect_args={"timeout": LOCK_WAIT_S})

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # transactions begin below, not where the driver thinks they should
        for pragma in (
            "foreign_keys = ON",
            # NORMAL would survive a kill of the process, but not a power cut: an alert that was acknowledged is never
            # lost. FULL costs one flush to disk for each alert; an import pays it once for each call.
            "synchronous = FULL",
            # What is erased, or written anew, leaves nothing in the free space of the file.
            "secure_delete = ON",
            "journal_size_limit = 67108864",
            "cache_size = -16384",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A writer takes the lock first: one that reads before it writes could find its lock taken half-way.
        immediate = connection.get_execution_options().get(_WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine


def _postgresql_engine(address: URL) -> Engine:
    try:
        return create_engine(
            address,
            hide_parameters=True,
            pool_pre_ping=True,
            # A writer that waited for the lock must see what the one before it wrote: no older snapshot.
            isolation_level="READ COMMITTED",
            connect_args={"options": f"-c timezone=UTC -c lock_timeout={LOCK_WAIT_S}s"},
        )
    except ImportError as error:
        raise InvalidConfiguration("PostgreSQL needs the package 'psycopg[binary]'; install it.") from error


def _kind(error: SQLAlchemyError) -> str:
    driver = error.orig if isinstance(error, DBAPIError) else error
    known = getattr(driver, "sqlstate", None) or getattr(driver, "sqlite_errorname", None)
    return f"{type(driver).__name__} {known}" if known else type(driver).__name__
