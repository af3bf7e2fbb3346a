"""Runs migrations on the connection that `triage.store.upgrade` hands over, inside its transaction."""

from alembic import context

from triage.store.schema import metadata
from triage.store.upgrade import VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"], target_metadata=metadata, version_table=VERSION_TABLE
)
with context.begin_transaction():
    context.run_migrations()
