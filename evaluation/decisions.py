"""What the policy's decisions are worth, and what other thresholds would bring."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evaluation.answers import Answers
from evaluation.live.intervals import Share
from evaluation.metrics import Booleans, Floats

GRID = (0.0, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.925, 0.95, 0.975, 0.99)


@dataclass(frozen=True, slots=True)
class DecisionFigures:
    """What the policy did.

    Attributes:
        routed: alerts decided `route` among those that are not urgent.
        routed_error: wrong category or department among these.
        urgent_caught: urgent alerts answered as such, or decided `route_and_review`.
        others_flagged: the same among those that are not urgent.
    """

    routed: Share
    routed_error: Share
    urgent_caught: Share
    others_flagged: Share


@dataclass(frozen=True, slots=True)
class ThresholdLine:
    """What one confidence threshold for category and department would bring.

    Attributes:
        threshold: least confidence that routes.
        coverage: alerts routed among those that are not urgent.
        error: wrong category or department among these.
        urgent_routed: urgent alerts that would be routed without a look.
        reviews_per_day: alerts that staff would look at, of `alerts_per_day` that are like the rows measured.
        ships: whether these are the decisions of the bundle itself.
    """

    threshold: float
    coverage: Share
    error: Share
    urgent_routed: int
    reviews_per_day: float
    ships: bool = False


@dataclass(frozen=True, slots=True)
class RiskCoverage:
    """Error among the most confident alerts, for each number of them (El-Yaniv and Wiener, 2010).

    Attributes:
        coverage: shares of the alerts that are not urgent, ascending.
        risk: share of wrong categories or departments among them.
        area: mean risk over all coverages (AURC; Geifman, Uziel and El-Yaniv, 2019).
        least_area: the area if every right answer were surer than every wrong one.
    """

    coverage: Floats
    risk: Floats
    area: float
    least_area: float


def decision_figures(answers: Answers) -> DecisionFigures:
    """Count what the policy decided."""
    routed, urgent, flagged = answers.routed, answers.urgent, answers.flagged
    return DecisionFigures(
        routed=Share.among(routed, ~urgent),
        routed_error=Share.among(answers.misrouted, routed & ~urgent),
        urgent_caught=Share.among(flagged, urgent),
        others_flagged=Share.among(flagged, ~urgent),
    )


def threshold_table(
    answers: Answers, ships: float, alerts_per_day: float, grid: Sequence[float] = GRID
) -> list[ThresholdLine]:
    """What each threshold of a grid would bring, and what the bundle's own decisions bring, by threshold.

    What is possibly urgent, or held for another reason, is looked at whatever its confidence, as the policy does.

    Args:
        answers: the rows.
        ships: the threshold of the bundle.
        alerts_per_day: how many alerts the city gets.
        grid: thresholds to try.
    """
    confidence, held = answers.routing_confidence, answers.held
    lines = [_line(answers, (confidence >= least) & ~held, least, alerts_per_day) for least in grid if least != ships]
    lines.append(_line(answers, answers.routed, ships, alerts_per_day, ships=True))
    return sorted(lines, key=lambda line: line.threshold)


def _line(
    answers: Answers, routed: Booleans, threshold: float, alerts_per_day: float, *, ships: bool = False
) -> ThresholdLine:
    urgent = answers.urgent
    return ThresholdLine(
        threshold=threshold,
        coverage=Share.among(routed, ~urgent),
        error=Share.among(answers.misrouted, routed & ~urgent),
        urgent_routed=int((routed & urgent).sum()),
        reviews_per_day=float(alerts_per_day * (1 - routed.mean())),
        ships=ships,
    )


def risk_coverage(answers: Answers, *, holding: bool = False) -> RiskCoverage:
    """Risk at every coverage of the alerts that are not urgent, by the confidence that the policy compares.

    Alerts of equal confidence come together: among them, errors are spread evenly.

    Args:
        answers: the rows.
        holding: leave out what the policy routes at no threshold, so that the curve ends before all are covered.
    """
    counted = ~answers.urgent & ~answers.held if holding else ~answers.urgent
    wrong, confidence = answers.misrouted[counted], answers.routing_confidence[counted]
    if not len(wrong):
        return RiskCoverage(np.zeros(0), np.zeros(0), 0.0, 0.0)
    numbers = np.arange(1, len(wrong) + 1)
    order = np.argsort(-confidence, kind="stable")
    ends = np.flatnonzero(np.append(np.diff(confidence[order]) != 0, True)) + 1
    errors = np.interp(numbers, [0, *ends], [0, *wrong[order].cumsum()[ends - 1]])
    least = np.maximum(numbers - (~wrong).sum(), 0)
    return RiskCoverage(
        coverage=numbers / (~answers.urgent).sum(),
        risk=errors / numbers,
        area=float((errors / numbers).mean()),
        least_area=float((least / numbers).mean()),
    )
