"""The audit log: who did what, written in the transaction that does it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from triage.store.base import StoreBase
from triage.store.records import Json
from triage.store.staff_tables import audit

# Who acts where nobody is signed in.
COMMAND_LINE = "command line"
NOBODY = "-"


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One thing that somebody did.

    Attributes:
        actor: the name of the member of staff, or one of the constants of this module.
        action: a code, such as `signed_in`.
        subject: what it was done to, such as the name of a member or the id of an alert.
        details: ready for JSON, without personal data of residents.
    """

    at: datetime
    actor: str
    action: str
    subject: str
    details: Json


def write_entry(connection: Connection, entry: AuditEntry) -> None:
    """Write an entry as part of a transaction: without it, nothing happens."""
    connection.execute(
        insert(audit).values(
            at=entry.at, actor=entry.actor, action=entry.action, subject=entry.subject, details=entry.details
        )
    )


class AuditLog(StoreBase):
    """What is done by hand. Every method raises StoreFailed where the database cannot be read or written."""

    def record(self, entry: AuditEntry) -> None:
        """Write an entry."""
        with self._database.writing("write the audit log") as connection:
            write_entry(connection, entry)

    def audit_log(self, limit: int = 100, action: str | None = None) -> tuple[AuditEntry, ...]:
        """The latest entries, newest first.

        Args:
            limit: how many at most.
            action: those of one kind alone.
        """
        columns = (audit.c.at, audit.c.actor, audit.c.action, audit.c.subject, audit.c.details)
        statement = select(*columns).order_by(audit.c.seq.desc()).limit(limit)
        if action is not None:
            statement = statement.where(audit.c.action == action)
        with self._database.reading("read the audit log") as connection:
            return tuple(AuditEntry(*row) for row in connection.execute(statement))
