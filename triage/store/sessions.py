"""Sessions of staff: rows under the digest of a secret that only a cookie holds."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, delete, exists, insert, select, update

from triage.store.audit import AuditEntry, write_entry
from triage.store.base import StoreBase
from triage.store.staff import Account, AccountDisabled, as_account, find_account
from triage.store.staff_tables import sessions, staff


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session to be stored.

    Attributes:
        account: as it was when its owner was recognised; None for whoever came by the one-time link.
    """

    digest: str
    account: Account | None
    started_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class StoredSession:
    """A session as the store knows it; `account` is as it is now."""

    digest: str
    account: Account | None
    started_at: datetime
    seen_at: datetime
    ends_at: datetime


class Sessions(StoreBase):
    """Who is signed in. Every method raises StoreFailed where the database cannot be read or written."""

    def start_session(self, new: NewSession, entry: AuditEntry, replaced: str | None = None) -> None:
        """Store a session, end the one that it replaces, and forget those that are over.

        Raises:
            AccountDisabled: while the owner was recognised, the account was disabled, its password was changed, or
                the first account was made.
        """
        with self._database.writing("start a session") as connection:
            if new.account is None:
                allowed = not connection.execute(select(exists(select(staff.c.seq)))).scalar_one()
            else:
                now = find_account(connection, staff.c.seq == new.account.seq)
                allowed = now is not None and now.disabled_at is None and now.password_hash == new.account.password_hash
            if not allowed:
                raise AccountDisabled("This account was changed a moment ago; sign in again.")
            over = (sessions.c.ends_at < new.started_at) | (sessions.c.digest == replaced)
            connection.execute(delete(sessions).where(over))
            connection.execute(
                insert(sessions).values(
                    digest=new.digest,
                    staff_seq=new.account.seq if new.account else None,
                    started_at=new.started_at,
                    seen_at=new.started_at,
                    ends_at=new.ends_at,
                )
            )
            write_entry(connection, entry)

    def session(self, digest: str) -> StoredSession | None:
        """The session with this digest, unless its account is disabled.

        One without an account counts only as long as there are no accounts at all.
        """
        any_staff = exists(select(staff.c.seq)).label("any_staff")
        statement = select(sessions, staff, any_staff).outerjoin(staff, staff.c.seq == sessions.c.staff_seq)
        with self._database.reading("read a session") as connection:
            row = connection.execute(statement.where(sessions.c.digest == digest)).one_or_none()
        return None if row is None else _usable(row)

    def touch_session(self, digest: str, at: datetime) -> None:
        """Note that a session is in use."""
        with self._database.writing("keep a session") as connection:
            connection.execute(update(sessions).where(sessions.c.digest == digest).values(seen_at=at))

    def end_session(self, digest: str, entry: AuditEntry | None = None) -> None:
        """Forget a session; the entry is written only where there was one."""
        with self._database.writing("end a session") as connection:
            gone = connection.execute(delete(sessions).where(sessions.c.digest == digest)).rowcount
            if gone and entry is not None:
                write_entry(connection, entry)


def _usable(row: Row[tuple[object, ...]]) -> StoredSession | None:
    account = None if row.staff_seq is None else as_account(row._mapping)
    if row.any_staff if account is None else account.disabled_at is not None:
        return None
    return StoredSession(row.digest, account, row.started_at, row.seen_at, row.ends_at)
