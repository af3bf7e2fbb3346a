"""What is shown of stored alerts: never their vectors, digests or what tells their photos from others."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from triage.alert import Channel
from triage.store.records import Cluster, Json, Link, LinkKind, State, StoredAlert
from triage.store.store import Store


class PhotoDocument(BaseModel):
    """Where the blurred copy of a photo is: no key where it is not kept, or held until a person has looked at it."""

    key: str | None
    held: bool


class AlertDocument(BaseModel):
    """A stored alert; texts are without personal data, times in UTC."""

    id: str
    text: str
    lat: float | None
    lon: float | None
    address: str | None = Field(description="Where in words, without personal data; so is the next.")
    commune: str | None
    channel: Channel | None = Field(description="How the alert came.")
    created_at: datetime
    received_at: datetime
    updated_at: datetime
    state: State
    closed_at: datetime | None
    expected_at: datetime | None = Field(description="When it will be done, as a department says.")
    status_note: str | None = Field(description="What a department says to the reporter with the state.")
    status_department: str | None = Field(description="The department that says so.")
    version: int = Field(description="1, and one more for each time that something was added.")
    category_hint: str | None
    category: str | None = Field(description="A reviewer's answer, otherwise the model's; so are the next two.")
    department: str | None
    priority: str | None
    decision: str
    reasons: tuple[str, ...]
    cluster: str | None = Field(description="The cluster of duplicates that it belongs to.")
    covered_by: str | None = Field(description="The report of a whole area that says the same.")
    recurrence_of: str | None = Field(description="The closed alert about the same place, where the fault came back.")
    photos: tuple[PhotoDocument, ...]


class EarlierPrediction(BaseModel):
    """An answer of the models that a later one has replaced, and the version of the alert that it answers."""

    version: int
    created_at: datetime
    prediction: Json


class WholeAlert(AlertDocument):
    """A stored alert with the latest answer of the models, in the form of `POST /v1/predict`, and those before it."""

    prediction: Json | None
    earlier_predictions: tuple[EarlierPrediction, ...] = Field(description="Oldest first, at most the last 49.")


class AlertPage(BaseModel):
    """Alerts, newest first; `cursor` asks for the next page and is null on the last."""

    alerts: tuple[AlertDocument, ...]
    cursor: str | None


class Bar(BaseModel):
    """What one measure of two alerts, or two together, adds to the logit of their probability."""

    measures: tuple[str, ...]
    values: tuple[float | None, ...]
    contribution: float


class DuplicateDocument(BaseModel):
    """Another alert that is, or may be, about the same fault: its state, and why.

    `evidence` says in words what speaks for it and against it, `waterfall` in figures.
    """

    id: str
    kind: LinkKind
    probability: float
    distance_m: float | None
    age_hours: float
    evidence: tuple[str, ...]
    waterfall: tuple[Bar, ...]
    state: State


class DuplicateList(BaseModel):
    """What ties an alert to others, likeliest first."""

    duplicates: tuple[DuplicateDocument, ...]


class ClusterDocument(BaseModel):
    """Alerts about one fault, in the order in which they were created; open while one of them is."""

    id: str
    state: State
    first_at: datetime
    last_at: datetime
    alerts: tuple[AlertDocument, ...]


class OriginalDocument(BaseModel):
    """The text of an alert as it was sent."""

    id: str
    text: str


def alert_document(alert: StoredAlert) -> AlertDocument:
    """An alert as lists show it."""
    return AlertDocument(**_fields(alert))


def whole_alert(store: Store, alert: StoredAlert) -> WholeAlert:
    """An alert as it is shown by itself.

    Raises:
        StoreFailed: its earlier answers cannot be read.
    """
    earlier = tuple(
        EarlierPrediction(version=answer.version, created_at=answer.created_at, prediction=answer.body)
        for answer in store.prediction_versions(alert.id)[:-1]
    )
    return WholeAlert(**_fields(alert), prediction=alert.prediction, earlier_predictions=earlier)


def duplicate_list(links: Sequence[Link], states: Mapping[str, State]) -> DuplicateList:
    """The links of an alert; `states` holds those of the others."""
    return DuplicateList(duplicates=tuple(_duplicate(link, states[link.other_id]) for link in links))


def cluster_document(cluster: Cluster, members: Sequence[StoredAlert]) -> ClusterDocument:
    """A cluster with its alerts."""
    return ClusterDocument(
        id=cluster.id,
        state=cluster.state,
        first_at=cluster.first_at,
        last_at=cluster.last_at,
        alerts=tuple(map(alert_document, members)),
    )


def _fields(alert: StoredAlert) -> dict[str, Any]:
    photos = tuple(PhotoDocument(key=photo.get("key"), held=bool(photo.get("held"))) for photo in alert.photos)
    shown = set(AlertDocument.model_fields) - {"cluster", "photos"}
    return {name: getattr(alert, name) for name in shown} | {"cluster": alert.cluster_id, "photos": photos}


def _duplicate(link: Link, state: State) -> DuplicateDocument:
    return DuplicateDocument(
        id=link.other_id,
        kind=link.kind,
        probability=link.probability,
        distance_m=link.distance_m,
        age_hours=abs(link.age_hours),
        evidence=tuple(item["phrase"] for item in link.evidence if "phrase" in item),
        waterfall=tuple(Bar.model_validate(item) for item in link.evidence if "contribution" in item),
        state=state,
    )
