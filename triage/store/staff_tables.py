"""The tables of staff: accounts, sessions and the audit log."""

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, Index, Integer, Table, Text

from triage.store.schema import Moment, metadata

# SQLite numbers rows by itself only in a column of this very type.
_NUMBER = BigInteger().with_variant(Integer, "sqlite")


def _numbered() -> Column[int]:
    return Column("seq", _NUMBER, primary_key=True, autoincrement=True)


staff = Table(
    "staff",
    metadata,
    _numbered(),
    Column("name", Text, nullable=False, unique=True),
    Column("display_name", Text, nullable=False),
    Column("role", Text, nullable=False),
    # Without one, the account is that of an identity provider.
    Column("password_hash", Text),
    # The provider's own and lasting name for the person, with the provider's address in front.
    Column("identity", Text, unique=True),
    Column("created_at", Moment, nullable=False),
    Column("disabled_at", Moment),
    sqlite_autoincrement=True,
)

sessions = Table(
    "sessions",
    metadata,
    # Of the session's secret, which only the cookie holds: who reads the table cannot take a session over.
    Column("digest", Text, primary_key=True),
    # None for whoever came by the one-time link, before there were accounts.
    Column("staff_seq", _NUMBER, ForeignKey("staff.seq", ondelete="CASCADE"), index=True),
    Column("started_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("ends_at", Moment, nullable=False, index=True),
)

# Entries outlive the account and the alert that they tell of: no foreign key.
audit = Table(
    "audit",
    metadata,
    _numbered(),
    Column("at", Moment, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("details", JSON, nullable=False),
    Index(None, "action", "seq"),
    Index(None, "subject", "seq"),
    sqlite_autoincrement=True,
)
