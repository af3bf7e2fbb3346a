"""The service on a free port of this process, with a store of its own and a model made by hand."""

import asyncio
import contextlib
import os
import socket
import threading
import time
import uuid
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
import uvicorn

from models.bundle import Bundle, read_manifest
from models.predictor import Predictor
from serving.app import create_app
from serving.engine import Engine, Engines
from serving.keys import KeyRing, KeyStore
from serving.layers import layers
from serving.runtime import Runtime
from serving.scopes import Scope
from tests.postgres import postgres_server, postgresql_url
from tests.serving.alerts.hand_made import HandMadeModel
from triage.settings import PROJECT_ROOT, Settings
from triage.store.personal import PersonalKeys
from triage.store.store import Store

__all__ = ["postgres_server", "postgresql_url"]

START_TIMEOUT_S = 20
Result = TypeVar("Result")
BACK_ENDS = ("sqlite", pytest.param("postgresql", marks=pytest.mark.xdist_group("postgresql")))

LAMP = {
    "id": "lamp-1",
    "text": "Lampadaire éteint devant le 12 rue Monge",
    "lat": 47.3216,
    "lon": 5.0415,
    "created_at": "2026-01-15T18:30:00+01:00",
}


class Service:
    """A running service: its client has all scopes, `client_for` makes others."""

    def __init__(self, settings: Settings, keys: PersonalKeys, model: Any, keeper: Any = None) -> None:
        self.settings = settings
        self.personal_keys = keys
        self.model = model
        self.runtime = runtime = Runtime(settings)
        self._engines = Engines(settings, runtime.metrics, keys)
        # Without a model it is the service whose bundle does not load.
        self.engine = self.made(model, keeper) if model else self._engines.without_model()
        self._keys = KeyStore(settings.state_dir)
        self._clients = contextlib.ExitStack()
        self.base = ""
        self.loop: asyncio.AbstractEventLoop | None = None

    def made(self, model: Any, keeper: Any = None) -> Engine:
        """The engine of a model that answers."""
        settings = self.settings
        return self._engines.make(model, Bundle(settings.bundle, *read_manifest(settings.bundle)), keeper)

    def on_loop(self, work: Coroutine[None, None, Result]) -> Result:
        """What background work of the service gives."""
        assert self.loop is not None
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(START_TIMEOUT_S)

    @property
    def client(self) -> httpx.Client:
        return self.client_for(Scope.ADMIN)

    def client_for(self, *scopes: Scope, name: str = "") -> httpx.Client:
        key = self._keys.add(name or uuid.uuid4().hex, scopes)
        self.runtime.keys = KeyRing(self._keys.all())
        session = httpx.Client(base_url=self.base, headers={"X-API-Key": key}, timeout=60, trust_env=False)
        return self._clients.enter_context(session)

    @contextlib.contextmanager
    def running(self) -> Iterator["Service"]:
        app: Any = create_app(self.runtime)
        for layer, options in reversed(layers(self.runtime)):
            app = layer(app, **options)
        engine, runtime = self.engine, self.runtime

        async def whole(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] != "lifespan":
                await app(scope, receive, send)
                return
            assert (await receive())["type"] == "lifespan.startup"
            self.loop = asyncio.get_running_loop()
            await engine.start()
            runtime.engine = engine
            await send({"type": "lifespan.startup.complete"})
            assert (await receive())["type"] == "lifespan.shutdown"
            runtime.engine = None
            await engine.stop()
            await send({"type": "lifespan.shutdown.complete"})

        with socket.socket() as listening:
            listening.bind(("127.0.0.1", 0))
            self.base = f"http://127.0.0.1:{listening.getsockname()[1]}"
            config = uvicorn.Config(whole, lifespan="on", log_config=None, ws="none", access_log=False)
            server = uvicorn.Server(config)
            thread = threading.Thread(target=server.run, args=([listening],))
            thread.start()
            try:
                deadline = time.monotonic() + START_TIMEOUT_S
                while not server.started:
                    assert thread.is_alive() and time.monotonic() < deadline
                    time.sleep(0.01)
                yield self
            finally:
                server.should_exit = True
                thread.join(START_TIMEOUT_S)
                self._clients.close()


StartService = Callable[..., contextlib.AbstractContextManager[Service]]


@pytest.fixture(scope="session")
def keys() -> PersonalKeys:
    return PersonalKeys([PersonalKeys.new_key()])


@pytest.fixture
def model(keys: PersonalKeys) -> HandMadeModel:
    return HandMadeModel(keys.plate_digest)


@pytest.fixture(scope="session")
def real_model(keys: PersonalKeys) -> Predictor:
    """The bundle that ships, or another one that is put to the same tests."""
    bundle = Path(os.environ.get("TRIAGE_BUNDLE") or PROJECT_ROOT / "models" / "pretrained").resolve()
    predictor = Predictor.load(bundle, threads=1, plate_digest=keys.plate_digest)
    assert predictor.finder is not None, "this bundle does not compare alerts"
    return predictor


@pytest.fixture
def start(tmp_path: Path, keys: PersonalKeys, model: HandMadeModel) -> StartService:
    """Starts a service in this test's folder; started again, it finds what the last one left."""

    def run(store: str = "", keeper: Any = None, **chosen: Any) -> contextlib.AbstractContextManager[Service]:
        settings = Settings(state_dir=tmp_path / "state", store=store, **chosen)
        theirs = PersonalKeys(settings.personal_keys) if settings.personal_keys else keys
        return Service(settings, theirs, model, keeper).running()

    return run


@pytest.fixture
def service(start: StartService) -> Iterator[Service]:
    """A service on SQLite."""
    with start() as running:
        yield running


@pytest.fixture(params=BACK_ENDS)
def on_each(request: pytest.FixtureRequest, start: StartService) -> Iterator[Service]:
    """A service on either database."""
    url = request.getfixturevalue("postgresql_url") if request.param == "postgresql" else ""
    with start(url) as running:
        yield running


@pytest.fixture
def client(service: Service) -> httpx.Client:
    """A client of the SQLite service, with all scopes."""
    return service.client


@pytest.fixture
def stored(service: Service) -> Iterator[Store]:
    """The store of the SQLite service, opened a second time."""
    with Store.open(service.settings.store_url, key=service.personal_keys) as store:
        yield store


@pytest.fixture
def lamp() -> Callable[..., dict[str, Any]]:
    """An alert about the lamp of rue Monge, with other fields where given."""
    return lambda name="lamp-1", **fields: LAMP | {"id": name} | fields


@pytest.fixture
def post(service: Service) -> Callable[..., dict[str, Any]]:
    """Stores an alert on the SQLite service and gives the answer."""
    session = service.client

    def send(alert: dict[str, Any]) -> dict[str, Any]:
        answer = session.post("/v1/alerts", json=alert)
        assert answer.status_code == 201, answer.text
        return answer.json()

    return send
