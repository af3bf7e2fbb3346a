"""Everything that a page shows of the store, read in one go."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from serving.desk.map.view import neighbours_of
from serving.desk.view.duplicates import told_apart, worth_showing
from serving.desk.view.forwarding import TOLD
from triage.store.delivery_records import Delivery
from triage.store.errors import UnknownAlert
from triage.store.records import Json, Link, Neighbour, OutboxEvent, QueueKind, ReadingLog, StoredAlert
from triage.store.review_records import Note, QueuePage, ReturnEntry, ReviewEntry
from triage.store.store import Store

QUEUE_ROWS = 30


@dataclass(frozen=True, slots=True)
class Around:
    """An alert with all that is known of it; `others` are the alerts that its links name, by id.

    `links` are those worth showing, `rejected` those to alerts that a person told apart from it.
    `undelivered` is what targets of events have not taken, `told` what others heard of its way to departments,
    `photo_link` where its sender keeps a photo.
    """

    alert: StoredAlert
    links: tuple[Link, ...]
    rejected: tuple[Link, ...]
    others: Mapping[str, StoredAlert]
    neighbours: tuple[Neighbour, ...]
    reviews: tuple[ReviewEntry, ...]
    notes: tuple[Note, ...]
    returns: tuple[ReturnEntry, ...]
    readings: tuple[ReadingLog, ...]
    undelivered: tuple[Delivery, ...]
    told: tuple[OutboxEvent, ...]
    photo_link: str | None = None


@dataclass(frozen=True, slots=True)
class Gathered:
    """What a page of the desk shows.

    Attributes:
        around: the alert on it, if there is one.
        queue: a part of the queue.
        counts: how many wait in each queue.
        last: the reader's last decision in effect, and its alert.
    """

    around: Around | None
    queue: QueuePage
    counts: Mapping[QueueKind, int]
    last: tuple[ReviewEntry, StoredAlert] | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to gather: for whom, which alert and which part of which queue."""

    reader: str
    kinds: tuple[QueueKind, ...]
    alert_id: str | None
    now: datetime
    cursor: str | None = None


def gather(store: Store, wanted: Wanted) -> Gathered:
    """Read it.

    Raises:
        UnknownAlert: there is no such alert.
        BadCursor: the part of the queue is not one that the queue gave.
        StoreFailed: the store cannot be read.
    """
    last = store.last_review(wanted.reader)
    decided = None if last is None else store.alert(last.alert_id)
    return Gathered(
        around=None if wanted.alert_id is None else around(store, wanted.alert_id, wanted.now),
        queue=store.queue(wanted.kinds, wanted.now, QUEUE_ROWS, wanted.cursor),
        counts=store.queue_counts(),
        last=None if last is None or decided is None else (last, decided),
    )


def around(store: Store, alert_id: str, now: datetime) -> Around:
    """One alert with all that is known of it.

    Raises:
        UnknownAlert: there is no such alert.
        StoreFailed: the store cannot be read.
    """
    alert = store.alert(alert_id)
    if alert is None:
        raise UnknownAlert("No alert with this id is stored.")
    known = store.links(alert_id, rejected=True)
    links, rejected = worth_showing(known), told_apart(known)
    found = (store.alert(link.other_id) for link in (*links, *rejected))
    return Around(
        alert=alert,
        links=links,
        rejected=rejected,
        others={other.id: other for other in found if other is not None},
        neighbours=neighbours_of(store, alert, now),
        reviews=store.history(alert_id),
        notes=store.notes(alert_id),
        returns=store.returns(alert_id),
        readings=store.readings(alert_id),
        undelivered=store.deliveries_of([alert_id]),
        told=store.events_of([alert_id], TOLD),
        photo_link=store.photo_links_of([alert_id]).get(alert_id),
    )


def shown_prediction(store: Store, alert: StoredAlert, version: str | None) -> Json | None:
    """The answer that stood on a page: of the model version that the page named, or else the latest."""
    for prediction in reversed(store.predictions(alert.id)):
        if version is not None and prediction["model"]["version"] == version:
            return prediction
    return alert.prediction
