"""Accounts, sessions and the audit log, on either database."""

import threading
from datetime import timedelta

import pytest

from tests.triage.store.conftest import NOON
from triage.staff import Role
from triage.store.audit import COMMAND_LINE, AuditEntry
from triage.store.sessions import NewSession
from triage.store.staff import AccountDisabled, NameTaken, UnknownMember
from triage.store.store import Store

LATER = NOON + timedelta(hours=12)


def entry(action: str = "signed_in", **details: str) -> AuditEntry:
    return AuditEntry(NOON, "a.petit", action, "a.petit", details)


def begin(store: Store, digest: str = "d" * 64, name: str | None = "a.petit", replaced: str | None = None) -> None:
    account = store.account(name) if name else None
    store.start_session(NewSession(digest, account, NOON, LATER), entry(), replaced)


@pytest.fixture
def staffed(store: Store) -> Store:
    store.add_account("a.petit", "A. Petit", Role.AGENT, "hash")
    return store


def test_an_account_is_what_was_made(store: Store) -> None:
    assert not store.has_staff()
    store.add_account("m.noir", "M. Noir", Role.ADMINISTRATOR, "hash")
    store.add_account("a.petit", "A. Petit", Role.AGENT, "other")
    assert store.has_staff()
    assert [account.name for account in store.staff()] == ["a.petit", "m.noir"]
    account = store.account("m.noir")
    assert account is not None
    assert (account.role, account.password_hash, account.disabled_at) == (Role.ADMINISTRATOR, "hash", None)
    assert "hash" not in repr(account)
    assert store.account("M.NOIR") is None


def test_a_name_is_taken_once(staffed: Store) -> None:
    with pytest.raises(NameTaken):
        staffed.add_account("a.petit", "Another", Role.AGENT, "x")
    assert len(staffed.audit_log()) == 1


def test_changes_are_written_down_with_what_they_change(staffed: Store) -> None:
    staffed.set_role("a.petit", Role.SUPERVISOR)
    staffed.set_password("a.petit", "secret-hash")
    staffed.disable_account("a.petit")
    staffed.enable_account("a.petit")
    log = staffed.audit_log()
    actions = ["account_enabled", "account_disabled", "password_changed", "role_changed", "account_made"]
    assert [one.action for one in log] == actions
    assert {one.actor for one in log} == {COMMAND_LINE}
    assert log[3].details == {"role": "supervisor"}
    assert "secret-hash" not in repr(log)
    assert staffed.audit_log(limit=1, action="role_changed") == (log[3],)


def test_a_name_that_nobody_has_is_said(store: Store) -> None:
    for change in (store.disable_account, store.enable_account):
        with pytest.raises(UnknownMember, match=r"'x'.*triage user list"):
            change("x")
    assert store.audit_log() == ()


def test_a_session_is_found_by_its_digest_until_it_ends(staffed: Store) -> None:
    begin(staffed)
    found = staffed.session("d" * 64)
    assert found is not None and found.account == staffed.account("a.petit")
    assert (found.started_at, found.seen_at, found.ends_at) == (NOON, NOON, LATER)
    staffed.touch_session("d" * 64, NOON + timedelta(minutes=5))
    touched = staffed.session("d" * 64)
    assert touched is not None and touched.seen_at == NOON + timedelta(minutes=5)
    staffed.end_session("d" * 64, entry("signed_out"))
    staffed.end_session("d" * 64, entry("signed_out"))
    assert staffed.session("d" * 64) is None
    assert [one.action for one in staffed.audit_log()] == ["signed_out", "signed_in", "account_made"]


def test_a_new_session_ends_the_one_it_replaces_and_forgets_those_that_are_over(staffed: Store) -> None:
    for digest in ("a", "b"):
        begin(staffed, digest)
    begin(staffed, "c", replaced="a")
    assert [staffed.session(digest) is None for digest in "abc"] == [True, False, False]
    late = NewSession("d", staffed.account("a.petit"), LATER + timedelta(seconds=1), LATER + timedelta(hours=1))
    staffed.start_session(late, entry())
    assert [staffed.session(digest) is None for digest in "bcd"] == [True, True, False]


@pytest.mark.parametrize("change", ["role", "password", "disable"])
def test_changes_end_the_sessions_of_that_account_alone(staffed: Store, change: str) -> None:
    staffed.add_account("m.noir", "M. Noir", Role.AGENT, "hash")
    begin(staffed, "mine")
    begin(staffed, "other", "m.noir")
    if change == "role":
        staffed.set_role("a.petit", Role.SUPERVISOR)
    elif change == "password":
        staffed.set_password("a.petit", "new")
    else:
        staffed.disable_account("a.petit")
    assert staffed.session("mine") is None
    assert staffed.session("other") is not None


def test_no_session_starts_for_an_account_that_changed_meanwhile(staffed: Store) -> None:
    seen = staffed.account("a.petit")
    staffed.set_password("a.petit", "new")
    with pytest.raises(AccountDisabled):
        staffed.start_session(NewSession("d", seen, NOON, LATER), entry())
    fresh = staffed.account("a.petit")
    staffed.disable_account("a.petit")
    with pytest.raises(AccountDisabled):
        staffed.start_session(NewSession("d", fresh, NOON, LATER), entry())
    assert staffed.session("d") is None


def test_a_session_without_an_account_counts_until_there_is_one(store: Store) -> None:
    begin(store, name=None)
    found = store.session("d" * 64)
    assert found is not None and found.account is None
    store.add_account("a.petit", "A. Petit", Role.AGENT, "hash")
    assert store.session("d" * 64) is None
    with pytest.raises(AccountDisabled):
        begin(store, "e", name=None)


def test_an_identity_keeps_its_account_whatever_it_is_called_later(store: Store) -> None:
    made = store.account_of_identity("https://login.example 7", "a.petit", "A. Petit", Role.AGENT, NOON)
    begin(store)
    again = store.account_of_identity("https://login.example 7", "other", "Anne", Role.AGENT, LATER)
    assert (again.seq, again.name, again.display_name) == (made.seq, "a.petit", "Anne")
    assert store.session("d" * 64) is not None
    raised = store.account_of_identity("https://login.example 7", "other", "Anne", Role.SUPERVISOR, LATER)
    assert raised.role is Role.SUPERVISOR
    assert store.session("d" * 64) is None
    with pytest.raises(NameTaken):
        store.account_of_identity("https://login.example 8", "a.petit", "Somebody", Role.ADMINISTRATOR, LATER)
    store.disable_account("a.petit")
    with pytest.raises(AccountDisabled):
        store.account_of_identity("https://login.example 7", "a.petit", "Anne", Role.AGENT, LATER)


def test_of_two_who_make_one_account_at_once_one_is_told(store: Store) -> None:
    failures: list[Exception] = []

    def make() -> None:
        try:
            store.add_account("a.petit", "A. Petit", Role.AGENT, "hash")
        except NameTaken as error:
            failures.append(error)

    threads = [threading.Thread(target=make) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(failures) == 5
    assert len(store.staff()) == 1


def test_whatever_is_written_down_comes_back_as_it_was(store: Store) -> None:
    strange = AuditEntry(NOON, "a\r\nb", "x", "'; DROP TABLE audit; --", {"é": ["<script>", None, 1.5], "n": {}})
    store.record(strange)
    assert store.audit_log() == (strange,)
