"""Triages an alert that was stored without an answer: it gets what it would have got at once."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from anyio import to_thread
from PIL import Image

from models.duplicates.finder import stored_photo
from models.photo import Picture
from serving.alerts.events import MERGED, TRIAGED
from serving.alerts.photos import KeptPhotos, PhotoArchive
from serving.alerts.receiving import Sorter
from serving.alerts.unanswered import decode_pictures
from serving.batching import Batcher, CheckedAlert
from serving.duplicates import DuplicateSearch, search_of, try_to_find, with_found, without_search
from serving.models.patience import Patience
from serving.storage import StoreDoor, Work
from triage.alert import Alert
from triage.duplicates.report import Report
from triage.intake import TakenIn
from triage.prediction import Prediction
from triage.review.order import place
from triage.store.change_records import Revision
from triage.store.errors import AlertWithdrawn, UnknownAlert
from triage.store.records import Json, Linking, Neighbour, NewEvent, StoredAlert
from triage.store.store import Store
from triage.store.untriaged import Untriaged


@dataclass(frozen=True, slots=True)
class LaterTriage:
    """Asks one bundle's model about alerts that are stored.

    Attributes:
        batcher: asks the model, in turn with requests.
        prepare: what the photo model takes of a picture.
        door: where the alerts are.
        duplicates: compares them with their neighbours.
        archive: keeps photos that no bundle has blurred yet.
        sorter: puts alerts before staff.
        patience: hears that the model answers again.
    """

    batcher: Batcher
    prepare: Callable[[Image.Image], Picture | None]
    door: StoreDoor
    duplicates: DuplicateSearch
    archive: PhotoArchive
    sorter: Sorter
    patience: Patience

    async def triage(self, waiting: Untriaged) -> None:
        """Triage one alert; withdrawn meanwhile, or answered on another way, it waits no more either.

        Raises:
            Problem: 503 where the model or the store cannot be asked now.
            AlertChanged: its reporter added something meanwhile; try again.
        """
        alert = waiting.alert
        if alert.state == "withdrawn" or (alert.prediction is not None and not waiting.photos):
            await self.door.run(Work.WRITE, lambda store: store.forget_untriaged(alert.id))
            return
        item = await to_thread.run_sync(self._item, waiting)
        [answered] = await self.batcher.submit([item])
        self.patience.praise()
        report = replace(answered.report, created_at=alert.created_at, plates=frozenset(alert.plates))
        kept = await self._photos(alert, item, report)
        prediction = kept.noted_in(answered.prediction)
        work = _Transaction(alert, report, prediction, kept.entries, self.duplicates, self.sorter)
        await self.door.run(Work.WRITE, work.run)

    def _item(self, waiting: Untriaged) -> CheckedAlert:
        stored, images = waiting.alert, decode_pictures(waiting.photos)
        # What is stored was checked when it came; without photos as they were sent it would be no whole alert.
        alert = Alert.model_construct(
            id=stored.id,
            text=stored.text,
            lat=stored.lat,
            lon=stored.lon,
            created_at=stored.created_at,
            category_hint=stored.category_hint,
        )
        pictures = tuple(None if image is None else self.prepare(image) for image in images)
        lost = (None,) * (len(stored.photos) - len(pictures))
        return TakenIn(alert, (*pictures, *lost), images)

    async def _photos(self, alert: StoredAlert, item: CheckedAlert, report: Report) -> KeptPhotos:
        """What is stored of the photos."""
        if any(entry.get("key") or entry.get("held") for entry in alert.photos):
            # A bundle was there when it came, and blurred them.
            if len(alert.photos) != len(report.photos):
                return KeptPhotos(alert.photos)
            pairs = zip(report.photos, alert.photos, strict=True)
            return KeptPhotos(tuple(stored_photo(seen) | old for seen, old in pairs))
        return await self.archive.keep(item, report.photos)


@dataclass(frozen=True, slots=True)
class _Transaction:
    alert: StoredAlert
    report: Report
    prediction: Prediction
    photos: tuple[Json, ...]
    duplicates: DuplicateSearch
    sorter: Sorter

    def run(self, store: Store) -> None:
        finder, alert = self.duplicates.finder, self.alert
        search = search_of(finder, self.report) if finder else None
        with suppress(AlertWithdrawn, UnknownAlert):
            store.revise(alert.id, self._revision, search, follows=alert.version, events=later_events)
        # A kill between the two lets the model answer once more, never less.
        store.forget_untriaged(alert.id)

    def _revision(self, before: StoredAlert, neighbours: Sequence[Neighbour]) -> Revision:
        finder = self.duplicates.finder
        prediction, linking = self.prediction, None
        if finder is not None:
            found = try_to_find(finder, self.report, neighbours) if self.report.lat is not None else None
            prediction = with_found(prediction, found) if found else without_search(prediction, self.report)
            linking = found.linking if found else None
        # A person's answer is final: nobody is asked again.
        where = None
        if before.review_id is None:
            where = place(prediction, before.received_at, before.id, self.sorter.rules, self.sorter.draw)
        return Revision(
            prediction=prediction.model_dump(mode="json"),
            queue_place=where,
            text=before.text,
            photos=self.photos,
            vector=self.report.vector,
            vector_version=finder.version if finder else "",
            language=self.sorter.language(before.text),
            linking=linking,
        )


def later_events(before: StoredAlert, after: StoredAlert, linking: Linking) -> Sequence[NewEvent]:
    """What others are told; that staff were to look at it they know, and what a person answered too."""
    events = []
    if after.review_id is None:
        answer = {"category": after.category, "department": after.department, "priority": after.priority}
        body = {**answer, "decision": after.decision, "reasons": list(after.reasons)}
        events.append(NewEvent(TRIAGED, body))
    if after.cluster_id is not None and after.cluster_id != before.cluster_id:
        events.append(NewEvent(MERGED, {"cluster": after.cluster_id, "with": linking.join}))
    return events
