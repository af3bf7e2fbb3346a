"""Takes an alert in: triaged, compared with its neighbours and stored, in one transaction."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from serving.alerts.arriving import Received, arriving, id_taken
from serving.alerts.events import events_of
from serving.alerts.photos import PhotoArchive
from serving.alerts.unanswered import UnansweredStore, unanswered, waits
from serving.batching import Answered, Batcher, CheckedAlert
from serving.duplicates import (
    DuplicateSearch,
    Finder,
    search_of,
    try_to_find,
    with_found,
    with_masked_hint,
    without_search,
)
from serving.metrics import Metrics
from serving.models.patience import Patience
from serving.problems import model_unavailable
from serving.requests import Submission
from serving.storage import StoreDoor, Work
from triage.prediction import Prediction
from triage.review.order import Draw, place
from triage.review.rules import ReviewRules
from triage.store.errors import IdTaken
from triage.store.records import Json, Linking, Neighbour, NewAlert, StoredAlert
from triage.store.store import Store


@dataclass(frozen=True, slots=True)
class Sorter:
    """Says which alerts wait for a person, in which order, and in which language they are.

    Attributes:
        rules: what orders the queue.
        draw: who is looked at though nobody needs to.
        language: tells the language of a text without personal data.
    """

    rules: ReviewRules
    draw: Draw
    language: Callable[[str], str | None]

    def sorted(self, new: NewAlert, prediction: Prediction) -> NewAlert:
        """The alert with its place in the queue and its language."""
        where = place(prediction, new.received_at, new.id, self.rules, self.draw)
        return replace(new, queue_place=where, language=self.language(new.text))


@dataclass(frozen=True, slots=True)
class Receiver:
    """Stores alerts.

    Attributes:
        batcher: asks the models.
        door: where alerts are stored.
        duplicates: compares an alert with its neighbours.
        archive: keeps photos.
        sorter: puts alerts before staff.
        metrics: counts duplicates.
        clock: the time at which alerts are received.
        patience: says how long the models are waited for.
        unanswered: stores alerts that they do not answer in time.
        offer: takes each alert that was stored, with its answer, for the challenger.
    """

    batcher: Batcher
    door: StoreDoor
    duplicates: DuplicateSearch
    archive: PhotoArchive
    sorter: Sorter
    metrics: Metrics
    clock: Callable[[], datetime]
    patience: Patience
    unanswered: UnansweredStore
    offer: Callable[[CheckedAlert, Json], None]

    async def receive(self, submission: Submission, digest: str) -> Received:
        """Triage and store an alert; a repeat gets the answer that the first request got.

        Where no model answers in time it is stored all the same, and triaged later.

        Raises:
            Problem: 409 where the id is another alert's, 503 where models or store cannot be asked now.
        """
        alert_id = submission.item.alert.id
        known = await self.door.run(Work.READ, lambda store: _find(store, alert_id))
        if known is not None and known.alert.content_sha256 != digest:
            raise id_taken()
        if known is not None and known.answer is not None:
            return Received(known.answer, created=False)
        if known is not None and waits(known.alert):
            return Received(unanswered(known.alert), created=False, waits=True)
        answered = await self.patience.ask(self.batcher, submission.item)
        if answered is None:
            if known is not None:
                raise model_unavailable("The models cannot be asked at the moment; send the alert again.")
            return await self.unanswered.store(submission.item, digest)
        if known is not None:  # imported, so nobody has asked the models about it yet
            [prediction] = await self.duplicates.complete([answered])
            return Received(prediction.model_dump(mode="json"), created=False)
        return await self._store(submission, digest, answered)

    async def _store(self, submission: Submission, digest: str, answered: Answered) -> Received:
        received_at = self.clock()
        new = arriving(submission.item.alert, digest, received_at)
        report = with_masked_hint(replace(answered.report, created_at=new.created_at))
        kept = await self.archive.keep(submission.item, report.photos)
        prediction = kept.noted_in(answered.prediction)
        finder = self.duplicates.finder
        new = replace(
            new,
            category=prediction.category.code,
            department=prediction.department.code,
            priority=prediction.priority.code,
            decision=prediction.decision.value,
            reasons=prediction.reasons,
            photos=kept.entries,
            plates=tuple(sorted(report.plates)),
            vector=report.vector,
            vector_version=finder.version if finder else "",
            prediction=prediction.model_dump(mode="json"),
        )
        transaction = _Transaction(finder, Answered(prediction, report), self.sorter.sorted(new, prediction))
        try:
            received = await self.door.run(Work.WRITE, transaction.run)
        except IdTaken:  # another request was faster
            raise id_taken() from None
        if received.created:
            self.metrics.duplicates_found.inc(len(received.answer["duplicates"]))
            self.offer(submission.item, received.answer)
        return received


@dataclass(frozen=True, slots=True)
class _Known:
    """An alert that is stored, and what was answered first."""

    alert: StoredAlert
    answer: Json | None


@dataclass(frozen=True, slots=True)
class _Transaction:
    """What happens to one alert while nobody else writes."""

    finder: Finder | None
    answered: Answered
    new: NewAlert

    def run(self, store: Store) -> Received:
        search = search_of(self.finder, self.answered.report) if self.finder else None
        link = self._link if search is not None else None
        added = store.add(self.new, link, search, events_of)
        if not added.created:
            return Received(_first_answer(store, self.new.id) or {}, created=False)
        return Received(added.alert.prediction or {}, created=True)

    def _link(self, neighbours: Sequence[Neighbour]) -> Linking:
        prediction, report = self.answered.prediction, self.answered.report
        found = try_to_find(self.finder, report, neighbours) if self.finder else None
        if found is None:
            return Linking(revised=self._revised(without_search(prediction, report)))
        return replace(found.linking, revised=self._revised(with_found(prediction, found)))

    def _revised(self, prediction: Prediction) -> NewAlert:
        return replace(self.new, reasons=prediction.reasons, prediction=prediction.model_dump(mode="json"))


def _find(store: Store, alert_id: str) -> _Known | None:
    alert = store.alert(alert_id)
    return None if alert is None else _Known(alert, _first_answer(store, alert_id))


def _first_answer(store: Store, alert_id: str) -> Json | None:
    """What the first request was answered, though models may have given newer answers since."""
    answers = store.predictions(alert_id)
    return answers[0] if answers else None
