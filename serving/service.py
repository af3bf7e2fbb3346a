"""The BentoML service: one process that loads the bundle and answers HTTP."""

import logging
from typing import Any

import bentoml

from models.predictor import Predictor
from models.privacy import PrivacyDetector
from models.privacy.keeping import PhotoKeeper
from serving.app import create_app
from serving.engine import build_engine
from serving.keys import KeyStore
from serving.layers import layers
from serving.live_keys import LiveKeys
from serving.runtime import Runtime
from triage.photo_storage import PhotoStorage
from triage.settings import Settings
from triage.store.configured import personal_keys

logger = logging.getLogger("triage.serving")
runtime = Runtime()


@bentoml.asgi_app(create_app(runtime), path="/")
@bentoml.service(
    name="ondijon-triage",
    workers=1,
    traffic={"timeout": 60},
    # BentoML's own metrics label every path as it was asked for, without bound; ours name routes.
    metrics={"enabled": False},
    logging={"access": {"enabled": False}},
)
class TriageService:
    """Loads the bundle when its worker starts; ready once the golden predictions match."""

    def __init__(self) -> None:
        settings = runtime.settings
        runtime.keys = LiveKeys(KeyStore(settings.state_dir))
        keys = personal_keys(settings)
        predictor = Predictor.load(
            settings.bundle,
            taxonomy=settings.taxonomy,
            duplicate_rules=settings.duplicate_rules,
            threads=settings.threads,
            plate_digest=keys.plate_digest,
            languages=True,
        )
        predictor.check_golden()
        self._engine = build_engine(settings, predictor, runtime.metrics, keys, _keeper(predictor, settings))
        runtime.metrics.model.labels(predictor.model_info.name, predictor.model_info.version).set(1)
        logger.info("bundle %s %s is loaded", predictor.model_info.name, predictor.model_info.version)

    @bentoml.on_startup  # type: ignore[untyped-decorator]
    async def start_engine(self) -> None:
        """Begin to answer, on the event loop of the server."""
        await self._engine.start()
        runtime.engine = self._engine

    @bentoml.on_shutdown  # type: ignore[untyped-decorator]
    async def stop_engine(self) -> None:
        """Tell whoever waits to come back."""
        runtime.engine = None
        await self._engine.stop()

    def __is_ready__(self) -> bool:
        return runtime.engine is not None


def _keeper(predictor: Predictor, settings: Settings) -> PhotoKeeper | None:
    if not settings.photo_store:
        return None
    detector = PrivacyDetector.from_bundle(predictor.bundle, settings.threads, hold_vehicles=settings.hold_vehicles)
    return PhotoKeeper(detector, PhotoStorage(settings.photo_store))


# The decorators turn the class into a bentoml.Service; the outermost layer is added first.
service: Any = TriageService
for layer, options in layers(runtime):
    service.add_asgi_middleware(layer, **options)
