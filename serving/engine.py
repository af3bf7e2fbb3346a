"""What answers requests, put together from the models, the store and the settings."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from PIL.Image import Image

from models.bundle import Bundle, read_manifest
from models.photo import Picture
from models.photo_reader import Pictures
from models.predictor import PredictedBatch
from models.privacy.keeping import PhotoKeeper
from serving.alerts.idempotency import IdempotencyKeys
from serving.alerts.photos import PhotoArchive
from serving.alerts.receiving import Receiver, Sorter
from serving.batching import Batcher, BatchLimits, BatchQueue, PredictFunction
from serving.desk.parts import DeskParts, build_desk
from serving.duplicates import DuplicateSearch, Finder
from serving.explaining import Explainer, Turns
from serving.metrics import Metrics
from serving.models.shadow import Shadow
from serving.photo_links import fetch_photo
from serving.requests import AlertReader
from serving.staff.parts import StaffParts, build_staff
from serving.storage import StoreDoor
from triage.alert import Alert
from triage.area import judge_place
from triage.intake import Intake
from triage.places import Box
from triage.prediction import ExplainedPrediction, Prediction
from triage.review.rules import DEFAULT_RULES, ReviewRules, load_review_rules
from triage.settings import Settings
from triage.store.base import utc_now
from triage.store.personal import PersonalKeys
from triage.store.store import Store
from triage.taxonomy import Taxonomy


class Model(Protocol):
    """The door to the models; `models.predictor.Predictor` is the one that ships."""

    taxonomy: Taxonomy

    @property
    def finder(self) -> Finder | None:
        """Compares alerts; None where the bundle has no such part."""

    def language(self, text: str) -> str | None:
        """The code of the language of a text; None where it cannot be told."""

    def prepare(self, image: Image) -> Picture | None:
        """What the photo model takes of a picture."""

    def predict(self, alerts: Sequence[Alert], pictures: Sequence[Pictures] | None = None) -> PredictedBatch:
        """Answer alerts."""

    def explain(self, alert: Alert, prediction: Prediction, pictures: Pictures = ()) -> ExplainedPrediction:
        """Explain an answer."""


@dataclass(frozen=True, slots=True)
class Engine:
    """The parts that routes use: those of one bundle, and those that stay when another takes over.

    A request takes the engine once and uses no other, so that it is answered by one bundle from its photos to its
    duplicates.
    """

    bundle: Bundle
    reader: AlertReader
    batcher: Batcher
    explainer: Explainer
    door: StoreDoor
    duplicates: DuplicateSearch
    receiver: Receiver
    archive: PhotoArchive
    keys: PersonalKeys
    review_rules: ReviewRules
    idempotency: IdempotencyKeys
    staff: StaffParts
    shadow: Shadow
    desk: DeskParts
    categories: frozenset[str]
    clock: Callable[[], datetime]

    async def start(self) -> None:
        """Begin to serve, on the event loop of the server."""
        await self.door.start()
        await self.batcher.queue.start()
        self.shadow.start()

    async def stop(self) -> None:
        """Tell whoever waits to come back, and close the store."""
        await self.shadow.stop()
        await self.batcher.queue.stop()
        await self.door.stop()


class Engines:
    """Makes the engine of each bundle around what is there once: the queue, the store, keys and sessions.

    Args:
        settings: limits, the city's area and where the store is.
        metrics: what the parts count in.
        keys: encrypt texts as sent, and make digests of them.
        clock: tells the time at which alerts are received.
    """

    def __init__(
        self, settings: Settings, metrics: Metrics, keys: PersonalKeys, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self._settings = settings
        self._metrics = metrics
        self._keys = keys
        self._clock = clock
        self.queue = BatchQueue(_limits(settings), metrics)
        self.door = StoreDoor(lambda: Store.open(settings.store_url, key=keys), settings.deadline_s, metrics)
        self._staff = build_staff(settings, self.door, keys, clock)
        self._idempotency = IdempotencyKeys()
        self._turns = Turns()
        self.shadow = Shadow(self.queue, self.door, keys, metrics, clock)

    def make(self, model: Model, bundle: Bundle, keeper: PhotoKeeper | None = None) -> Engine:
        """Put the parts together; nothing runs yet.

        Args:
            model: the loaded bundle.
            bundle: where it lies, with its thresholds and rules.
            keeper: keeps photos; without it none are.

        Raises:
            InvalidConfiguration: the rules of the review queue do not fit the taxonomy.
            InvalidTaxonomy: neither do the bundle's rules for departments.
        """
        settings, metrics = self._settings, self._metrics
        fetch = fetch_photo if settings.photo_hosts else None
        intake = Intake(model.prepare, place_from_photo=settings.photo_place, fetch=fetch)
        batcher = Batcher(placed(model.predict, settings.area), self.queue)
        duplicates = DuplicateSearch(model.finder, self.door, metrics)
        archive = PhotoArchive(keeper, settings.deadline_s)
        rules = load_review_rules(settings.review_rules or DEFAULT_RULES, model.taxonomy)
        sorter = Sorter(rules, self._keys.draw, model.language)
        return Engine(
            bundle=bundle,
            reader=AlertReader(intake, settings.photo_hosts),
            batcher=batcher,
            explainer=Explainer(model.explain, batcher, settings.deadline_s, metrics, self._turns),
            door=self.door,
            duplicates=duplicates,
            receiver=self._receiver(batcher, duplicates, archive, sorter),
            archive=archive,
            keys=self._keys,
            review_rules=rules,
            idempotency=self._idempotency,
            staff=self._staff,
            shadow=self.shadow,
            desk=build_desk(settings, model.taxonomy, intake, bundle),
            categories=frozenset(model.taxonomy.categories),
            clock=self._clock,
        )

    def _receiver(
        self, batcher: Batcher, duplicates: DuplicateSearch, archive: PhotoArchive, sorter: Sorter
    ) -> Receiver:
        offer = self.shadow.offer
        return Receiver(batcher, self.door, duplicates, archive, sorter, self._metrics, self._clock, offer)


def build_engine(
    settings: Settings,
    model: Model,
    metrics: Metrics,
    keys: PersonalKeys,
    keeper: PhotoKeeper | None = None,
    clock: Callable[[], datetime] = utc_now,
) -> Engine:
    """An engine for the bundle of the settings, which no other will take over from; see `Engines`.

    Raises:
        InvalidBundle: the bundle has no manifest.
    """
    bundle = Bundle(settings.bundle, *read_manifest(settings.bundle))
    return Engines(settings, metrics, keys, clock).make(model, bundle, keeper)


def _limits(settings: Settings) -> BatchLimits:
    return BatchLimits(
        max_batch_size=settings.max_batch_size,
        max_wait_s=settings.max_wait_ms / 1000,
        max_queue=settings.max_queue,
        deadline_s=settings.deadline_s,
    )


def placed(predict: PredictFunction, area: Box) -> PredictFunction:
    """Answers that also know where their alerts come from."""

    def judged(alerts: Sequence[Alert], pictures: Sequence[Pictures]) -> PredictedBatch:
        batch = predict(alerts, pictures)
        answers = zip(alerts, batch.predictions, strict=True)
        return replace(batch, predictions=tuple(judge_place(said, seen.lat, seen.lon, area) for seen, said in answers))

    return judged
