"""Events leave: webhooks, how far each target has come, and what it has not taken yet."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_MOMENT = sa.DateTime(timezone=True)
_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the three tables."""
    op.create_table(
        "webhooks",
        *(sa.Column(name, sa.Text, nullable=False) for name in ("name", "url")),
        sa.Column("kinds", sa.JSON, nullable=False),
        sa.Column("secret", sa.LargeBinary, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_webhooks"),
    )
    op.create_table(
        "delivery_targets",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("cursor", _NUMBER, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        *(sa.Column(name, _MOMENT) for name in ("failing_since", "paused_until", "lease_until")),
        *(sa.Column(name, sa.Text) for name in ("reason", "lease_owner")),
        sa.PrimaryKeyConstraint("name", name="pk_delivery_targets"),
    )
    _make_deliveries()


def _make_deliveries() -> None:
    table, targets = "deliveries", "fk_deliveries_target"
    op.create_table(
        table,
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("event_seq", _NUMBER, nullable=False, autoincrement=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("alert_id", "state")),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("since", _MOMENT, nullable=False),
        sa.Column("next_at", _MOMENT),
        sa.Column("reason", sa.Text),
        sa.PrimaryKeyConstraint("target", "event_seq", name="pk_deliveries"),
        sa.ForeignKeyConstraint(["target"], ["delivery_targets.name"], name=targets, ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["event_seq"], ["events.seq"], name="fk_deliveries_event_seq", ondelete="CASCADE"),
    )
    for columns in (["alert_id"], ["event_seq"], ["target", "state", "next_at"], ["target", "alert_id", "event_seq"]):
        op.create_index(f"ix_{table}_{'_'.join(columns)}", table, columns)
