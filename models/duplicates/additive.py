"""A model whose logit is a sum: each measure adds what its value is worth, so that every answer explains itself."""

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, model_validator

_Edges = tuple[FiniteFloat, ...]
Measures = Mapping[str, float | None]


class Term(BaseModel):
    """What one measure, or two together, add to the logit.

    `edges` cut each measure into steps; `scores` hold what each step adds, the first for a measure that is missing.
    For two measures the scores of the second run fastest.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    measures: Annotated[tuple[str, ...], Field(min_length=1, max_length=2)]
    edges: tuple[_Edges, ...]
    scores: tuple[FiniteFloat, ...]

    @model_validator(mode="after")
    def _sizes_fit(self) -> Self:
        cells = math.prod(len(edges) + 2 for edges in self.edges)
        if len(self.edges) != len(self.measures) or cells != len(self.scores):
            raise ValueError(f"the term of {' and '.join(self.measures)} needs {cells} scores")
        if any(list(edges) != sorted(edges) for edges in self.edges):
            raise ValueError(f"the edges of {' and '.join(self.measures)} must grow")
        return self

    def score(self, measures: Measures) -> float:
        """What the measures' values add."""
        cell = 0
        for name, edges in zip(self.measures, self.edges, strict=True):
            value = measures[name]
            # No comparison with a NaN holds: a measure that a model could not take is missing.
            step = 0 if value is None or value != value else bisect_right(edges, value) + 1  # noqa: PLR0124
            cell = cell * (len(edges) + 2) + step
        return self.scores[cell]


class AdditiveModel(BaseModel):
    """A generalised additive model with pairwise terms.

    The method is the explainable boosting machine (Lou et al., 2013, "Accurate Intelligible Models with Pairwise
    Interactions"); `training/duplicates/weights.py` fits it with the package `interpret`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    intercept: FiniteFloat
    terms: tuple[Term, ...]

    def contributions(self, measures: Measures) -> tuple[float, ...]:
        """What each term adds to the logit, in the order of `terms`."""
        return tuple(term.score(measures) for term in self.terms)

    def logit(self, measures: Measures) -> float:
        """The sum of all contributions and the intercept."""
        return self.intercept + sum(self.contributions(measures))

    def requires(self) -> frozenset[str]:
        """The measures that it reads."""
        return frozenset(name for term in self.terms for name in term.measures)


def probability(logit: float) -> float:
    """The probability of a logit, without overflow."""
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, logit))))


def order_by(scores: Sequence[float]) -> list[int]:
    """Positions, the highest score first; equal ones keep their order."""
    return sorted(range(len(scores)), key=lambda position: -scores[position])
