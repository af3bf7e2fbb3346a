"""Brings a database to the tables of this version, or says why it must not be touched."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from triage.store.database import Database
from triage.store.errors import StoreTooNew, StoreTooOld

# Not Alembic's own name: another program may keep its tables in the same database.
VERSION_TABLE = "triage_store_version"


def upgrade(database: Database, *, allowed: bool = True) -> None:
    """Create or upgrade the tables, in one transaction; two processes that start at once do it once.

    Args:
        database: where.
        allowed: whether the tables may be changed.

    Raises:
        StoreTooNew: a newer version of this project made the tables.
        StoreTooOld: the tables must be upgraded and may not be.
        StoreFailed: the tables cannot be made.
    """
    script = ScriptDirectory.from_config(_config())
    # Nearly always there is nothing to do, and then a start does not wait for writers.
    with database.reading("be opened") as connection:
        if not _has_work(connection, script):
            return
    if not allowed:
        raise StoreTooOld("The tables of the alert store are of an older version; open it once with upgrades allowed.")
    with database.writing("be upgraded (PostgreSQL needs the extensions postgis and btree_gist)") as connection:
        if _has_work(connection, script):
            upgrade_to(connection, "head")


def upgrade_to(connection: Connection, revision: str) -> None:
    """Bring the tables up to a revision, as part of a transaction."""
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def known_revisions() -> frozenset[str]:
    """Every revision that this version can read."""
    return _known(ScriptDirectory.from_config(_config()))


def revision_of(connection: Connection) -> str | None:
    """The revision of the tables; None where there are none."""
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    return context.get_current_revision()


def refuse_newer(revision: str | None, known: frozenset[str]) -> None:
    """Let a revision pass that this version can read.

    Raises:
        StoreTooNew: it cannot.
    """
    if revision is not None and revision not in known:
        raise StoreTooNew(
            f"A newer version of this project made the alert store (revision {revision}); "
            "install that version, or name another database."
        )


def _has_work(connection: Connection, script: ScriptDirectory) -> bool:
    current = revision_of(connection)
    refuse_newer(current, _known(script))
    return current != script.get_current_head()


def _known(script: ScriptDirectory) -> frozenset[str]:
    return frozenset(revision.revision for revision in script.walk_revisions())


def _config() -> Config:
    config = Config()
    config.set_main_option("path_separator", "os")
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    return config
