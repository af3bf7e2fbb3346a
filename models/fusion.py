"""Text and photos as one answer: the text decides where it names an object, the photo where it does not (guide §6)."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, ValidationError

from models.bundle import Bundle
from models.calibration import Floats
from triage.errors import InvalidBundle
from triage.taxonomy import HEADS, Head, PhotoLabel, Taxonomy

PART = "fusion"
DESCRIPTION = f"{PART}/fusion.json"

# Odds beyond these say no more, and would let one input rule all others.
_LOGIT_LIMIT = 6.0
# More likely than not.
HALF = 0.5
# A picture that shows nothing still has a small say beside one that shows a fault.
_LEAST_SHARE = 0.05


class Linear(BaseModel):
    """A logistic unit over the embedding of a text."""

    model_config = ConfigDict(frozen=True, extra="forbid", ignored_types=(cached_property,))

    weights: Annotated[tuple[FiniteFloat, ...], Field(min_length=1)]
    bias: FiniteFloat

    @cached_property
    def _weights(self) -> Floats:
        return np.array(self.weights)

    def logit(self, embedding: Floats) -> float:
        """The logit for one embedding, shape (width,)."""
        return float(self._weights @ embedding + self.bias)


class Gate(BaseModel):
    """Weights of what decides how much the photo has to say, learned on pairs of texts and pictures.

    Each is the weight of one input, all but the bias logits: that the text names nothing, its likeliest category other
    than the fallback, how sure it is of any, how sure the photo is, and how far both agree.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    bias: FiniteFloat
    names_nothing: FiniteFloat
    text_category: FiniteFloat
    text_confidence: FiniteFloat
    photo_confidence: FiniteFloat
    agreement: FiniteFloat


class FusionDescription(BaseModel):
    """The learned part of the fusion."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    names_nothing: Linear
    raised: Linear
    gate: Gate


@dataclass(frozen=True, slots=True)
class TextAnswer:
    """What the text model says of one alert: per head, shape (codes,); the embedding, shape (width,)."""

    probabilities: Mapping[Head, Floats]
    embedding: Floats
    has_words: bool


@dataclass(frozen=True, slots=True)
class Fused:
    """The joint answer: per head, shape (codes,).

    `photo_share` is how much the photo decided, from 0 to 1. `inconclusive`: the text names nothing and the photos
    do not say more.
    """

    probabilities: dict[Head, Floats]
    photo_share: float
    inconclusive: bool


class Fusion:
    """Joins the calibrated answers of text and photos.

    The answer is a mixture of two experts (Jacobs et al., 1991, "Adaptive Mixtures of Local Experts"): the text's
    answer, and what an alert would be whose text names nothing and whose photo shows what it shows. Without a
    photo it is the text's answer, unchanged.
    """

    def __init__(
        self, description: FusionDescription, taxonomy: Taxonomy, codes: Mapping[Head, tuple[str, ...]]
    ) -> None:
        self.description = description
        self.gate_weights = np.array(list(description.gate.model_dump().values()))
        self._codes = codes
        self._labels = tuple(taxonomy.photo_labels.values())
        self._shows = np.array([label.category is not None for label in self._labels])
        self._fits = np.zeros((len(self._labels), len(codes["category"])))
        for row, label in enumerate(self._labels):
            for code in filter(None, (label.category, *label.also)):
                self._fits[row, codes["category"].index(code)] = 1
        self._expected = {head: self._expect(taxonomy, head, raised=False) for head in HEADS}
        self._expected_raised = self._expect(taxonomy, "priority", raised=True)
        self._fallback = codes["category"].index(taxonomy.fallback_category)

    @classmethod
    def from_bundle(cls, bundle: Bundle, taxonomy: Taxonomy, codes: Mapping[Head, tuple[str, ...]]) -> "Fusion":
        """Load the fusion part of a verified bundle."""
        path = bundle.path(DESCRIPTION)
        try:
            description = FusionDescription.model_validate_json(path.read_bytes())
        except ValidationError as error:
            raise InvalidBundle(f"The bundle file {path} does not describe a fusion: {error}.") from error
        return cls(description, taxonomy, codes)

    def reads(self, width: int) -> bool:
        """Whether it can read embeddings of this width."""
        return {len(unit.weights) for unit in (self.description.names_nothing, self.description.raised)} == {width}

    def join_photos(self, photos: Floats) -> Floats:
        """One answer of several photos of an alert: those that show a fault speak louder.

        Args:
            photos: calibrated probabilities, shape (photos, labels).

        Returns:
            Probabilities of shape (labels,).
        """
        shares = photos[:, self._shows].sum(axis=1) + _LEAST_SHARE
        return np.asarray(shares @ photos / shares.sum())

    def fuse(self, text: TextAnswer, photo: Floats) -> Fused:
        """Join the answer of a text and of its photos, shape (labels,)."""
        gate, nothing_named = 1.0, _LOGIT_LIMIT
        if text.has_words:
            inputs = self.gate_inputs(text, photo)
            gate, nothing_named = _sigmoid(float(inputs @ self.gate_weights)), float(inputs[1])
        share = gate * float(photo[self._shows].sum())
        return Fused(self.mix(text, photo, gate), share, nothing_named > 0 and share < HALF)

    def mix(self, text: TextAnswer, photo: Floats, gate: float) -> dict[Head, Floats]:
        """The mixture for a gate between 0 (the text alone) and 1 (the photo alone)."""
        expected = self._expected | {"priority": self._expected_priority(text)}
        return {
            head: np.asarray((1 - gate) * text.probabilities[head] + gate * photo @ expected[head]) for head in HEADS
        }

    def disagrees(self, photo: Floats, fused: Fused) -> bool:
        """Whether the photo's best label shows a fault that an alert of the answered category would not carry."""
        best = int(photo.argmax())
        return bool(self._shows[best]) and not self._fits[best, int(fused.probabilities["category"].argmax())]

    def gate_inputs(self, text: TextAnswer, photo: Floats) -> Floats:
        """What the gate sees, in the order of `Gate`; shape (6,)."""
        category = text.probabilities["category"]
        return np.array(
            [
                1.0,
                np.clip(self.description.names_nothing.logit(text.embedding), -_LOGIT_LIMIT, _LOGIT_LIMIT),
                _logit(float(np.delete(category, self._fallback).max())),
                _logit(float(category.max())),
                _logit(float(photo.max())),
                _logit(float(photo @ self._fits @ category)),
            ]
        )

    def _expected_priority(self, text: TextAnswer) -> Floats:
        raised = _sigmoid(self.description.raised.logit(text.embedding)) if text.has_words else 0.0
        return np.asarray((1 - raised) * self._expected["priority"] + raised * self._expected_raised)

    def _expect(self, taxonomy: Taxonomy, head: Head, *, raised: bool) -> Floats:
        """The answer to each label where the text names nothing, shape (labels, codes)."""
        codes = self._codes[head]
        expected = np.zeros((len(self._labels), len(codes)))
        for row, label in enumerate(self._labels):
            if head == "priority":
                expected[row] = _expected_priorities(label, codes, taxonomy.urgent_priority, raised=raised)
            else:
                category = label.category or taxonomy.fallback_category
                department = taxonomy.categories[category].default_department
                expected[row, codes.index(category if head == "category" else department)] = 1
        return expected


def _expected_priorities(label: PhotoLabel, codes: tuple[str, ...], urgent: str, *, raised: bool) -> Floats:
    """The probability of each priority, ordered from the most pressing; least pressing where nothing is wrong."""
    expected = np.zeros(len(codes))
    rank = codes.index(label.priority) if label.priority else len(codes) - 1
    if raised and label.priority:
        rank = min(rank, max(rank - 1, codes.index(urgent) + 1))  # raised by a step, but never to urgent
    expected[rank] = 1 - label.urgent
    expected[codes.index(urgent)] += label.urgent
    return expected


def _logit(probability: float) -> float:
    clipped = float(np.clip(probability, 1e-6, 1 - 1e-6))
    return float(np.clip(np.log(clipped / (1 - clipped)), -_LOGIT_LIMIT, _LOGIT_LIMIT))


def _sigmoid(logit: float) -> float:
    return float(1 / (1 + np.exp(-np.clip(logit, -30, 30))))
