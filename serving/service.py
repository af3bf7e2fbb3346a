"""The BentoML service: one process that loads the bundle and answers HTTP."""

import logging
from typing import Any

import bentoml

from models.predictor import Predictor
from serving.app import create_app
from serving.authentication import AuthenticationMiddleware
from serving.batching import Batcher, BatchLimits
from serving.explaining import Explainer
from serving.keys import KeyRing, KeyStore
from serving.limits import BodyLimitMiddleware
from serving.photo_links import fetch_photo
from serving.problems import ProblemMiddleware
from serving.requests import AlertReader
from serving.runtime import Runtime
from triage.intake import Intake

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
        runtime.keys = KeyRing(KeyStore(settings.state_dir).all())
        predictor = Predictor.load(settings.bundle, taxonomy=settings.taxonomy, threads=settings.threads)
        predictor.check_golden()
        runtime.predictor = predictor
        runtime.metrics.model.labels(predictor.model_info.name, predictor.model_info.version).set(1)
        logger.info("bundle %s %s is loaded", predictor.model_info.name, predictor.model_info.version)

    @bentoml.on_startup  # type: ignore[untyped-decorator]
    async def start_batcher(self) -> None:
        """Begin to answer, on the event loop of the server."""
        assert runtime.predictor is not None  # noqa: S101 - set in __init__
        settings = runtime.settings
        limits = BatchLimits(
            max_batch_size=settings.max_batch_size,
            max_wait_s=settings.max_wait_ms / 1000,
            max_queue=settings.max_queue,
            deadline_s=settings.deadline_s,
        )
        intake = Intake(
            runtime.predictor.prepare,
            place_from_photo=settings.photo_place,
            fetch=fetch_photo if settings.photo_hosts else None,
        )
        runtime.reader = AlertReader(intake, settings.photo_hosts)
        batcher = Batcher(runtime.predictor.predict, limits, runtime.metrics)
        await batcher.start()
        runtime.batcher = batcher
        runtime.explainer = Explainer(runtime.predictor.explain, batcher, settings.deadline_s, runtime.metrics)
        runtime.ready = True

    @bentoml.on_shutdown  # type: ignore[untyped-decorator]
    async def stop_batcher(self) -> None:
        """Tell whoever waits to come back."""
        runtime.ready = False
        if runtime.batcher:
            await runtime.batcher.stop()

    def __is_ready__(self) -> bool:
        return runtime.ready


# The decorators turn the class into a bentoml.Service; the outermost layer is added first.
service: Any = TriageService
service.add_asgi_middleware(ProblemMiddleware)
service.add_asgi_middleware(BodyLimitMiddleware, runtime=runtime)
service.add_asgi_middleware(AuthenticationMiddleware, runtime=runtime)
