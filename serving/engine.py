"""What answers requests, put together from the models, the store and the settings."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from PIL.Image import Image

from models.photo import Picture
from models.photo_reader import Pictures
from models.predictor import PredictedBatch
from models.privacy.keeping import PhotoKeeper
from serving.alerts.idempotency import IdempotencyKeys
from serving.alerts.photos import PhotoArchive
from serving.alerts.receiving import Receiver, Sorter
from serving.batching import Batcher, BatchLimits, PredictFunction
from serving.desk.parts import DeskParts, build_desk
from serving.duplicates import DuplicateSearch, Finder
from serving.explaining import Explainer
from serving.metrics import Metrics
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
    """The parts that routes use."""

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
    desk: DeskParts
    categories: frozenset[str]
    clock: Callable[[], datetime]

    async def start(self) -> None:
        """Begin to serve, on the event loop of the server."""
        await self.door.start()
        await self.batcher.start()

    async def stop(self) -> None:
        """Tell whoever waits to come back, and close the store."""
        await self.batcher.stop()
        await self.door.stop()


def build_engine(
    settings: Settings,
    model: Model,
    metrics: Metrics,
    keys: PersonalKeys,
    keeper: PhotoKeeper | None = None,
    clock: Callable[[], datetime] = utc_now,
) -> Engine:
    """Put the parts together; nothing runs yet.

    Args:
        settings: limits, the city's area and where the store is.
        model: the loaded bundle.
        metrics: what the parts count in.
        keys: encrypt texts as sent, and make digests of them.
        keeper: keeps photos; without it none are.
        clock: tells the time at which alerts are received.
    """
    fetch = fetch_photo if settings.photo_hosts else None
    intake = Intake(model.prepare, place_from_photo=settings.photo_place, fetch=fetch)
    batcher = Batcher(_placed(model.predict, settings.area), _limits(settings), metrics)
    door = StoreDoor(lambda: Store.open(settings.store_url, key=keys), settings.deadline_s, metrics)
    duplicates = DuplicateSearch(model.finder, door, metrics)
    archive = PhotoArchive(keeper, settings.deadline_s)
    rules = load_review_rules(settings.review_rules or DEFAULT_RULES, model.taxonomy)
    sorter = Sorter(rules, keys.draw, model.language)
    return Engine(
        reader=AlertReader(intake, settings.photo_hosts),
        batcher=batcher,
        explainer=Explainer(model.explain, batcher, settings.deadline_s, metrics),
        door=door,
        duplicates=duplicates,
        receiver=Receiver(batcher, door, duplicates, archive, sorter, metrics, clock),
        archive=archive,
        keys=keys,
        review_rules=rules,
        idempotency=IdempotencyKeys(),
        staff=build_staff(settings, door, keys, clock),
        desk=build_desk(settings, model.taxonomy, intake),
        categories=frozenset(model.taxonomy.categories),
        clock=clock,
    )


def _limits(settings: Settings) -> BatchLimits:
    return BatchLimits(
        max_batch_size=settings.max_batch_size,
        max_wait_s=settings.max_wait_ms / 1000,
        max_queue=settings.max_queue,
        deadline_s=settings.deadline_s,
    )


def _placed(predict: PredictFunction, area: Box) -> PredictFunction:
    """Answers that also know where their alerts come from."""

    def judged(alerts: Sequence[Alert], pictures: Sequence[Pictures]) -> PredictedBatch:
        batch = predict(alerts, pictures)
        answers = zip(alerts, batch.predictions, strict=True)
        return replace(batch, predictions=tuple(judge_place(said, seen.lat, seen.lon, area) for seen, said in answers))

    return judged
