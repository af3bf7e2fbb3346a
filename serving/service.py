"""The BentoML service: one process that loads the bundle and answers HTTP."""

import logging
from typing import Any

import bentoml

from models.folder import ModelFolder, bundle_in_use
from serving.app import create_app
from serving.engine import Engine, Engines
from serving.keys import KeyStore
from serving.layers import layers
from serving.live_keys import LiveKeys
from serving.logs import configure_logs
from serving.models.loading import Loader
from serving.models.mending import Mending, why_not
from serving.models.watching import ModelWatch
from serving.runtime import Runtime
from triage.store.configured import personal_keys

logger = logging.getLogger("triage.serving")
runtime = Runtime()

WITHOUT_BUNDLE = "no bundle can be loaded, so alerts are stored and triaged later, and predictions are refused: %s"


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
        configure_logs(settings.log_format)
        runtime.keys = LiveKeys(KeyStore(settings.state_dir))
        keys = personal_keys(settings)
        engines = Engines(settings, runtime.metrics, keys)
        loader = Loader(settings, keys, engines)
        self._watch = ModelWatch(runtime, ModelFolder(settings.models), loader) if settings.models else None
        self._mending: Mending | None = None

        def load() -> Engine:
            return loader.first(bundle_in_use(settings.models, settings.bundle))

        try:
            self._engine = load()
        except Exception as error:  # whatever is wrong with a bundle, alerts are taken in
            logger.error(WITHOUT_BUNDLE, why_not(error))
            self._engine = engines.without_model()
            self._mending = Mending(runtime, load, self._begin_to_watch)
        else:
            manifest = self._engine.bundle.manifest
            runtime.metrics.show_model(manifest.name, manifest.version)
            logger.info("bundle %s %s is loaded", manifest.name, manifest.version)

    @bentoml.on_startup  # type: ignore[untyped-decorator]
    async def start_engine(self) -> None:
        """Begin to answer, on the event loop of the server."""
        await self._engine.start()
        runtime.engine = self._engine
        runtime.drift.start()
        runtime.catch_up.start()
        if self._mending:
            self._mending.start()
        else:
            self._begin_to_watch()

    @bentoml.on_shutdown  # type: ignore[untyped-decorator]
    async def stop_engine(self) -> None:
        """Tell whoever waits to come back."""
        if self._mending:
            await self._mending.stop()
        if self._watch:
            await self._watch.stop()
        await runtime.catch_up.stop()
        await runtime.drift.stop()
        runtime.engine = None
        await self._engine.stop()

    def _begin_to_watch(self) -> None:
        if self._watch:
            self._watch.start()

    def __is_ready__(self) -> bool:
        return runtime.engine is not None


# The decorators turn the class into a bentoml.Service; the outermost layer is added first.
service: Any = TriageService
for layer, options in layers(runtime):
    service.add_asgi_middleware(layer, **options)
