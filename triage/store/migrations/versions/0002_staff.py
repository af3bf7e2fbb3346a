"""Staff: accounts, sessions and the audit log."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_MOMENT = sa.DateTime(timezone=True)
_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the three tables."""
    _make_staff()
    _make_sessions()
    _make_audit()


def _text(name: str, *, optional: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=optional)


def _moment(name: str, *, optional: bool = False) -> sa.Column[Any]:
    return sa.Column(name, _MOMENT, nullable=optional)


def _number() -> sa.Column[int]:
    return sa.Column("seq", _NUMBER, nullable=False, autoincrement=True)


def _make_staff() -> None:
    op.create_table(
        "staff",
        _number(),
        *map(_text, ("name", "display_name", "role")),
        *(_text(name, optional=True) for name in ("password_hash", "identity")),
        _moment("created_at"),
        _moment("disabled_at", optional=True),
        sa.PrimaryKeyConstraint("seq", name="pk_staff"),
        sa.UniqueConstraint("name", name="uq_staff_name"),
        sa.UniqueConstraint("identity", name="uq_staff_identity"),
        sqlite_autoincrement=True,
    )


def _make_sessions() -> None:
    op.create_table(
        "sessions",
        _text("digest"),
        sa.Column("staff_seq", _NUMBER, nullable=True),
        *map(_moment, ("started_at", "seen_at", "ends_at")),
        sa.PrimaryKeyConstraint("digest", name="pk_sessions"),
        sa.ForeignKeyConstraint(["staff_seq"], ["staff.seq"], name="fk_sessions_staff_seq", ondelete="CASCADE"),
    )
    for column in ("staff_seq", "ends_at"):
        op.create_index(f"ix_sessions_{column}", "sessions", [column])


def _make_audit() -> None:
    op.create_table(
        "audit",
        _number(),
        _moment("at"),
        *map(_text, ("actor", "action", "subject")),
        sa.Column("details", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_audit"),
        sqlite_autoincrement=True,
    )
    for column in ("action", "subject"):
        op.create_index(f"ix_audit_{column}_seq", "audit", [column, "seq"])
