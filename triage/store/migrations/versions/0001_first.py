"""The first tables, and the index by place and time."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_MOMENT = sa.DateTime(timezone=True)
_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_OF_EVENTS_TO_SEND = sa.text("sent_at IS NULL")

# A day counts as 3e-5 degrees (3 m), so that the tree cuts place and time into boxes that fit a search of some hundred
# metres and some weeks; `nearby.py` searches in the same unit. 2440587.5 is the Julian day of 1970.
_SQLITE_PLACES = (
    "CREATE VIRTUAL TABLE alert_places USING rtree(seq, west, east, south, north, since, until)",
    """
    CREATE TRIGGER alert_places_insert AFTER INSERT ON alerts WHEN NEW.lat IS NOT NULL BEGIN
        INSERT INTO alert_places VALUES (
            NEW.seq, NEW.lon, NEW.lon, NEW.lat, NEW.lat,
            (julianday(NEW.created_at) - 2440587.5) * 3e-5, (julianday(NEW.created_at) - 2440587.5) * 3e-5
        );
    END
    """,
    """
    CREATE TRIGGER alert_places_delete AFTER DELETE ON alerts WHEN OLD.lat IS NOT NULL BEGIN
        DELETE FROM alert_places WHERE seq = OLD.seq;
    END
    """,
)
_POSTGRESQL_EXTENSIONS = ("CREATE EXTENSION IF NOT EXISTS postgis", "CREATE EXTENSION IF NOT EXISTS btree_gist")
_POSTGRESQL_PLACES = (
    """
    ALTER TABLE alerts ADD COLUMN place geometry(Point, 4326)
        GENERATED ALWAYS AS (ST_SetSRID(ST_MakePoint(lon, lat), 4326)) STORED
    """,
    "CREATE INDEX ix_alerts_place_created_at ON alerts USING gist (place, created_at)",
)


def upgrade() -> None:
    """Make everything."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    _run(() if is_sqlite else _POSTGRESQL_EXTENSIONS)
    _make_clusters()
    _make_alerts()
    _make_parts_of_alerts()
    _make_answers()
    _make_links()
    _make_events()
    _make_readings()
    _run(_SQLITE_PLACES if is_sqlite else _POSTGRESQL_PLACES)


def _run(statements: tuple[str, ...]) -> None:
    for statement in statements:
        op.execute(statement)


def _table(name: str, *columns: Any, numbered: bool = True) -> None:
    number = [sa.Column("seq", _NUMBER, nullable=False, autoincrement=True)] if numbered else []
    keys = [sa.PrimaryKeyConstraint("seq", name=f"pk_{name}")] if numbered else []
    options = {"sqlite_autoincrement": True} if numbered else {}
    op.create_table(name, *number, *columns, *keys, **options)


def _index(table: str, *columns: str, **options: Any) -> None:
    op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns), **options)


def _of_alert(table: str, column: str = "alert_seq") -> tuple[sa.Column[int], sa.ForeignKeyConstraint]:
    return sa.Column(column, _NUMBER, nullable=False, autoincrement=False), sa.ForeignKeyConstraint(
        [column], ["alerts.seq"], name=f"fk_{table}_{column}", ondelete="CASCADE"
    )


def _text(name: str, *, optional: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=optional)


def _moment(name: str, *, optional: bool = False) -> sa.Column[Any]:
    return sa.Column(name, _MOMENT, nullable=optional)


def _json(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.JSON, nullable=False)


def _make_clusters() -> None:
    _table(
        "clusters",
        _text("id"),
        _moment("created_at"),
        _text("merged_into", optional=True),
        sa.PrimaryKeyConstraint("id", name="pk_clusters"),
        sa.ForeignKeyConstraint(["merged_into"], ["clusters.id"], name="fk_clusters_merged_into"),
        numbered=False,
    )
    _index("clusters", "merged_into")


def _make_alerts() -> None:
    _table(
        "alerts",
        *map(_text, ("id", "content_sha256", "text")),
        sa.Column("lat", sa.Double),
        sa.Column("lon", sa.Double),
        *map(_moment, ("created_at", "received_at", "updated_at")),
        *(_text(name, optional=True) for name in ("category_hint", "category", "department", "priority")),
        _text("decision"),
        *map(_json, ("reasons", "photos", "plates")),
        *map(_text, ("vector_version", "state")),
        _moment("closed_at", optional=True),
        *(_text(name, optional=True) for name in ("cluster_id", "covered_by", "recurrence_of")),
        sa.UniqueConstraint("id", name="uq_alerts_id"),
        sa.ForeignKeyConstraint(["cluster_id"], ["clusters.id"], name="fk_alerts_cluster_id"),
        *(
            sa.ForeignKeyConstraint([name], ["alerts.id"], name=f"fk_alerts_{name}", ondelete="SET NULL")
            for name in ("covered_by", "recurrence_of")
        ),
    )
    for name in ("cluster_id", "covered_by", "recurrence_of"):
        _index("alerts", name)
    _index("alerts", "created_at", "seq")
    _index("alerts", "category", "created_at", "seq")
    _index("alerts", "state", "created_at", "seq")


def _make_parts_of_alerts() -> None:
    for name, column in (("vectors", "body"), ("originals", "token")):
        _table(
            name,
            *_of_alert(name),
            sa.Column(column, sa.LargeBinary, nullable=False),
            sa.PrimaryKeyConstraint("alert_seq", name=f"pk_{name}"),
            numbered=False,
        )


def _make_answers() -> None:
    _table("predictions", *_of_alert("predictions"), _moment("created_at"), _json("body"))
    _table(
        "reviews",
        *_of_alert("reviews"),
        _text("reviewer"),
        _moment("decided_at"),
        *(_text(name, optional=True) for name in ("category", "department", "priority")),
        _json("body"),
    )
    _index("predictions", "alert_seq", "seq")
    _index("reviews", "alert_seq", "seq")


def _make_links() -> None:
    _table(
        "links",
        *_of_alert("links"),
        *_of_alert("links", "other_seq"),
        _text("kind"),
        sa.Column("probability", sa.Double, nullable=False),
        sa.Column("distance_m", sa.Double),
        sa.Column("age_hours", sa.Double, nullable=False),
        _json("evidence"),
        sa.PrimaryKeyConstraint("alert_seq", "other_seq", "kind", name="pk_links"),
        numbered=False,
    )
    _index("links", "other_seq")


def _make_events() -> None:
    _table(
        "events",
        *map(_text, ("id", "alert_id", "kind")),
        _json("body"),
        _moment("created_at"),
        *(_moment(name, optional=True) for name in ("sent_at", "failed_at")),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.UniqueConstraint("id", name="uq_events_id"),
    )
    _index("events", "alert_id")
    op.create_index(
        "ix_events_pending", "events", ["seq"], sqlite_where=_OF_EVENTS_TO_SEND, postgresql_where=_OF_EVENTS_TO_SEND
    )


def _make_readings() -> None:
    _table("readings", *map(_text, ("alert_id", "reader", "purpose")), _moment("read_at"))
    _index("readings", "alert_id")
