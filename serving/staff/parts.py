"""What guards and signs in staff, put together from the settings."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from serving.desk.languages import N_
from serving.problems import Problem
from serving.staff.accounts import Accounts, Lifetimes
from serving.staff.cookies import Cookies
from serving.staff.limits import SignInLimits
from serving.staff.links import OneTimeLink
from serving.staff.passwords import Passwords
from serving.staff.provider import Provider, configured_provider
from serving.storage import StoreDoor
from triage.settings import Settings
from triage.store.personal import PersonalKeys
from triage.store.records import Json

_COOKIES = "cookies 1"


@dataclass(frozen=True, slots=True)
class StaffParts:
    """Accounts with their sessions, the cookies that name them, and the provider that vouches for people, if any."""

    accounts: Accounts
    cookies: Cookies
    provider: Provider | None

    async def audit(self, actor: str, action: str, subject: str, details: Json) -> None:
        """Write down who did what; see `Accounts.audit`."""
        await self.accounts.audit(actor, action, subject, details)

    async def refuse_without_accounts(self) -> None:
        """Say how to make an account where there is no way to sign in yet.

        Raises:
            Problem: 403 where there is none.
        """
        if self.provider is None and not await self.accounts.has_accounts():
            raise Problem(
                403,
                "no_accounts",
                N_(
                    "There is no account yet. On the machine of the service, make one with:"
                    " triage user add NAME --role administrator"
                ),
            )


def build_staff(
    settings: Settings,
    door: StoreDoor,
    keys: PersonalKeys,
    clock: Callable[[], datetime],
    passwords: Passwords | None = None,
) -> StaffParts:
    """Put the parts together.

    Args:
        settings: how long sessions last, and which provider there is.
        door: to the store.
        keys: the secret of cookies follows from them, so that replicas share it.
        clock: tells the time.
        passwords: checks them.

    Raises:
        InvalidConfiguration: the settings of the provider are not whole.
    """
    lifetimes = Lifetimes(timedelta(minutes=settings.session_idle_minutes), timedelta(hours=settings.session_hours))
    link = OneTimeLink(settings.state_dir)
    accounts = Accounts(door, lifetimes, clock, link, passwords or Passwords(), SignInLimits())
    return StaffParts(accounts, Cookies(keys.secret_for(_COOKIES)), configured_provider(settings))
