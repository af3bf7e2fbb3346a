"""What was sent stands in `deliveries`; an index of events that wait would hold all of them."""

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Drop the index; the columns stay while replicas of the version before write beside."""
    op.drop_index("ix_events_pending", "events")
