"""How good found duplicates are, beside the rules that cities use."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from evaluation.duplicate_corpus import LinkedReport, open_pairs, true_pairs
from triage.places import distance_m

Ids = frozenset[str]
_BINS = 10


@dataclass(frozen=True, slots=True)
class PairFigures:
    """Precision and recall of pairs, and their harmonic mean."""

    precision: float
    recall: float
    f1: float


def pair_figures(found: Iterable[Ids], reports: Sequence[LinkedReport]) -> PairFigures:
    """Compare found pairs with the truth; those of an area's report and what it covers count for neither."""
    truth = true_pairs(reports)
    judged = set(found) - open_pairs(reports)
    right = len(judged & truth)
    precision, recall = right / max(1, len(judged)), right / max(1, len(truth))
    return PairFigures(precision, recall, 2 * right / max(1, len(judged) + len(truth)))


@dataclass(frozen=True, slots=True)
class GeometricRule:
    """Same category within so many metres and so much time; `nearest` keeps only that many of each report's."""

    name: str
    radius_m: float
    window: timedelta | None
    nearest: int | None = None

    def pairs(self, reports: Sequence[LinkedReport]) -> set[Ids]:
        """The pairs that the rule calls duplicates, given the true categories."""
        found: set[Ids] = set()
        for later in reports:
            near = [
                (distance_m(later.lat, later.lon, other.lat, other.lon), other.id)
                for other in reports
                if other.category == later.category
                and other.created_at < later.created_at
                and self._recent(later, other)
            ]
            near = sorted(item for item in near if item[0] <= self.radius_m)
            found |= {frozenset((later.id, name)) for _, name in near[: self.nearest]}
        return found

    def _recent(self, later: LinkedReport, earlier: LinkedReport) -> bool:
        return self.window is None or later.created_at - earlier.created_at <= self.window


# Signalen's and FixMyStreet's, as their settings have them.
RULES = (
    GeometricRule("50 m, 12 weeks", 50, timedelta(weeks=12)),
    GeometricRule("250 m, nearest five", 250, None, nearest=5),
)


def expected_calibration_error(
    probabilities: Sequence[float], truths: Sequence[bool], weights: Sequence[float] | None = None
) -> float:
    """The mean distance of probability and frequency over ten bins of equal width (Naeini et al., 2015)."""
    values, hits = np.array(probabilities, float), np.array(truths, float)
    if not len(values):
        return 0.0
    share = np.ones(len(values)) if weights is None else np.array(weights, float)
    share = share / share.sum()
    bins = np.minimum((values * _BINS).astype(int), _BINS - 1)
    return float(sum(abs((share * (values - hits))[bins == one].sum()) for one in set(bins.tolist())))


def by_scene(reports: Sequence[LinkedReport], pairs_of: Callable[[Sequence[LinkedReport]], set[Ids]]) -> set[Ids]:
    """Pairs of a rule, scene by scene: scenes are apart, and a rule looks at every two reports."""
    scenes: dict[str, list[LinkedReport]] = {}
    for report in reports:
        scenes.setdefault(report.scene, []).append(report)
    return set().union(*(pairs_of(scene) for scene in scenes.values()))
