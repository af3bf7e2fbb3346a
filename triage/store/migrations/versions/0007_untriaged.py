"""Alerts that were stored while no model could answer, and what a model will need of them."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "untriaged",
        sa.Column("alert_seq", _NUMBER, nullable=False, autoincrement=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("photos", sa.LargeBinary),
        sa.PrimaryKeyConstraint("alert_seq", name="pk_untriaged"),
        sa.ForeignKeyConstraint(["alert_seq"], ["alerts.seq"], name="fk_untriaged_alert_seq", ondelete="CASCADE"),
    )
    op.create_index("ix_untriaged_next_at", "untriaged", ["next_at"])
