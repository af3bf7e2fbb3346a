"""The real service in this process, on a scratch folder: nothing of the city's own settings but its bundle counts."""

import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import uvicorn

from models.predictor import Predictor
from models.privacy import PrivacyDetector
from models.privacy.keeping import PhotoKeeper
from serving.app import create_app
from serving.engine import Engine, build_engine
from serving.keys import KeyStore
from serving.layers import layers
from serving.live_keys import LiveKeys
from serving.runtime import Runtime
from triage.errors import InvalidConfiguration
from triage.photo_storage import PhotoStorage
from triage.settings import Settings
from triage.store.configured import personal_keys

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class DemoService:
    """What answers requests, not yet started.

    Attributes:
        app: the application behind all its layers.
        engine: started and stopped on the event loop that serves.
        runtime: what the layers look into.
        key: an API key that the service knows.
    """

    app: Any
    engine: Engine
    runtime: Runtime
    key: str

    async def start(self) -> None:
        """Begin to answer."""
        await self.engine.start()
        self.runtime.engine = self.engine

    async def stop(self) -> None:
        """Answer no more, and close the store."""
        self.runtime.engine = None
        await self.engine.stop()

    async def serve(self, listening: socket.socket) -> None:
        """Answer the requests that come to a socket, until a signal ends it."""
        config = uvicorn.Config(self.app, lifespan="off", log_config=None, access_log=False, ws="none")
        await uvicorn.Server(config).serve(sockets=[listening])


def demo_settings(folder: Path, bundle: Path) -> Settings:
    """The settings of a demo: its own store, keys and photos, whatever the environment names."""
    defaults = {name: field.get_default(call_default_factory=True) for name, field in Settings.model_fields.items()}
    own = {"state_dir": folder, "bundle": bundle, "photo_store": str(folder / "photos")}
    return Settings.model_construct(**(defaults | own))


def build_service(settings: Settings, clock: Callable[[], datetime]) -> DemoService:
    """Load the bundle and put the service together, as `serving/service.py` does."""
    keys = personal_keys(settings)
    predictor = Predictor.load(settings.bundle, plate_digest=keys.plate_digest, languages=True)
    detector = PrivacyDetector.from_bundle(predictor.bundle, settings.threads, hold_vehicles=settings.hold_vehicles)
    store = KeyStore(settings.state_dir)
    key = store.local_key()
    runtime = Runtime(settings, LiveKeys(store))
    keeper = PhotoKeeper(detector, PhotoStorage(settings.photo_store))
    engine = build_engine(settings, predictor, runtime.metrics, keys, keeper, clock)
    app: Any = create_app(runtime)
    for layer, options in reversed(layers(runtime)):
        app = layer(app, **options)
    return DemoService(app, engine, runtime, key)


def listen(port: int) -> socket.socket:
    """A socket on this machine's own address, to which clients can connect at once.

    Raises:
        InvalidConfiguration: the port is taken.
    """
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port))
        # Who calls before the alerts are loaded waits, instead of being turned away.
        listening.listen()
    except OSError as error:
        listening.close()
        raise InvalidConfiguration(
            f"Port {port} on {HOST} cannot be used ({error.strerror}); choose another with --port."
        ) from error
    return listening
