"""The tables of what is sent to whom: webhooks, how far each target has come, and what it has not taken yet."""

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text

from triage.store.schema import Moment, metadata

_NUMBER = BigInteger().with_variant(Integer, "sqlite")

webhooks = Table(
    "webhooks",
    metadata,
    Column("name", Text, primary_key=True),
    Column("url", Text, nullable=False),
    # The kinds that it is told of; none means all, those of later versions too.
    Column("kinds", JSON, nullable=False),
    # Encrypted with the keys for personal data.
    Column("secret", LargeBinary, nullable=False),
    Column("created_at", Moment, nullable=False),
)

delivery_targets = Table(
    "delivery_targets",
    metadata,
    Column("name", Text, primary_key=True),
    # Every event up to this one was sent, is in `deliveries`, or is none that the target wants.
    Column("cursor", _NUMBER, nullable=False),
    # Rounds in a row in which nothing got through, since when, and why.
    Column("failures", Integer, nullable=False),
    Column("failing_since", Moment),
    Column("reason", Text),
    Column("paused_until", Moment),
    # The process that sends to it now.
    Column("lease_owner", Text),
    Column("lease_until", Moment),
)

# What was not taken at the first attempt, or waits for such an event of the same alert. What was sent has no row.
deliveries = Table(
    "deliveries",
    metadata,
    Column(
        "target",
        Text,
        ForeignKey("delivery_targets.name", ondelete="CASCADE"),
        primary_key=True,
    ),
    # The index is for the deletion of events.
    Column(
        "event_seq",
        _NUMBER,
        ForeignKey("events.seq", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
        index=True,
    ),
    Column("alert_id", Text, nullable=False, index=True),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("since", Moment, nullable=False),
    # None while an earlier event of the alert waits, and for what was given up.
    Column("next_at", Moment),
    Column("reason", Text),
    Index(None, "target", "state", "next_at"),
    Index(None, "target", "alert_id", "event_seq"),
)
