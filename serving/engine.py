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
from serving.alerts.adding import Adder
from serving.alerts.idempotency import IdempotencyKeys
from serving.alerts.later import LaterTriage
from serving.alerts.photos import PhotoArchive
from serving.alerts.receiving import Receiver, Sorter
from serving.alerts.unanswered import UnansweredStore
from serving.batching import Batcher, BatchLimits, BatchQueue, PredictFunction
from serving.desk.parts import DeskParts, build_desk
from serving.duplicates import DuplicateSearch, Finder
from serving.explaining import Explainer, Turns
from serving.forwarding.building import forwarder_targets
from serving.forwarding.observer import ForwardingObserver
from serving.metrics import Metrics
from serving.models.patience import Patience
from serving.models.shadow import Shadow
from serving.models.unloaded import NoBundle, NoModel, words_and_rules
from serving.open311.services import ServiceBook, load_services
from serving.outbound.parts import Outbound, build_outbound
from serving.photo_links import fetch_photo
from serving.requests import AlertReader
from serving.signalen.categories import SignalenCategories, load_categories
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

# An alert that waited in vain for its answer still has to be stored before its deadline.
_OF_DEADLINE = 0.8


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
    adder: Adder
    archive: PhotoArchive
    keys: PersonalKeys
    review_rules: ReviewRules
    idempotency: IdempotencyKeys
    staff: StaffParts
    shadow: Shadow
    outbound: Outbound
    desk: DeskParts
    services: ServiceBook
    signalen: SignalenCategories
    categories: frozenset[str]
    clock: Callable[[], datetime]
    patience: Patience
    later: LaterTriage

    @property
    def has_model(self) -> bool:
        """Whether a bundle is loaded; without one alerts are taken in, and nothing is predicted."""
        return not isinstance(self.bundle, NoBundle)

    async def start(self) -> None:
        """Begin to serve, on the event loop of the server."""
        await self.door.start()
        await self.batcher.queue.start()
        self.shadow.start()
        self.outbound.start()

    async def stop(self) -> None:
        """Tell whoever waits to come back, and close the store."""
        await self.outbound.stop()
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
        self.patience = Patience(min(settings.model_budget_s, _OF_DEADLINE * settings.deadline_s))
        self.shadow = Shadow(self.queue, self.door, keys, metrics, clock)
        self.outbound = _outbound(settings, self.door, metrics, clock)

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
        desk = build_desk(settings, model.taxonomy, intake, bundle)
        return Engine(
            bundle=bundle,
            reader=AlertReader(intake, settings.photo_hosts),
            batcher=batcher,
            explainer=Explainer(model.explain, batcher, settings.deadline_s, metrics, self._turns),
            door=self.door,
            duplicates=duplicates,
            receiver=self._receiver(batcher, duplicates, archive, sorter),
            adder=Adder(batcher, model.prepare, desk.photos, self.door, duplicates, archive, sorter, self._clock),
            archive=archive,
            keys=self._keys,
            review_rules=rules,
            idempotency=self._idempotency,
            staff=self._staff,
            shadow=self.shadow,
            outbound=self.outbound,
            desk=desk,
            services=load_services(settings.open311_services, model.taxonomy),
            signalen=load_categories(settings.signalen_categories, model.taxonomy),
            categories=frozenset(model.taxonomy.categories),
            clock=self._clock,
            patience=self.patience,
            later=LaterTriage(batcher, model.prepare, self.door, duplicates, archive, sorter, self.patience),
        )

    def without_model(self) -> Engine:
        """Put the parts together where no bundle loads: alerts are stored, and wait for a model.

        Raises:
            InvalidConfiguration: the rules of the review queue do not fit the taxonomy.
            InvalidTaxonomy: there are no words to show.
        """
        taxonomy, bundle = words_and_rules(self._settings)
        return self.make(NoModel(taxonomy), bundle)

    def _receiver(
        self, batcher: Batcher, duplicates: DuplicateSearch, archive: PhotoArchive, sorter: Sorter
    ) -> Receiver:
        unanswered = UnansweredStore(
            self.door, archive, sorter.rules, self._keys.plate_digest, self._metrics, self._clock
        )
        return Receiver(
            batcher,
            self.door,
            duplicates,
            archive,
            sorter,
            self._metrics,
            self._clock,
            self.patience,
            unanswered,
            self.shadow.offer,
        )


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


def _outbound(settings: Settings, door: StoreDoor, metrics: Metrics, clock: Callable[[], datetime]) -> Outbound:
    """What sends events to webhooks and departments.

    Raises:
        InvalidForwarders: the file of forwarders cannot be used.
    """
    if settings.forwarders is None:
        return build_outbound(settings, door, metrics, clock)
    taxonomy, _ = words_and_rules(settings)
    targets = forwarder_targets(settings.forwarders, settings, taxonomy, door, clock)
    outbound = build_outbound(settings, door, metrics, clock, (targets,), ForwardingObserver(door))
    return replace(outbound, closing=(targets.close,))


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
