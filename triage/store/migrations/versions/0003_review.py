"""The review desk: the queue, claims, whole decisions, returns and notes."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_MOMENT = sa.DateTime(timezone=True)
_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_WAITING = sa.text("queue IS NOT NULL")


def upgrade() -> None:
    """Widen alerts and reviews, and make the tables of the desk."""
    _widen_alerts()
    _widen_reviews()
    _make_claims()
    _make_returns()
    _make_notes()


def _add(table: str, *columns: sa.Column[Any]) -> None:
    for column in columns:
        op.add_column(table, column)


def _text(name: str, *, optional: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=optional)


def _moment(name: str, *, optional: bool = False) -> sa.Column[Any]:
    return sa.Column(name, _MOMENT, nullable=optional)


def _of_alert(table: str) -> tuple[sa.Column[int], sa.ForeignKeyConstraint]:
    return sa.Column("alert_seq", _NUMBER, nullable=False, autoincrement=False), sa.ForeignKeyConstraint(
        ["alert_seq"], ["alerts.seq"], name=f"fk_{table}_alert_seq", ondelete="CASCADE"
    )


def _number(table: str) -> tuple[sa.Column[int], sa.PrimaryKeyConstraint]:
    number = sa.Column("seq", _NUMBER, nullable=False, autoincrement=True)
    return number, sa.PrimaryKeyConstraint("seq", name=f"pk_{table}")


def _index(table: str, *columns: str) -> None:
    op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns))


def _widen_alerts() -> None:
    _add("alerts", _text("queue", optional=True), sa.Column("queue_rank", sa.Double), _text("language", optional=True))
    op.create_index(
        "ix_alerts_queue",
        "alerts",
        ["queue", sa.text("queue_rank DESC"), "seq"],
        sqlite_where=_WAITING,
        postgresql_where=_WAITING,
    )


def _widen_reviews() -> None:
    # What older rows noted beside the answer is what there is of what was shown.
    op.execute("ALTER TABLE reviews RENAME COLUMN body TO shown")
    _add(
        "reviews",
        _text("queue", optional=True),
        sa.Column("action", sa.Text, nullable=False, server_default="decide"),
        sa.Column("seconds", sa.Double),
        sa.Column("rank", sa.Integer),
        *(_text(name, optional=True) for name in ("model_version", "note", "duplicate_of")),
        sa.Column("before", sa.JSON),
        _moment("undone_at", optional=True),
        _text("undone_by", optional=True),
    )
    _index("reviews", "reviewer", "seq")
    _index("reviews", "decided_at", "seq")


def _make_claims() -> None:
    op.create_table(
        "claims",
        *_of_alert("claims"),
        _text("reviewer"),
        *map(_moment, ("since", "until")),
        sa.PrimaryKeyConstraint("alert_seq", name="pk_claims"),
    )
    _index("claims", "reviewer")
    op.create_table(
        "skips",
        *_of_alert("skips"),
        _text("reviewer"),
        *map(_moment, ("at", "until")),
        sa.PrimaryKeyConstraint("alert_seq", "reviewer", name="pk_skips"),
    )


def _make_returns() -> None:
    op.create_table(
        "returns",
        *_number("returns"),
        *_of_alert("returns"),
        _text("department"),
        _text("proposed", optional=True),
        *map(_text, ("reason", "by")),
        _moment("at"),
        sqlite_autoincrement=True,
    )
    _index("returns", "alert_seq")
    _index("returns", "at", "seq")


def _make_notes() -> None:
    op.create_table(
        "notes",
        *_number("notes"),
        *_of_alert("notes"),
        _text("author"),
        _moment("written_at"),
        _text("text"),
        sqlite_autoincrement=True,
    )
    _index("notes", "alert_seq")
