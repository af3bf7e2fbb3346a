"""Who is signed in, and how somebody gets to be."""

import contextlib
import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from serving.desk.languages import N_
from serving.problems import Problem
from serving.staff.limits import SignInLimits
from serving.staff.links import OneTimeLink
from serving.staff.passwords import Passwords
from serving.staff.provider import Person
from serving.storage import StoreDoor, Work
from triage.errors import TriageError
from triage.staff import Member, Role
from triage.store.audit import NOBODY, AuditEntry
from triage.store.records import Json
from triage.store.sessions import NewSession, StoredSession
from triage.store.staff import Account, AccountDisabled

# Whoever came by the one-time link, before there were accounts.
LOCAL = Member("local", "local", Role.ADMINISTRATOR)

_MAX_WAITING = 32
_MAX_NAME = 100
_TOUCH_AFTER = timedelta(minutes=1)
_CLOCK_SLACK = timedelta(minutes=5)


class SignInRefused(TriageError):
    """Name or password are wrong; which of them is not said."""

    code = "sign_in_refused"


class TooManyAttempts(TriageError):
    """Somebody tried to sign in too often."""

    code = "too_many_attempts"


@dataclass(frozen=True, slots=True)
class Attempt:
    """Somebody who wants to come in with a name and a password, both as they were typed.

    Attributes:
        address: where the request comes from.
        device: the mark of a browser in which the owner of this name has signed in before.
        replaced: the secret of a session that the new one takes the place of.
    """

    name: str
    password: str
    address: str
    device: str | None = None
    replaced: str | None = None


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """How long a session lasts: without use, and at all."""

    idle: timedelta
    whole: timedelta


class Accounts:
    """Sessions of staff and the log of what they do.

    Every method raises Problem (503) where the store cannot be used.

    Args:
        door: to the store.
        lifetimes: of sessions.
        clock: tells the time.
        link: the way in before there are accounts.
        passwords: checks them.
        limits: counts attempts.
    """

    def __init__(
        self,
        door: StoreDoor,
        lifetimes: Lifetimes,
        clock: Callable[[], datetime],
        link: OneTimeLink,
        passwords: Passwords,
        limits: SignInLimits,
    ) -> None:
        self._door = door
        self._lifetimes = lifetimes
        self._clock = clock
        self._link = link
        self._passwords = passwords
        self._limits = limits

    async def find(self, secret: str, *, local: bool) -> Member | None:
        """Whose session a secret is.

        Args:
            secret: from the cookie.
            local: whether the request comes from this very machine; others cannot use what the one-time link opened.
        """
        digest = digest_of(secret)
        session = await self._door.run(Work.READ, lambda store: store.session(digest))
        if session is None or (session.account is None and not local):
            return None
        now = self._clock()
        if not self._is_current(session, now):
            await self._door.run(Work.WRITE, lambda store: store.end_session(digest))
            return None
        if now - session.seen_at >= _TOUCH_AFTER:
            # Whoever may read the page need not wait for a store that cannot be written.
            with contextlib.suppress(Problem):
                await self._door.run(Work.WRITE, lambda store: store.touch_session(digest, now), within_s=2)
        return _member(session.account)

    async def has_accounts(self) -> bool:
        """Whether an account was ever made."""
        return await self._door.run(Work.READ, lambda store: store.has_staff())

    async def sign_in(self, attempt: Attempt) -> str:
        """Start a session for whoever knows the password; gives its secret.

        Raises:
            SignInRefused: name or password are wrong, or the account is disabled; all take the same time.
            TooManyAttempts: by this name or from this address.
        """
        folded, address = folded_name(attempt.name), attempt.address
        await self._admit(folded, attempt)
        if self._passwords.waiting >= _MAX_WAITING:
            raise Problem(
                503,
                "many_sign_in",
                N_("Too many people sign in at this moment; try again in a second."),
                headers={"Retry-After": "1"},
            )
        account = await self._door.run(Work.READ, lambda store: store.account(folded))
        fits = await self._passwords.check(account.password_hash if account else None, attempt.password)
        if account is None or not fits or account.disabled_at is not None:
            # What was typed for a name may be a password: only names that exist are written down.
            await self.audit(NOBODY, "sign_in_failed", account.name if account else NOBODY, {"address": address})
            raise SignInRefused("Name or password are wrong.")
        secret = await self._start(account, {"by": "password", "address": address}, attempt.replaced)
        self._limits.forgive(folded, attempt.device)
        return secret

    async def sign_in_person(self, person: Person, address: str, replaced: str | None) -> str:
        """Start a session for a person whom the identity provider vouches for; gives its secret.

        Raises:
            NameTaken: the name is that of an account that is not theirs.
            SignInRefused: the account is disabled.
        """
        now = self._clock()
        try:
            account = await self._door.run(
                Work.WRITE,
                lambda store: store.account_of_identity(
                    person.identity, person.name, person.display_name, person.role, now
                ),
            )
        except AccountDisabled as error:
            await self.audit(NOBODY, "sign_in_failed", person.name, {"by": "provider", "address": address})
            raise SignInRefused(error.message) from None
        return await self._start(account, {"by": "provider", "address": address}, replaced)

    async def enter(self, token: str, address: str, replaced: str | None) -> str:
        """Start a session for whoever has the one-time link, as long as there are no accounts; gives its secret.

        Raises:
            SignInRefused: the link is wrong, was used or is too old, or there are accounts.
        """
        if await self.has_accounts() or not self._link.use(token, self._clock()):
            await self.audit(NOBODY, "link_refused", LOCAL.name, {"address": address})
            raise SignInRefused("This link was used, or is too old.")
        return await self._start(None, {"by": "link", "address": address}, replaced)

    async def sign_out(self, secret: str, member: Member) -> None:
        """End a session."""
        entry = AuditEntry(self._clock(), member.name, "signed_out", member.name, {})
        await self._door.run(Work.WRITE, lambda store: store.end_session(digest_of(secret), entry))

    async def audit(self, actor: str, action: str, subject: str, details: Json) -> None:
        """Write down who did what.

        Args:
            actor: the name of a member of staff.
            action: a code, such as `unmasked`.
            subject: what it was done to, such as the id of an alert.
            details: ready for JSON, without personal data of residents.
        """
        entry = AuditEntry(self._clock(), actor, action, subject, details)
        await self._door.run(Work.WRITE, lambda store: store.record(entry))

    async def _admit(self, name: str, attempt: Attempt) -> None:
        if self._limits.admit(name, attempt.address, attempt.device):
            return
        if self._limits.first_refusal(name, attempt.address):
            await self.audit(NOBODY, "sign_in_limited", NOBODY, {"address": attempt.address})
        raise TooManyAttempts("Somebody tried to sign in too often; wait a quarter of an hour.")

    async def _start(self, account: Account | None, details: Json, replaced: str | None) -> str:
        secret = secrets.token_urlsafe(32)
        now, name = self._clock(), _member(account).name
        new = NewSession(digest_of(secret), account, now, now + self._lifetimes.whole)
        entry = AuditEntry(now, name, "signed_in", name, details)
        try:
            await self._door.run(
                Work.WRITE, lambda store: store.start_session(new, entry, digest_of(replaced) if replaced else None)
            )
        except AccountDisabled as error:
            raise SignInRefused(error.message) from None
        return secret

    def _is_current(self, session: StoredSession, now: datetime) -> bool:
        # A session from the future was started before the clock was set back, and would last too long.
        from_the_future = max(session.started_at, session.seen_at) > now + _CLOCK_SLACK
        return now < session.ends_at and now - session.seen_at < self._lifetimes.idle and not from_the_future


def folded_name(typed: str) -> str:
    """The name that was meant."""
    return typed.strip().lower()[:_MAX_NAME]


def digest_of(secret: str) -> str:
    """Under what a session is stored: 256 random bits need no slower digest."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _member(account: Account | None) -> Member:
    return Member(account.name, account.display_name, account.role) if account else LOCAL
