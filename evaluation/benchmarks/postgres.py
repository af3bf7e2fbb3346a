"""A private PostgreSQL with PostGIS, started from Debian's packages and removed at the end.

It listens on a socket in a folder of its own, never on a network.
"""

import contextlib
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import psycopg

PACKAGE = "postgresql-15-postgis-3"
START_TIMEOUT_S = 60
# The system user that Debian's package makes: PostgreSQL refuses to run as root.
USER = "postgres"
_TEMPLATE = "with_postgis"
_OPTIONS = {
    "listen_addresses": "",
    "timezone": "Europe/Paris",  # the store must bring its own
    "max_connections": "40",
}


class PostgresServer:
    """A server that can be stopped and started again with what it holds.

    Args:
        folder: where its socket is.
        command: starts it.
    """

    def __init__(self, folder: Path, command: Sequence[str | Path]) -> None:
        self._folder = folder
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self._numbers = itertools.count()

    def start(self) -> None:
        """Start it, and wait until it answers.

        Raises:
            RuntimeError: it does not start.
        """
        log = self._folder / "server.log"
        with log.open("ab") as output:
            self._process = subprocess.Popen(  # noqa: S603 - Debian's own program
                self._command, stdout=output, stderr=output, cwd=self._folder
            )
        _wait(self, self._process, log)

    def stop(self) -> None:
        """Stop it as its "fast" shutdown does: it does not wait for clients."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(START_TIMEOUT_S)
            self._process = None

    def url(self, database: str) -> str:
        """How a database is reached."""
        return f"postgresql://{USER}@/{database}?host={self._folder}"

    @contextlib.contextmanager
    def database(self, template: str = _TEMPLATE, options: str = "") -> Iterator[str]:
        """A new database's URL; the database goes at the end."""
        name = f"scratch_{next(self._numbers)}"
        self.run("postgres", f"CREATE DATABASE {name} TEMPLATE {template} {options}")
        try:
            yield self.url(name)
        finally:
            self.run("postgres", f"DROP DATABASE {name} WITH (FORCE)")

    def run(self, database: str, *statements: str) -> None:
        """Run statements outside any transaction."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())


def find_binaries() -> Path | None:
    """The folder of the newest PostgreSQL that PostGIS is installed for, as Debian lays them out."""

    def version(path: Path) -> int:
        return int(path.parents[1].name) if path.parents[1].name.isdecimal() else 0

    for found in sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=version, reverse=True):
        if Path(f"/usr/share/postgresql/{version(found)}/extension/postgis.control").exists():
            return found.parent
    return None


@contextlib.contextmanager
def private_server(binaries: Path, options: Mapping[str, str]) -> Iterator[PostgresServer]:
    """Start a server whose new databases have PostGIS.

    Args:
        binaries: from `find_binaries`.
        options: settings of the server beside those that make it private.

    Raises:
        RuntimeError: it does not start.
    """
    # Not in a folder of the caller's, which the server's user may not enter.
    folder = Path(tempfile.mkdtemp(prefix="triage-postgres-"))
    try:
        with _running(binaries, folder, options) as server:
            server.run("postgres", f"CREATE DATABASE {_TEMPLATE}")
            server.run(_TEMPLATE, "CREATE EXTENSION postgis", "CREATE EXTENSION btree_gist")
            yield server
    finally:
        shutil.rmtree(folder)


@contextlib.contextmanager
def _running(binaries: Path, folder: Path, options: Mapping[str, str]) -> Iterator[PostgresServer]:
    # The signal asks the server to stop at once, should its starter be killed.
    as_user = ["setpriv", "--pdeathsig", "INT"]
    if os.geteuid() == 0:
        shutil.chown(folder, USER, pwd.getpwnam(USER).pw_gid)
        as_user += ["--reuid", USER, "--regid", USER, "--init-groups"]
    data = folder / "data"
    options_of_data = ["--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
    subprocess.run(  # noqa: S603 - Debian's own program
        [*as_user, binaries / "initdb", "-D", data, "-U", USER, *options_of_data],
        check=True,
        capture_output=True,
        cwd=folder,
    )
    chosen = {**_OPTIONS, **options, "unix_socket_directories": str(folder)}
    arguments = [f"--{name}={value}" for name, value in chosen.items()]
    server = PostgresServer(folder, [*as_user, binaries / "postgres", "-D", data, *arguments])
    try:
        server.start()
        yield server
    finally:
        server.stop()


def _wait(server: PostgresServer, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while process.poll() is None and time.monotonic() < deadline:
        try:
            server.run("postgres", "SELECT 1")
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"PostgreSQL did not start: {log.read_text(errors='replace')}")
