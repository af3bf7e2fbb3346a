"""The tables, as the newest migration leaves them.

Not here, because only one of the two databases has it: SQLite's R*Tree `alert_places` with its triggers, and the
generated column `alerts.place` with its GiST index in PostgreSQL; see the migrations.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    DateTime,
    Dialect,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
)


class Moment(TypeDecorator[datetime]):
    """A moment in UTC: `timestamptz` in PostgreSQL; in SQLite text of fixed width, which sorts by time."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn a moment of any zone into UTC; one without a zone is a fault of the program."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("The store takes times with a zone only.")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the moment in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


# SQLite numbers rows by itself only in a column of this very type.
_NUMBER = BigInteger().with_variant(Integer, "sqlite")
_JSON = JSON(none_as_null=True)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def numbered() -> Column[int]:
    """The number that orders the rows of a table; the table says `sqlite_autoincrement`, so that none comes twice."""
    return Column("seq", _NUMBER, primary_key=True, autoincrement=True)


def of_alert(**options: Any) -> Column[int]:
    """The number of the alert that a row belongs to, and goes with."""
    reference = ForeignKey("alerts.seq", ondelete="CASCADE")
    return Column("alert_seq", _NUMBER, reference, nullable=False, **options)


alerts = Table(
    "alerts",
    metadata,
    numbered(),
    Column("id", Text, nullable=False, unique=True),
    Column("content_sha256", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("lat", Double),
    Column("lon", Double),
    Column("created_at", Moment, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("category_hint", Text),
    Column("category", Text),
    Column("department", Text),
    Column("priority", Text),
    Column("decision", Text, nullable=False),
    Column("reasons", _JSON, nullable=False),
    Column("photos", _JSON, nullable=False),
    Column("plates", _JSON, nullable=False),
    Column("vector_version", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("closed_at", Moment),
    Column("cluster_id", Text, ForeignKey("clusters.id"), index=True),
    Column("covered_by", Text, ForeignKey("alerts.id", ondelete="SET NULL"), index=True),
    Column("recurrence_of", Text, ForeignKey("alerts.id", ondelete="SET NULL"), index=True),
    Column("queue", Text),
    Column("queue_rank", Double),
    Column("language", Text),
    *(Column(name, Text) for name in ("address", "commune", "channel")),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("expected_at", Moment),
    *(Column(name, Text) for name in ("status_note", "status_department")),
    # Pages go by these, newest first.
    Index(None, "created_at", "seq"),
    Index(None, "category", "created_at", "seq"),
    Index(None, "state", "created_at", "seq"),
    sqlite_autoincrement=True,
)

# Few of many alerts wait for a person: the index holds no others.
Index(
    "ix_alerts_queue",
    alerts.c.queue,
    alerts.c.queue_rank.desc(),
    alerts.c.seq,
    sqlite_where=alerts.c.queue.is_not(None),
    postgresql_where=alerts.c.queue.is_not(None),
)

# Apart from `alerts`, so that lists and counts do not read past them.
vectors = Table("vectors", metadata, of_alert(primary_key=True), Column("body", LargeBinary, nullable=False))

predictions = Table(
    "predictions",
    metadata,
    numbered(),
    of_alert(),
    Column("created_at", Moment, nullable=False),
    Column("body", _JSON, nullable=False),
    # Which version of the alert it answers.
    Column("version", Integer, nullable=False, server_default="1"),
    Index(None, "alert_seq", "seq"),
    sqlite_autoincrement=True,
)

# What reporters added, by its digest: sent again, it is not added again.
additions = Table(
    "additions",
    metadata,
    numbered(),
    of_alert(),
    Column("digest", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", Moment, nullable=False),
    Index(None, "alert_seq", "digest", unique=True),
    sqlite_autoincrement=True,
)

reviews = Table(
    "reviews",
    metadata,
    numbered(),
    of_alert(),
    Column("reviewer", Text, nullable=False),
    Column("decided_at", Moment, nullable=False),
    Column("category", Text),
    Column("department", Text),
    Column("priority", Text),
    Column("queue", Text),
    Column("action", Text, nullable=False, server_default="decide"),
    Column("seconds", Double),
    Column("rank", Integer),
    Column("model_version", Text),
    Column("shown", _JSON, nullable=False),
    Column("note", Text),
    Column("duplicate_of", Text),
    # What to bring back where the decision is undone; rows of the first version have none.
    Column("before", _JSON),
    Column("undone_at", Moment),
    Column("undone_by", Text),
    Index(None, "alert_seq", "seq"),
    Index(None, "reviewer", "seq"),
    Index(None, "decided_at", "seq"),
    sqlite_autoincrement=True,
)

clusters = Table(
    "clusters",
    metadata,
    Column("id", Text, primary_key=True),
    Column("created_at", Moment, nullable=False),
    # An address of a cluster that was given out stays good after two clusters became one.
    Column("merged_into", Text, ForeignKey("clusters.id"), index=True),
)

links = Table(
    "links",
    metadata,
    of_alert(primary_key=True),
    Column("other_seq", _NUMBER, ForeignKey("alerts.seq", ondelete="CASCADE"), primary_key=True, index=True),
    Column("kind", Text, primary_key=True),
    Column("probability", Double, nullable=False),
    Column("distance_m", Double),
    Column("age_hours", Double, nullable=False),
    Column("evidence", _JSON, nullable=False),
)

# Events and readings outlive the alert that they tell of: no foreign key.
events = Table(
    "events",
    metadata,
    numbered(),
    Column("id", Text, nullable=False, unique=True),
    Column("alert_id", Text, nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("body", _JSON, nullable=False),
    Column("created_at", Moment, nullable=False),
    # Of no use since `deliveries`; there for replicas of the version before that write beside.
    Column("sent_at", Moment),
    Column("failed_at", Moment),
    Column("attempts", Integer, nullable=False),
    sqlite_autoincrement=True,
)

originals = Table("originals", metadata, of_alert(primary_key=True), Column("token", LargeBinary, nullable=False))

readings = Table(
    "readings",
    metadata,
    numbered(),
    Column("alert_id", Text, nullable=False, index=True),
    Column("reader", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("read_at", Moment, nullable=False),
    sqlite_autoincrement=True,
)
