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
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")


def _has_work(connection: Connection, script: ScriptDirectory) -> bool:
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    current = context.get_current_revision()
    known = {revision.revision for revision in script.walk_revisions()}
    if current is not None and current not in known:
        raise StoreTooNew(
            f"A newer version of this project made the alert store (revision {current}); "
            "install that version, or name another database."
        )
    return current != script.get_current_head()


def _config() -> Config:
    config = Config()
    config.set_main_option("path_separator", "os")
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    return config
