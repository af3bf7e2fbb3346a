"""The tables of the review desk: who looks at what, what departments gave back, and notes."""

from sqlalchemy import Column, Index, Table, Text

from triage.store.schema import Moment, metadata, numbered, of_alert

claims = Table(
    "claims",
    metadata,
    of_alert(primary_key=True),
    Column("reviewer", Text, nullable=False, index=True),
    Column("since", Moment, nullable=False),
    Column("until", Moment, nullable=False),
)

skips = Table(
    "skips",
    metadata,
    of_alert(primary_key=True),
    Column("reviewer", Text, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("until", Moment, nullable=False),
)

returns = Table(
    "returns",
    metadata,
    numbered(),
    of_alert(index=True),
    Column("department", Text, nullable=False),
    Column("proposed", Text),
    Column("reason", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Index(None, "at", "seq"),
    sqlite_autoincrement=True,
)

notes = Table(
    "notes",
    metadata,
    numbered(),
    of_alert(index=True),
    Column("author", Text, nullable=False),
    Column("written_at", Moment, nullable=False),
    Column("text", Text, nullable=False),
    sqlite_autoincrement=True,
)
