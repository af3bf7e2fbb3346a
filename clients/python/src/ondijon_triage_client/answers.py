"""What is answered. Fields that a newer service adds are passed over, and codes are strings, so they may grow."""

from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict


class _Answered(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Alternative(_Answered):
    """A code that the model considered, with its calibrated probability."""

    code: str
    confidence: float


class Answer(Alternative):
    """The likeliest code; `alternatives` are the others, best first."""

    alternatives: tuple[Alternative, ...] = ()


class ModelInfo(_Answered):
    """Which model answered."""

    name: str
    version: str
    taxonomy: int | None = None
    bundle_sha256: str = ""


class Duplicate(_Answered):
    """An earlier alert that is probably about the same fault, and in words why."""

    id: str
    probability: float
    distance_m: float | None = None
    age_hours: float | None = None
    evidence: tuple[str, ...] = ()


class PhotoAlternative(Alternative):
    """Another label of a photo."""

    label: str = ""


class PhotoAnswer(_Answered):
    """What one photo shows; where it `abstains`, the label must not be relied on."""

    label: str
    confidence: float
    abstains: bool = False
    alternatives: tuple[PhotoAlternative, ...] = ()


class ExplainedWord(_Answered):
    """A word, its place in the text that was read, and its weight for each answer."""

    text: str
    start: int
    end: int
    weights: dict[str, float]


class ExplainedPhoto(_Answered):
    """Where a photo shows its label: a PNG in base64, None where the photo cannot be read."""

    label: str
    heat_map: str | None = None


class Explanation(_Answered):
    """Which words spoke for the answers, which rules give the department, and where photos show what."""

    text: str
    words: tuple[ExplainedWord, ...] = ()
    department_rules: tuple[str, ...] = ()
    photos: tuple[ExplainedPhoto, ...] = ()


class _Triaged(_Answered):
    id: str
    decision: str
    reasons: tuple[str, ...] = ()
    photos: tuple[PhotoAnswer, ...] = ()
    duplicates: tuple[Duplicate, ...] = ()


class Prediction(_Triaged):
    """The answer to an alert that is not stored.

    `decision` is `route`, `review` or `route_and_review`; `explanation` is there where it was asked for.
    """

    category: Answer
    department: Answer
    priority: Answer
    model: ModelInfo
    explanation: Explanation | None = None


class StoredPrediction(_Triaged):
    """The answer to a stored alert; without category, department and priority while no model could be asked."""

    category: Answer | None = None
    department: Answer | None = None
    priority: Answer | None = None
    model: ModelInfo | None = None


class Receipt(StoredPrediction):
    """What became of an alert that was sent to be stored.

    Attributes:
        created: whether this request stored it; a repeat did not.
        is_waiting: whether no model could be asked yet; events tell of the answer when it is there.
    """

    created: bool
    is_waiting: bool = False


class ItemError(_Answered):
    """Why one alert of a batch got no answer."""

    code: str
    message: str


class FailedAlert(_Answered):
    """An alert of a batch that got no answer; `id` is None where it had none that can be read."""

    id: str | None
    error: ItemError


class StoredPhoto(_Answered):
    """Where the blurred copy of a photo is; no key where none is kept, or a person must look at it first."""

    key: str | None = None
    held: bool = False


class EarlierPrediction(_Answered):
    """An answer that a later one has replaced, and the version of the alert that it answers."""

    version: int
    created_at: AwareDatetime
    prediction: StoredPrediction


class StoredAlert(_Answered):
    """A stored alert, its texts without personal data.

    Attributes:
        state: `open`, `in_progress`, `closed` or `withdrawn`.
        expected_at: when it will be done, as a department says.
        status_note: what a department says to the reporter.
        status_department: the department that says so.
        version: 1, and one more for each time that something was added.
        category: a reviewer's answer, otherwise the model's; so are department and priority.
        cluster: the cluster of duplicates that it belongs to.
        prediction: the models' latest answer; where a list shows the alert, None.
        earlier_predictions: those before it, oldest first.
    """

    id: str
    text: str
    lat: float | None = None
    lon: float | None = None
    address: str | None = None
    commune: str | None = None
    channel: str | None = None
    created_at: AwareDatetime
    received_at: AwareDatetime
    updated_at: AwareDatetime
    state: str
    closed_at: AwareDatetime | None = None
    expected_at: AwareDatetime | None = None
    status_note: str | None = None
    status_department: str | None = None
    version: int = 1
    category_hint: str | None = None
    category: str | None = None
    department: str | None = None
    priority: str | None = None
    decision: str
    reasons: tuple[str, ...] = ()
    cluster: str | None = None
    covered_by: str | None = None
    recurrence_of: str | None = None
    photos: tuple[StoredPhoto, ...] = ()
    prediction: StoredPrediction | None = None
    earlier_predictions: tuple[EarlierPrediction, ...] = ()


class AlertPage(_Answered):
    """Stored alerts, newest first; `cursor` asks for the next page."""

    alerts: tuple[StoredAlert, ...]
    cursor: str | None = None


class Measure(_Answered):
    """What one measure, or two together, adds to the logit of the probability that two alerts are duplicates."""

    measures: tuple[str, ...]
    values: tuple[float | None, ...]
    contribution: float


class LinkedAlert(_Answered):
    """Another stored alert that is, or may be, about the same fault, and why."""

    id: str
    kind: str
    probability: float
    distance_m: float | None = None
    age_hours: float
    evidence: tuple[str, ...] = ()
    waterfall: tuple[Measure, ...] = ()
    state: str


class LinkedAlerts(_Answered):
    """What ties an alert to others, likeliest first."""

    duplicates: tuple[LinkedAlert, ...]


class Cluster(_Answered):
    """Alerts about one fault, in the order in which they were created; open while one of them is."""

    id: str
    state: str
    first_at: AwareDatetime
    last_at: AwareDatetime
    alerts: tuple[StoredAlert, ...]


class Event(_Answered):
    """Something that happened to an alert (CloudEvents 1.0).

    Attributes:
        id: the same wherever this event is told.
        type: `fr.ondijon.triage.` and the kind.
        subject: the alert's id.
        time: when it happened.
        data: what the kind says more.
        position: its place in the stream; following from there on begins with the next event.
    """

    id: str
    source: str
    type: str
    subject: str
    time: AwareDatetime
    data: dict[str, Any]
    position: str = ""

    @property
    def kind(self) -> str:
        """The kind, such as `alert.triaged`."""
        return self.type.removeprefix("fr.ondijon.triage.")
