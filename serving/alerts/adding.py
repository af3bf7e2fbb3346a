"""Adds words and photos to a stored alert: it is triaged again, and what was answered before stays readable."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from anyio import to_thread
from PIL import Image

from models.photo import Picture
from serving.alerts.changes import changed_problem, withdrawn_problem
from serving.alerts.events import added_events
from serving.alerts.photos import KeptPhotos, PhotoArchive
from serving.alerts.receiving import Sorter
from serving.batching import Answered, Batcher, CheckedAlert
from serving.duplicates import DuplicateSearch, search_of, try_to_find, with_found, without_search
from serving.paths import unknown
from serving.problems import Problem, invalid
from serving.requests import AddedSubmission
from serving.storage import StoreDoor, Work
from triage.alert import MAX_PHOTOS, MAX_TEXT_CHARACTERS, Alert, joined_text
from triage.errors import FieldError, InvalidAlert, TriageError
from triage.intake import TakenIn
from triage.photo import decode_photo
from triage.photo_storage import PhotoStorage
from triage.redaction import redact
from triage.review.order import place_again
from triage.store.change_records import Revised, Revision
from triage.store.errors import AlertChanged, AlertWithdrawn, UnknownAlert
from triage.store.records import Neighbour, StoredAlert
from triage.store.store import Store

# How often what is added is triaged once more because others added something meanwhile.
_TRIES = 3
logger = logging.getLogger("triage.serving")


@dataclass(frozen=True, slots=True)
class Adder:
    """Makes new versions of stored alerts.

    Attributes:
        batcher: asks the models.
        prepare: what the photo model takes of a picture.
        photos: where earlier photos are kept; None where none are.
        door: where alerts are stored.
        duplicates: compares an alert with its neighbours.
        archive: keeps photos.
        sorter: puts alerts before staff.
        clock: the time at which something is added.
    """

    batcher: Batcher
    prepare: Callable[[Image.Image], Picture | None]
    photos: PhotoStorage | None
    door: StoreDoor
    duplicates: DuplicateSearch
    archive: PhotoArchive
    sorter: Sorter
    clock: Callable[[], datetime]

    async def add(self, submission: AddedSubmission, digest: str) -> StoredAlert:
        """Add to an alert; what was added before is not added again.

        Args:
            submission: what is added.
            digest: of it.

        Raises:
            Problem: 404 for an alert that is not stored, 409 where it was withdrawn or is at another version than its
                reporter saw, 422 where it would hold too much, 503 where models or store cannot be asked now.
        """
        kept: KeptPhotos | None = None
        for _ in range(_TRIES):
            alert, is_repeat = await self._known(submission.item.alert.id, digest)
            if is_repeat:
                return alert
            _refuse(alert, submission)
            whole = await to_thread.run_sync(self._whole, alert, submission.item)
            [answered] = await self.batcher.submit([whole])
            if kept is None:
                kept = await self._keep(submission.item, answered)
            try:
                return (await self._store(alert, submission, digest, answered, kept)).alert
            except AlertChanged as error:
                if submission.version is not None:
                    raise changed_problem(error) from None
            except AlertWithdrawn as error:
                raise withdrawn_problem(error) from None
        raise Problem(
            503, "overloaded", "Others add to this alert at the moment; try again.", headers={"Retry-After": "1"}
        )

    async def _known(self, alert_id: str, digest: str) -> tuple[StoredAlert, bool]:
        def find(store: Store) -> tuple[StoredAlert | None, bool]:
            alert = store.alert(alert_id)
            return alert, alert is not None and store.was_added(alert_id, digest)

        try:
            alert, is_repeat = await self.door.run(Work.READ, find)
        except UnknownAlert:  # erased between the two
            alert, is_repeat = None, False
        if alert is None:
            raise unknown("alert")
        return alert, is_repeat

    def _whole(self, alert: StoredAlert, added: CheckedAlert) -> CheckedAlert:
        """The alert with what is added, as models take it: earlier photos as far as they are kept."""
        lat, lon = _place(alert, added)
        whole = Alert.model_construct(
            id=alert.id,
            text=joined_text(alert.text, added.alert.text),
            lat=lat,
            lon=lon,
            created_at=alert.created_at,
            category_hint=alert.category_hint,
        )
        keys = [str(photo["key"]) for photo in alert.photos if photo.get("key")]
        earlier = [self._picture(self.photos, key) for key in keys] if self.photos else []
        return TakenIn(whole, (*earlier, *added.pictures))

    def _picture(self, photos: PhotoStorage, key: str) -> Picture | None:
        try:
            return self.prepare(decode_photo(photos.get(key)).image)
        except TriageError as error:
            logger.warning("an earlier photo cannot be read again (%s)", error.code)
            return None

    async def _keep(self, added: CheckedAlert, answered: Answered) -> KeptPhotos:
        number = sum(picture is not None for picture in added.pictures)
        return await self.archive.keep(added, answered.report.photos[-number:] if number else ())

    async def _store(
        self, alert: StoredAlert, submission: AddedSubmission, digest: str, answered: Answered, kept: KeptPhotos
    ) -> Revised:
        plates = answered.report.plates | frozenset(alert.plates)
        report = replace(answered.report, created_at=alert.created_at, plates=plates)
        transaction = _Transaction(self, replace(answered, report=report), submission, digest, kept, self.clock())
        try:
            return await self.door.run(Work.WRITE, lambda store: transaction.run(store, alert))
        except UnknownAlert:
            raise unknown("alert") from None


@dataclass(frozen=True, slots=True)
class _Transaction:
    """What happens to one alert while nobody else writes."""

    adder: Adder
    answered: Answered
    submission: AddedSubmission
    digest: str
    kept: KeptPhotos
    at: datetime

    def run(self, store: Store, alert: StoredAlert) -> Revised:
        finder = self.adder.duplicates.finder
        search = search_of(finder, self.answered.report) if finder else None
        follows = alert.version
        return store.revise(alert.id, self._revision, search, follows=follows, digest=self.digest, events=added_events)

    def _revision(self, alert: StoredAlert, neighbours: Sequence[Neighbour]) -> Revision:
        finder, sorter, report = self.adder.duplicates.finder, self.adder.sorter, self.answered.report
        prediction = self.kept.noted_in(self.answered.prediction)
        found = try_to_find(finder, report, neighbours) if finder and report.lat is not None else None
        if finder:
            prediction = with_found(prediction, found) if found else without_search(prediction, report)
        item = self.submission.item
        text = redact(joined_text(alert.text, item.alert.text)).text
        return Revision(
            prediction=prediction.model_dump(mode="json"),
            queue_place=place_again(prediction, alert, self.at, sorter.rules, sorter.draw),
            text=text,
            sent=item.alert.text or None,
            place=_new_place(alert, item),
            photos=(*alert.photos, *self.kept.entries),
            plates=tuple(sorted(report.plates)),
            vector=report.vector,
            vector_version=finder.version if finder else "",
            language=sorter.language(text),
            linking=found.linking if found else None,
        )


def _refuse(alert: StoredAlert, submission: AddedSubmission) -> None:
    """Let pass what can be added.

    Raises:
        Problem: 409 or 422, as `Adder.add` says.
    """
    if alert.state == "withdrawn":
        raise withdrawn_problem(AlertWithdrawn("This alert was withdrawn; send what is new as an alert of its own."))
    if submission.version not in {None, alert.version}:
        raise changed_problem(AlertChanged(alert.version))
    photos = len(alert.photos) + len(submission.item.pictures)
    if photos > MAX_PHOTOS:
        message = f"would make {photos} photos with those that the alert has; {MAX_PHOTOS} is the most"
        raise invalid(InvalidAlert((FieldError("photo", "too_long", message),)))
    characters = len(joined_text(alert.text, submission.item.alert.text))
    if submission.item.alert.text and characters > MAX_TEXT_CHARACTERS:
        message = f"would make {characters} characters with those that the alert has; {MAX_TEXT_CHARACTERS} is the most"
        raise invalid(InvalidAlert((FieldError("text", "string_too_long", message),)))


def _place(alert: StoredAlert, added: CheckedAlert) -> tuple[float | None, float | None]:
    return (added.alert.lat, added.alert.lon) if alert.lat is None else (alert.lat, alert.lon)


def _new_place(alert: StoredAlert, added: CheckedAlert) -> tuple[float, float] | None:
    """Where an added photo was taken, if nobody said so before."""
    lat, lon = added.alert.lat, added.alert.lon
    return None if alert.lat is not None or lat is None or lon is None else (lat, lon)
