"""What the service answers: one ranked answer per head, a decision and its reasons."""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from triage.taxonomy import Head

Probability = Annotated[float, Field(ge=0, le=1)]


class Decision(StrEnum):
    """What happens next to an alert."""

    ROUTE = "route"
    REVIEW = "review"
    ROUTE_AND_REVIEW = "route_and_review"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Alternative(_Frozen):
    """Another code the model considered, with its calibrated probability."""

    code: str
    confidence: Probability


class Answer(Alternative):
    """The likeliest code of one head; `alternatives` are the other codes, best first."""

    alternatives: tuple[Alternative, ...]


class ModelInfo(_Frozen):
    """Which model answered: enough to find its bundle, its run and its card again."""

    name: str
    version: str
    taxonomy: int
    bundle_sha256: str


class Duplicate(_Frozen):
    """An earlier alert that is probably about the same fault."""

    id: str
    probability: Probability
    distance_m: float
    age_hours: float
    evidence: tuple[str, ...]


class PhotoAlternative(Alternative):
    """Another label of a photo: `label` as in the photo's own answer, `code` as in every list of alternatives."""

    label: str


class PhotoAnswer(_Frozen):
    """What one photo shows; `abstains` says that the label must not be relied on."""

    label: str
    confidence: Probability
    abstains: bool
    alternatives: tuple[PhotoAlternative, ...]


class Prediction(_Frozen):
    """The answer to one alert, over HTTP and on the command line alike."""

    id: str
    category: Answer
    department: Answer
    priority: Answer
    decision: Decision
    reasons: tuple[str, ...]
    photos: tuple[PhotoAnswer, ...] = ()
    duplicates: tuple[Duplicate, ...] = ()
    model: ModelInfo


class ExplainedWord(_Frozen):
    """A word of the text that was read, its place in it, and its weight for the code that each head answered."""

    text: str
    start: int
    end: int
    weights: dict[Head, float]


class ExplainedPhoto(_Frozen):
    """Where a photo shows its label: a PNG in base64, reddened there; none where the photo cannot be read."""

    label: str
    heat_map: str | None


class Explanation(_Frozen):
    """Which words spoke for the answers, which rules of the guide give the department, and where photos show what.

    `text` is the masked text as the model reads it, which the places refer to. A weight is the drop in the logarithm of
    the answered code's probability without the word; negative where it spoke against the answer.
    """

    text: str
    words: tuple[ExplainedWord, ...]
    department_rules: tuple[str, ...]
    photos: tuple[ExplainedPhoto, ...] = ()


class ExplainedPrediction(Prediction):
    """A prediction with its explanation, given on demand."""

    explanation: Explanation
