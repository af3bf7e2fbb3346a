"""What goes into the store and comes out of it: plain frozen records. Times carry a zone and come out in UTC."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

Json = dict[str, Any]
State = Literal["open", "in_progress", "closed", "withdrawn"]
LinkKind = Literal["duplicate", "candidate", "covered_by", "recurrence_of", "rejected"]
QueueKind = Literal["review", "sample", "suspect"]

STATES: tuple[State, ...] = ("open", "in_progress", "closed", "withdrawn")


@dataclass(frozen=True, slots=True)
class QueuePlace:
    """Where an alert waits for a person: the queue, and a rank in it that stays the same; the highest is next."""

    queue: QueueKind
    rank: float


@dataclass(frozen=True, slots=True)
class NewAlert:
    """An alert to be stored.

    Attributes:
        text: without personal data; the text as sent goes into `original` where it differs.
        lat, lon: WGS84 degrees, both or neither.
        category, department, priority: the codes that were answered, if any.
        photos: what is known of each photo, ready for JSON.
        plates: keyed digests, see `PersonalKeys.plate_digest`.
        vector: what the search for duplicates compares; the store does not look into it.
        prediction: the whole answer, ready for JSON.
        content_sha256: digest of what the caller sent: it tells a harmless repeat from an id used twice.
        queue_place: where it waits for a person; None where nobody needs to look.
        language: code of the language of the text, as far as it can be told.
        address, commune: where, in words without personal data.
        channel: how the alert came.
    """

    id: str
    text: str
    original: str | None
    lat: float | None
    lon: float | None
    created_at: datetime
    received_at: datetime
    category_hint: str | None
    category: str | None
    department: str | None
    priority: str | None
    decision: str
    reasons: tuple[str, ...]
    photos: tuple[Json, ...]
    plates: tuple[str, ...]
    vector: bytes | None
    vector_version: str
    prediction: Json | None
    content_sha256: str
    queue_place: QueuePlace | None = None
    language: str | None = None
    address: str | None = None
    commune: str | None = None
    channel: str | None = None


@dataclass(frozen=True, slots=True)
class StoredAlert:
    """An alert as the store knows it.

    Attributes:
        seq: number in order of arrival; never used twice.
        category, department, priority: a reviewer's, otherwise those of the latest prediction.
        cluster_id: the cluster of duplicates that it belongs to.
        covered_by: the report of a whole area that says the same.
        recurrence_of: the earlier alert about the same place, which was closed.
        prediction: the latest answer of a model.
        updated_at: when anything of it last changed.
        queue, queue_rank: where it waits for a person; None where nobody needs to look.
        review_id: the last answer of a person that is in effect.
        address, commune: where, in words without personal data.
        channel: how the alert came.
        version: 1, and one more for each time that its reporter added something.
        expected_at, status_note, status_department: what was said with its state: when it will be done, a word for the
            reporter, and by whom.
    """

    seq: int
    id: str
    text: str
    lat: float | None
    lon: float | None
    created_at: datetime
    received_at: datetime
    category_hint: str | None
    category: str | None
    department: str | None
    priority: str | None
    decision: str
    reasons: tuple[str, ...]
    photos: tuple[Json, ...]
    plates: tuple[str, ...]
    vector_version: str
    prediction: Json | None
    content_sha256: str
    state: State
    closed_at: datetime | None
    cluster_id: str | None
    covered_by: str | None
    recurrence_of: str | None
    updated_at: datetime
    queue: QueueKind | None
    queue_rank: float | None
    language: str | None
    review_id: int | None
    address: str | None
    commune: str | None
    channel: str | None
    version: int
    expected_at: datetime | None
    status_note: str | None
    status_department: str | None


@dataclass(frozen=True, slots=True)
class Added:
    """The alert as it is now stored, and whether this call stored it or an earlier one did."""

    alert: StoredAlert
    created: bool


@dataclass(frozen=True, slots=True)
class Search:
    """Which alerts to look at: within `radius_m` metres, created from `since` to `until` (both included).

    `category_hint`, where given, leaves out alerts with another one; `limit` keeps the nearest.
    """

    lat: float
    lon: float
    radius_m: float
    since: datetime
    until: datetime
    limit: int = 200
    category_hint: str | None = None


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A stored alert near another place, in any state; with what is needed to compare the two."""

    seq: int
    id: str
    text: str
    lat: float
    lon: float
    created_at: datetime
    category_hint: str | None
    category: str | None
    state: State
    closed_at: datetime | None
    cluster_id: str | None
    photos: tuple[Json, ...]
    plates: tuple[str, ...]
    vector: bytes | None
    vector_version: str
    distance_m: float


@dataclass(frozen=True, slots=True)
class Link:
    """What ties an alert to another one: two in one cluster by `duplicate`, two that a person told apart by `rejected`.

    Attributes:
        distance_m: metres between the two; None where a person linked an alert that has no place.
        age_hours: hours between the two.
        evidence: why, ready for JSON.
    """

    other_id: str
    kind: LinkKind
    probability: float
    distance_m: float | None
    age_hours: float
    evidence: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Linking:
    """How a new alert is tied to the stored ones.

    Attributes:
        join: an alert whose cluster it joins; the two make a new cluster where that one has none.
        covered_by: the report of a whole area that covers it.
        recurrence_of: the closed alert about the same place.
        covers: earlier alerts that it covers, being the report of a whole area.
        links: what is known of each pair.
        revised: the alert as it is to be stored now that its neighbours are known, such as with an answer that names
            its duplicates; by default as it came.
    """

    join: str | None = None
    covered_by: str | None = None
    recurrence_of: str | None = None
    covers: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    revised: NewAlert | None = None


@dataclass(frozen=True, slots=True)
class Cluster:
    """Alerts about one fault, in the order in which they were created.

    Its state is the first of these that one of its alerts has: in progress, open, closed, withdrawn.
    """

    id: str
    alert_ids: tuple[str, ...]
    first_at: datetime
    last_at: datetime
    state: State


@dataclass(frozen=True, slots=True)
class AlertFilter:
    """Which alerts a list holds; `bbox` is west, south, east, north, `until` is not included.

    `categories` and `states` are for several of what `category` and `state` are for one.
    """

    bbox: tuple[float, float, float, float] | None = None
    since: datetime | None = None
    until: datetime | None = None
    category: str | None = None
    state: State | None = None
    categories: frozenset[str] | None = None
    states: frozenset[State] | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A page of alerts, newest first; `cursor` asks for the next one and is absent on the last."""

    alerts: tuple[StoredAlert, ...]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class NewEvent:
    """Something that happened to an alert and that others are to be told."""

    kind: str
    body: Json


@dataclass(frozen=True, slots=True)
class OutboxEvent:
    """An event that others are told; `seq` grows in the order in which events became visible."""

    seq: int
    id: str
    alert_id: str
    kind: str
    body: Json
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ReadingLog:
    """Who read the original text of an alert, for what and when."""

    alert_id: str
    reader: str
    purpose: str
    read_at: datetime


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of imported alerts: newly stored, stored already, and ids that are stored with other content."""

    added: int
    repeated: int
    conflicting: tuple[str, ...]
