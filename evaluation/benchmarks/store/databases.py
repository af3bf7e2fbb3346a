"""Empty databases for one measurement each, which are gone afterwards."""

import contextlib
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from evaluation.benchmarks.postgres import find_binaries, private_server
from triage.errors import InvalidConfiguration

MakeDatabase = Callable[[], contextlib.AbstractContextManager[str]]


@contextlib.contextmanager
def databases(folder: Path, postgresql: str | None) -> Iterator[dict[str, MakeDatabase]]:
    """By name, what makes an empty database and gives its URL: always SQLite's, PostgreSQL's where there is one.

    Args:
        folder: where SQLite's files go.
        postgresql: URL of a database on a server where others may be made; without it a private server is started, if
            PostgreSQL with PostGIS is installed.

    Raises:
        InvalidConfiguration: the server cannot be used.
    """
    makers: dict[str, MakeDatabase] = {"SQLite": lambda: _sqlite(folder)}
    with contextlib.ExitStack() as stack:
        if postgresql is not None:
            address = _address(postgresql)
            _run(address, "SELECT 1")  # one that cannot be used is told before minutes have passed
            makers["PostgreSQL"] = lambda: _on_server(address)
        elif binaries := find_binaries():
            makers["PostgreSQL"] = stack.enter_context(private_server(binaries, {})).database
        yield makers


@contextlib.contextmanager
def _sqlite(folder: Path) -> Iterator[str]:
    with TemporaryDirectory(dir=folder) as scratch:
        yield f"sqlite:///{Path(scratch) / 'alerts.db'}"


@contextlib.contextmanager
def _on_server(address: URL) -> Iterator[str]:
    """A database of its own beside the one named: what a benchmark writes must never mix with a city's alerts."""
    name = f"triage_bench_{secrets.token_hex(4)}"
    _run(address, f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0")
    try:
        yield _written(address.set(database=name))
    finally:
        _run(address, f"DROP DATABASE {name} WITH (FORCE)")


def _address(url: str) -> URL:
    with contextlib.suppress(ArgumentError):
        address = make_url(url)
        if address.drivername.startswith("postgres"):
            return address.set(drivername="postgresql")
    raise InvalidConfiguration("The benchmark needs a URL such as postgresql://user:password@host/database.")


def _written(address: URL) -> str:
    return address.render_as_string(hide_password=False)


def _run(address: URL, statement: str) -> None:
    try:
        with psycopg.connect(_written(address), autocommit=True) as connection:
            connection.execute(statement.encode())
    except psycopg.Error as error:
        raise InvalidConfiguration(
            f"The PostgreSQL server {address.host or 'on this machine'} cannot be used ({type(error).__name__}); name "
            "a user that may make databases and extensions."
        ) from None
