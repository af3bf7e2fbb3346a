"""What becomes of an alert after it came: where and how it came in words, what was added, and what departments say."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_MOMENT = sa.DateTime(timezone=True)
_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
# A photo that is added later may be the first to say where. PostgreSQL generates its place from the two columns.
_SQLITE_MOVE = """
    CREATE TRIGGER alert_places_update AFTER UPDATE OF lat, lon ON alerts BEGIN
        DELETE FROM alert_places WHERE seq = OLD.seq;
        INSERT INTO alert_places SELECT
            NEW.seq, NEW.lon, NEW.lon, NEW.lat, NEW.lat,
            (julianday(NEW.created_at) - 2440587.5) * 3e-5, (julianday(NEW.created_at) - 2440587.5) * 3e-5
        WHERE NEW.lat IS NOT NULL;
    END
"""


def upgrade() -> None:
    """Widen alerts and predictions, and make the table of what reporters added."""
    for name in ("address", "commune", "channel", "status_note", "status_department"):
        op.add_column("alerts", sa.Column(name, sa.Text))
    op.add_column("alerts", sa.Column("expected_at", _MOMENT))
    for table in ("alerts", "predictions"):
        op.add_column(table, sa.Column("version", sa.Integer, nullable=False, server_default="1"))
    _make_additions()
    if op.get_bind().dialect.name == "sqlite":
        op.execute(_SQLITE_MOVE)


def _make_additions() -> None:
    op.create_table(
        "additions",
        sa.Column("seq", _NUMBER, nullable=False, autoincrement=True),
        sa.Column("alert_seq", _NUMBER, nullable=False, autoincrement=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_additions"),
        sa.ForeignKeyConstraint(["alert_seq"], ["alerts.seq"], name="fk_additions_alert_seq", ondelete="CASCADE"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_additions_alert_seq_digest", "additions", ["alert_seq", "digest"], unique=True)
