"""Which of several earlier alerts is the case that staff would link a new one to."""

from collections.abc import Sequence

import numpy as np

from models.calibration import Floats
from models.duplicates.additive import probability
from models.duplicates.scorer import DuplicateScorer, ScoredPair
from triage.duplicates.evidence import CONTEXT, HOURS
from triage.duplicates.report import Report
from triage.duplicates.rules import DuplicateRules
from triage.places import distance_m


def rank(
    report: Report, others: Sequence[Report], scorer: DuplicateScorer, rules: DuplicateRules
) -> list[tuple[str, float]]:
    """Ids of candidates with the probability that each is the case to link to, best first."""
    if not others:
        return []
    pairs = scorer.score(report, others, rules)
    model = scorer.description.ranking
    scored = [
        (other.id, probability(model.logit(row)))
        for other, row in zip(others, ranking_measures(report, others, pairs, scorer), strict=True)
    ]
    return sorted(scored, key=lambda item: -item[1])


def ranking_measures(
    report: Report, others: Sequence[Report], pairs: Sequence[ScoredPair], scorer: DuplicateScorer
) -> list[dict[str, float | None]]:
    """The measures of each pair and those of `CONTEXT`."""
    ages = np.array([(report.created_at - other.created_at).total_seconds() / HOURS for other in others])
    apart = _distances(others)
    older = ages[None] > ages[:, None]  # row: this candidate, column: the one that may be older
    topics = scorer.topics(others)
    firsts = np.where(older & (apart < 100), topics, -1.0).max(axis=1, initial=-1.0)
    rows: list[dict[str, float | None]] = []
    for row, (other, pair) in enumerate(zip(others, pairs, strict=True)):
        context = (
            float(ages[row]),
            float((older[row] & (apart[row] < 15)).sum()),
            float((older[row] & (apart[row] < 50)).sum()),
            float(firsts[row]),
            float(len(others)),
            float((np.abs(ages) < 24).sum()),
            float(len(other.text)),
            float(len(report.text)),
        )
        rows.append(pair.measures | dict(zip(CONTEXT, context, strict=True)))
    return rows


def _distances(reports: Sequence[Report]) -> Floats:
    places = [(report.lat or 0.0, report.lon or 0.0) for report in reports]
    count = len(places)
    apart = np.zeros((count, count))
    for row, one in enumerate(places):
        for column in range(row):
            apart[row, column] = apart[column, row] = distance_m(*one, *places[column])
    return apart
