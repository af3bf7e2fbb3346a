"""The duplicate part of a bundle: reads texts into vectors, measures pairs and weighs them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from models.bundle import Bundle, Sha256
from models.calibration import Floats
from models.duplicates.additive import AdditiveModel, probability
from models.duplicates.letters import WordWeights, alike
from models.duplicates.network import PairNetwork
from models.duplicates.photos import PhotoWeights
from models.duplicates.vectors import Vector, VectorFormat
from models.fusion import Linear
from triage.duplicates.evidence import AREA_FROM, CONTEXT, MEASURES, Likeness, levels, measure
from triage.duplicates.report import Report
from triage.duplicates.rules import DuplicateRules
from triage.errors import InvalidBundle

PART = "duplicates"
DESCRIPTION = f"{PART}/duplicates.json"
ENCODER = f"{PART}/encoder.onnx"
COMPARISON = f"{PART}/comparison.onnx"
RULES = f"{PART}/rules.yaml"


class DuplicateDescription(BaseModel):
    """The learned part, and what it was learned on.

    Attributes:
        text_sha256: the text model whose states the pair network reads.
        taps: the names of these states in the text model's graph.
        narrow: width of the states kept of a text.
        threshold: probability from which an alert joins a cluster.
        area: says from a text's embedding whether it speaks of a whole area.
        meaning_levels: logits of the pair network from which texts are called similar, and very similar.
        pairs: weighs whether two alerts are about one fault.
        ranking: weighs which of several is the case that staff would link to.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    text_sha256: Sha256
    taps: Annotated[tuple[str, ...], Field(min_length=1)]
    narrow: int = Field(gt=0)
    threshold: float = Field(gt=0, lt=1)
    meaning_levels: tuple[float, float]
    words: WordWeights
    area: Linear
    pairs: AdditiveModel
    ranking: AdditiveModel
    photos: PhotoWeights

    @model_validator(mode="after")
    def _measures_are_known(self) -> Self:
        unknown = sorted((self.pairs.requires() - {*MEASURES}) | (self.ranking.requires() - {*MEASURES, *CONTEXT}))
        if unknown:
            raise ValueError(f"it weighs '{unknown[0]}', which nobody measures")
        return self


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one measure, or two together, added to the logit of a pair, and their values."""

    measures: tuple[str, ...]
    values: tuple[float | None, ...]
    amount: float


@dataclass(frozen=True, slots=True)
class ScoredPair:
    """How likely two reports are about one fault, and why."""

    probability: float
    measures: dict[str, float | None]
    contributions: tuple[Contribution, ...]
    phrases: tuple[str, ...]


class DuplicateScorer:
    """Compares reports; `version` tells whose vectors it can read."""

    def __init__(
        self, description: DuplicateDescription, network: PairNetwork, layout: VectorFormat, version: str
    ) -> None:
        self.description = description
        self.version = version
        self._network = network
        self._format = layout

    @classmethod
    def from_bundle(
        cls, bundle: Bundle, categories: int, embedding: int, threads: int | None = None
    ) -> "DuplicateScorer":
        """Load the part of a verified bundle, given the sizes of its text model.

        Raises:
            InvalidBundle: the description is malformed, or the part was learned with another text model.
        """
        description = read_description(bundle)
        files = bundle.manifest.files
        if files["text/model.onnx"].sha256 != description.text_sha256:
            raise InvalidBundle("The duplicate part reads another text model; run: triage train duplicates")
        network = PairNetwork(bundle.path(ENCODER), bundle.path(COMPARISON), threads)
        layout = VectorFormat(categories, embedding, description.narrow)
        return cls(description, network, layout, vector_version(bundle, description))

    def with_description(self, description: DuplicateDescription) -> "DuplicateScorer":
        """The same network with other weights."""
        return DuplicateScorer(description, self._network, self._format, self.version)

    def read(self, categories: Floats, embedding: Floats, states: Floats) -> bytes:
        """The vector of a text.

        Args:
            categories: probabilities of its categories, shape (codes,).
            embedding: unit length, shape (width,).
            states: what the taps of the text model gave, shape (tokens, states); no tokens without a text.
        """
        narrow = self._network.encode(states) if len(states) else np.zeros((0, self.description.narrow), np.float32)
        return Vector(categories, embedding, narrow).pack()

    def score(self, report: Report, others: Sequence[Report], rules: DuplicateRules) -> list[ScoredPair]:
        """Compare a report with others; all have a place and a vector."""
        likenesses = self._likenesses(report, others)
        return [
            self._weigh(*_in_order(report, other), likeness, rules)
            for other, likeness in zip(others, likenesses, strict=True)
        ]

    def is_area(self, report: Report) -> bool:
        """Whether a report speaks of a whole area."""
        return self._area(self._vector(report)) >= AREA_FROM

    def _area(self, vector: Vector) -> float:
        if not len(vector.states):
            return 0.0
        return probability(self.description.area.logit(vector.embedding))

    def topics(self, reports: Sequence[Report]) -> Floats:
        """Cosines of the embeddings of reports with one another, shape (reports, reports)."""
        embeddings = np.array([self._vector(report).embedding for report in reports])
        cosines: Floats = embeddings @ embeddings.T
        return cosines

    def _likenesses(self, report: Report, others: Sequence[Report]) -> list[Likeness]:
        own, vectors = self._vector(report), [self._vector(other) for other in others]
        readable = [row for row, vector in enumerate(vectors) if len(vector.states) and len(own.states)]
        meaning: dict[int, float] = {}
        if readable:
            logits = self._network.compare([own.states] * len(readable), [vectors[row].states for row in readable])
            meaning = dict(zip(readable, logits.tolist(), strict=True))
        own_area = self._area(own)
        found = []
        for row, (other, vector) in enumerate(zip(others, vectors, strict=True)):
            shared = self.description.words.alike(report.text, other.text) or (None, None)
            found.append(
                Likeness(
                    meaning=meaning.get(row),
                    topic=float(own.embedding @ vector.embedding) if row in meaning else None,
                    letters=alike(report.text, other.text),
                    words=shared[0],
                    rare=shared[1],
                    category=float(np.minimum(own.categories, vector.categories).sum()),
                    area=own_area + self._area(vector),
                )
            )
        return found

    def _weigh(self, later: Report, earlier: Report, likeness: Likeness, rules: DuplicateRules) -> ScoredPair:
        measures = measure(later, earlier, likeness, rules)
        model = self.description.pairs
        contributions = [
            Contribution(term.measures, tuple(measures[name] for name in term.measures), amount)
            for term, amount in zip(model.terms, model.contributions(measures), strict=True)
        ]
        phrases = levels(measures, self.description.meaning_levels)
        for name, value, amount, phrase in self.description.photos.weigh(later.photos, earlier.photos):
            contributions.append(Contribution((name,), (value,), amount))
            phrases = (*phrases, phrase)
        logit = model.intercept + sum(item.amount for item in contributions)
        return ScoredPair(probability(logit), measures, tuple(contributions), phrases)

    def _vector(self, report: Report) -> Vector:
        if report.vector is None:
            raise ValueError(f"the report {report.id!r} has not been read")
        return self._format.unpack(report.vector)


def read_description(bundle: Bundle) -> DuplicateDescription:
    """What the duplicate part of a verified bundle says of itself.

    Raises:
        InvalidBundle: it is malformed.
    """
    path = bundle.path(DESCRIPTION)
    try:
        return DuplicateDescription.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise InvalidBundle(f"The bundle file {path} does not describe a duplicate model: {error}.") from error


def vector_version(bundle: Bundle, description: DuplicateDescription) -> str:
    """Whose vectors a bundle can read: those of the same text model and encoder."""
    return f"{description.text_sha256[:12]}-{bundle.manifest.files[ENCODER].sha256[:12]}"


def _in_order(one: Report, two: Report) -> tuple[Report, Report]:
    """The later of two reports, then the earlier."""
    return (one, two) if one.created_at >= two.created_at else (two, one)
