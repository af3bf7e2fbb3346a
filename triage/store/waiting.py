"""Places in the queue as rows: who holds one, and how an alert leaves."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select

from triage.store.errors import ClaimedByOther
from triage.store.review_tables import claims, skips


def leave_queue(connection: Connection, seq: int) -> dict[str, Any]:
    """Forget who looked at an alert or passed it on; the values that take it out of its queue."""
    for table in (claims, skips):
        connection.execute(delete(table).where(table.c.alert_seq == seq))
    return {"queue": None, "queue_rank": None}


def refuse_claimed(connection: Connection, seq: int, reviewer: str, now: datetime) -> None:
    """Let the one who holds a claim pass, and everybody where nobody does.

    Raises:
        ClaimedByOther: somebody else looks at the alert.
    """
    running = select(claims).where(claims.c.alert_seq == seq, claims.c.reviewer != reviewer, claims.c.until > now)
    row = connection.execute(running).one_or_none()
    if row is not None:
        raise ClaimedByOther(row.reviewer, row.until)
