"""The accounts of staff. Each change is one transaction with its entry in the audit log."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, exists, insert, select, update

from triage.errors import TriageError
from triage.staff import Role
from triage.store.audit import COMMAND_LINE, AuditEntry, write_entry
from triage.store.base import StoreBase
from triage.store.records import Json
from triage.store.staff_tables import sessions, staff


class NameTaken(TriageError):
    """Another member of staff has this name."""

    code = "name_taken"


class UnknownMember(TriageError):
    """No member of staff has this name."""

    code = "unknown_member"


class AccountDisabled(TriageError):
    """The account may not be used."""

    code = "account_disabled"


@dataclass(frozen=True, slots=True)
class Account:
    """A member of staff as the store knows them.

    Attributes:
        password_hash: None for an account of an identity provider.
        identity: the provider's lasting name for the person.
    """

    seq: int
    name: str
    display_name: str
    role: Role
    password_hash: str | None = field(repr=False)
    identity: str | None
    created_at: datetime
    disabled_at: datetime | None


class Staff(StoreBase):
    """Who may sign in. Every method raises StoreFailed where the database cannot be read or written."""

    def has_staff(self) -> bool:
        """Whether an account was ever made, disabled ones included."""
        with self._database.reading("read accounts") as connection:
            return bool(connection.execute(select(exists(select(staff.c.seq)))).scalar_one())

    def staff(self) -> tuple[Account, ...]:
        """Every account, by name."""
        with self._database.reading("read accounts") as connection:
            return tuple(as_account(row._mapping) for row in connection.execute(select(staff).order_by(staff.c.name)))

    def account(self, name: str) -> Account | None:
        """The account with this name."""
        with self._database.reading("read accounts") as connection:
            return find_account(connection, staff.c.name == name)

    def add_account(self, name: str, display_name: str, role: Role, password_hash: str) -> None:
        """Make an account with a password.

        Raises:
            NameTaken: there is one with this name.
        """
        with self._database.writing("make an account") as connection:
            values = {"name": name, "display_name": display_name, "role": role, "password_hash": password_hash}
            _insert(connection, values, self._clock(), COMMAND_LINE)

    def set_role(self, name: str, role: Role) -> None:
        """Give a member another role, and end their sessions.

        Raises:
            UnknownMember: there is no such member.
        """
        self._change(name, "role_changed", {"role": role.value}, role=role)

    def set_password(self, name: str, password_hash: str) -> None:
        """Give a member another password, and end their sessions.

        Raises:
            UnknownMember: there is no such member.
        """
        self._change(name, "password_changed", {}, password_hash=password_hash)

    def disable_account(self, name: str) -> None:
        """Let a member in no more, and end their sessions.

        Raises:
            UnknownMember: there is no such member.
        """
        self._change(name, "account_disabled", {}, disabled_at=self._clock())

    def enable_account(self, name: str) -> None:
        """Let a member in again.

        Raises:
            UnknownMember: there is no such member.
        """
        self._change(name, "account_enabled", {}, disabled_at=None)

    def account_of_identity(self, identity: str, name: str, display_name: str, role: Role, at: datetime) -> Account:
        """The account of a person whom an identity provider vouches for, made or brought up to date.

        Args:
            identity: who it is, as the provider will always say.
            name: for a new account; a known one keeps its own.
            display_name: how the provider calls the person now.
            role: what the provider says of them now.
            at: the time.

        Raises:
            NameTaken: a new person has the name of an account that is not theirs.
            AccountDisabled: the account may not be used.
        """
        with self._database.writing("keep an account") as connection:
            mine = staff.c.identity == identity
            known = find_account(connection, mine)
            if known is None:
                values = {"name": name, "display_name": display_name, "role": role, "identity": identity}
                _insert(connection, values, at, name)
            elif known.disabled_at is not None:
                raise AccountDisabled("This account is disabled.")
            else:
                connection.execute(update(staff).where(mine).values(display_name=display_name, role=role))
                if known.role != role:
                    details = {"role": role.value, "by": "identity provider"}
                    _end_and_record(connection, known, AuditEntry(at, known.name, "role_changed", known.name, details))
            found = find_account(connection, mine)
            assert found is not None  # noqa: S101 - for the type checker; it was just written
            return found

    def _change(self, name: str, action: str, details: Json, **values: Any) -> None:
        with self._database.writing("change an account") as connection:
            account = find_account(connection, staff.c.name == name)
            if account is None:
                raise UnknownMember(f"No member of staff is named '{name}'; `triage user list` names all.")
            connection.execute(update(staff).where(staff.c.seq == account.seq).values(**values))
            _end_and_record(connection, account, AuditEntry(self._clock(), COMMAND_LINE, action, account.name, details))


def find_account(connection: Connection, condition: Any) -> Account | None:
    """The account that meets a condition, if one does."""
    row = connection.execute(select(staff).where(condition)).one_or_none()
    return None if row is None else as_account(row._mapping)


def as_account(columns: Any) -> Account:
    """An account from the columns of its row, which may be among others."""
    fields = {name: columns[name] for name in Account.__dataclass_fields__}
    return Account(**(fields | {"role": Role(fields["role"])}))


def _insert(connection: Connection, values: dict[str, Any], at: datetime, actor: str) -> None:
    name, role = values["name"], values["role"]
    if find_account(connection, staff.c.name == name) is not None:
        raise NameTaken(f"A member of staff is named '{name}' already; choose another name.")
    connection.execute(insert(staff).values(values | {"created_at": at}))
    write_entry(connection, AuditEntry(at, actor, "account_made", name, {"role": role.value}))


def _end_and_record(connection: Connection, account: Account, entry: AuditEntry) -> None:
    connection.execute(delete(sessions).where(sessions.c.staff_seq == account.seq))
    write_entry(connection, entry)
