"""What a challenger answers beside the champion."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_TABLE = "shadow_answers"
_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        _TABLE,
        sa.Column("seq", _NUMBER, nullable=False, autoincrement=True),
        sa.Column("alert_seq", _NUMBER, nullable=False, autoincrement=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("champion_sha256", "challenger_sha256", "category")),
        sa.Column("differs", sa.Boolean, nullable=False),
        *(sa.Column(name, sa.JSON, nullable=False) for name in ("champion", "challenger")),
        sa.PrimaryKeyConstraint("seq", name=f"pk_{_TABLE}"),
        sa.ForeignKeyConstraint(["alert_seq"], ["alerts.seq"], name=f"fk_{_TABLE}_alert_seq", ondelete="CASCADE"),
        sqlite_autoincrement=True,
    )
    for columns in (["alert_seq"], ["challenger_sha256", "champion_sha256", "at"]):
        op.create_index(f"ix_{_TABLE}_{'_'.join(columns)}", _TABLE, columns)
