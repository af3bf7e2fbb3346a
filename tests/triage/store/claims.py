"""When claims are made, and how many of them two desks make."""

from datetime import UTC, datetime, timedelta

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(minutes=10)
ALERTS = 40
