"""A review desk with a clock that tests set, and browsers from wherever they like."""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from anyio.from_thread import BlockingPortal, start_blocking_portal
from argon2 import PasswordHasher

from serving.app import create_app
from serving.engine import build_engine
from serving.keys import KeyRing, KeyStore
from serving.layers import layers
from serving.runtime import Runtime
from serving.scopes import Scope
from serving.staff.parts import build_staff
from serving.staff.passwords import Passwords
from tests.serving.alerts.hand_made import HandMadeModel
from triage.settings import Settings
from triage.staff import Role
from triage.store.personal import PersonalKeys
from triage.store.store import Store

LOCAL = "http://127.0.0.1:3000"
PASSWORD = "un cheval vert 12"  # noqa: S105 - of accounts that live for one test
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
# Real ones take a third of a second and 64 MiB; `test_passwords.py` has those.
QUICK = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


class CountingPasswords(Passwords):
    """Counts its checks."""

    checks = 0

    async def check(self, stored: str | None, password: str) -> bool:
        self.checks += 1
        return await super().check(stored, password)


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


class Desk:
    """The layers of the service around its application, or around another one."""

    def __init__(self, settings: Settings, keys: PersonalKeys, portal: BlockingPortal, inner: Any = None) -> None:
        self.settings = settings
        self.clock = Clock()
        self.portal = portal
        self.keys = keys
        self.runtime = Runtime(settings)
        model: Any = HandMadeModel(keys.plate_digest)
        engine = build_engine(settings, model, self.runtime.metrics, keys, clock=self.clock)
        self.passwords = CountingPasswords(QUICK)
        self.engine = replace(engine, staff=build_staff(settings, engine.door, keys, self.clock, self.passwords))
        self.app: Any = inner or create_app(self.runtime)
        for layer, options in reversed(layers(self.runtime)):
            self.app = layer(self.app, **options)

    def browser(self, base: str = LOCAL, address: str = "127.0.0.1", **headers: str) -> "Browser":
        return Browser(self, base, address, headers)

    def account(self, name: str = "a.petit", role: Role = Role.AGENT, password: str = "") -> None:
        with self.store() as store:
            store.add_account(name, name.upper(), role, self.passwords.hash(password or PASSWORD))

    def signed_in(self, name: str = "a.petit", role: Role = Role.AGENT, base: str = LOCAL) -> "Browser":
        """A browser whose user has signed in, with an account made for it where it is missing."""
        with self.store() as store:
            known = store.account(name)
        if known is None:
            self.account(name, role)
        browser = self.browser(base)
        answer = browser.sign_in(name)
        assert answer.status_code == 303, answer.text
        return browser

    def key(self, *scopes: Scope) -> str:
        keys = KeyStore(self.settings.state_dir)
        made = keys.add(f"key {len(keys.all())}", scopes)
        self.runtime.keys = KeyRing(keys.all())
        return made

    def store(self) -> Store:
        return Store.open(self.settings.store_url, key=self.keys, clock=self.clock)

    def audited(self, action: str | None = None) -> list[tuple[str, str, str]]:
        """Actor, action and subject of every entry, oldest first."""
        with self.store() as store:
            return [(one.actor, one.action, one.subject) for one in reversed(store.audit_log(10_000, action))]


class Browser:
    """Keeps cookies, follows no redirect by itself, and says where its forms come from as browsers do."""

    def __init__(self, desk: Desk, base: str, address: str, headers: Mapping[str, str]) -> None:
        self._desk = desk
        self.base = base
        self.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(desk.app, client=(address, 50_000)), base_url=base, headers=dict(headers)
        )

    @property
    def cookies(self) -> httpx.Cookies:
        return self.client.cookies

    @property
    def token(self) -> str:
        """The token that forms of this browser's session carry."""
        [cookie] = [value for name, value in self.cookies.items() if "triage_session" in name]
        return self._desk.engine.staff.cookies.form_token(cookie.rpartition(".")[0])

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.send("GET", path, **options)

    def post(self, path: str, data: Mapping[str, Any] | None = None, **options: Any) -> httpx.Response:
        headers = {"Origin": self.base} | options.pop("headers", {})
        headers = {name: value for name, value in headers.items() if value}
        return self.send("POST", path, data=data, headers=headers, **options)

    def post_form(self, path: str, **fields: Any) -> httpx.Response:
        """A form of one of the desk's pages."""
        return self.post(path, fields | {"csrf": self.token})

    def sign_in(self, name: str, password: str = PASSWORD, **fields: str) -> httpx.Response:
        return self.post("/review/sign-in", {"name": name, "password": password, **fields})

    def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        async def request() -> httpx.Response:
            return await self.client.request(method, path, **options)

        return self._desk.portal.call(request)


StartDesk = Callable[..., Desk]


@contextlib.contextmanager
def running_desk(settings: Settings, keys: PersonalKeys, inner: Any = None) -> Iterator[Desk]:
    """A desk that has started."""
    with start_blocking_portal() as portal:
        desk = Desk(settings, keys, portal, inner)
        portal.call(desk.engine.start)
        desk.runtime.engine = desk.engine
        try:
            yield desk
        finally:
            desk.runtime.engine = None
            portal.call(desk.engine.stop)
