"""Links to photos that apps keep elsewhere."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "photo_links",
        sa.Column("alert_seq", _NUMBER, nullable=False, autoincrement=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("alert_seq", name="pk_photo_links"),
        sa.ForeignKeyConstraint(["alert_seq"], ["alerts.seq"], name="fk_photo_links_alert_seq", ondelete="CASCADE"),
    )
