"""All that a report says, as plain values: the JSON is these, and the page shows them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.metrics import confusion_matrix

from evaluation.answers import Answers, HeadAnswers
from evaluation.decisions import DecisionFigures, RiskCoverage, ThresholdLine, risk_coverage, threshold_table
from evaluation.evaluate import Evaluation, HeadFigures
from evaluation.live.agreement import Agreement, agreement
from evaluation.metrics import ECE_BINS, confidence_bins
from evaluation.report.errors import WorstError, worst_errors
from evaluation.robustness import RobustnessFigures
from evaluation.slices import SliceFigures, slice_figures
from evaluation.targets import Target, targets
from triage.corpus import corpus_digest
from triage.policy import Thresholds
from triage.taxonomy import HEADS, Head

FORMAT = 1
ALERTS_PER_DAY = 850.0  # the metropolis of Dijon has 700 to 1,000 contacts a day
_CURVE_POINTS = 200
_CONFUSIONS = 8


@dataclass(frozen=True, slots=True)
class Source:
    """Which bundle was measured on what."""

    model: str
    version: str
    bundle_sha256: str
    thresholds: Thresholds
    data: str
    data_sha256: str
    rows: int


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """The rows whose confidence lies from `low` to `high`; means are none where there are no rows."""

    low: float
    high: float
    rows: int
    confidence: float | None
    accuracy: float | None


@dataclass(frozen=True, slots=True)
class Confusions:
    """Counts of truth (line) and answer (column), and the errors that are made most often."""

    codes: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    frequent: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True, slots=True)
class ReportContent:
    """What a report says, section by section."""

    format: int
    source: Source
    targets: Sequence[Target]
    figures: Mapping[str, Mapping[Head, HeadFigures]]
    agreement: Mapping[Head, Agreement]
    human: Mapping[Head, Agreement]
    keywords: Mapping[Head, Mapping[str, tuple[str, ...]]]
    decisions: DecisionFigures
    alerts_per_day: float
    thresholds: Sequence[ThresholdLine]
    risk_coverage: RiskCoverage
    policy_risk_coverage: RiskCoverage
    reliability: Mapping[Head, Sequence[ReliabilityBin]]
    confusions: Mapping[Head, Confusions]
    slices: Sequence[SliceFigures]
    robustness: Sequence[RobustnessFigures]
    worst_errors: Sequence[WorstError]


def report_content(evaluation: Evaluation, data: str, alerts_per_day: float, *, texts: bool = True) -> ReportContent:
    """Gather what a report says.

    Args:
        evaluation: what was measured.
        data: what it was measured on, in words.
        alerts_per_day: how many alerts the city gets, for the review load.
        texts: whether the worst errors show their masked texts.
    """
    answers, manifest = evaluation.answers, evaluation.manifest
    heads = answers.heads
    return ReportContent(
        format=FORMAT,
        source=Source(
            model=manifest.name,
            version=manifest.version,
            bundle_sha256=evaluation.bundle_sha256,
            thresholds=manifest.thresholds,
            data=data,
            data_sha256=corpus_digest(answers.rows),
            rows=evaluation.rows,
        ),
        targets=targets(evaluation),
        figures={"model": evaluation.model, "tf-idf": evaluation.baseline, **evaluation.simple},
        agreement={head: agreement(heads[head].truth.tolist(), heads[head].predicted.tolist()) for head in HEADS},
        human=evaluation.human,
        keywords=evaluation.keywords,
        decisions=evaluation.decisions,
        alerts_per_day=alerts_per_day,
        thresholds=threshold_table(answers, manifest.thresholds.category, alerts_per_day),
        risk_coverage=thinned(risk_coverage(answers)),
        policy_risk_coverage=thinned(risk_coverage(answers, holding=True)),
        reliability={head: reliability_bins(heads[head]) for head in HEADS},
        confusions={head: confusions(answers, head) for head in HEADS},
        slices=slice_figures(answers),
        robustness=evaluation.robustness,
        worst_errors=worst_errors(answers, texts=texts),
    )


def reliability_bins(head: HeadAnswers) -> list[ReliabilityBin]:
    """Mean confidence and accuracy of the rows of each bin of equal width."""
    number = confidence_bins(head.confidence)
    bins = []
    for index in range(ECE_BINS):
        members = number == index
        some = bool(members.any())
        confidence = float(head.confidence[members].mean()) if some else None
        accuracy = float(1 - head.wrong[members].mean()) if some else None
        bins.append(ReliabilityBin(index / ECE_BINS, (index + 1) / ECE_BINS, int(members.sum()), confidence, accuracy))
    return bins


def confusions(answers: Answers, head: Head) -> Confusions:
    """Which codes are taken for which."""
    codes = answers.codes[head]
    found = answers.heads[head]
    counts = confusion_matrix(found.truth, found.predicted, labels=np.arange(len(codes)))
    errors = counts - np.diag(np.diag(counts))
    order = np.argsort(-errors, axis=None, kind="stable")[:_CONFUSIONS]
    pairs = [divmod(int(cell), len(codes)) for cell in order]
    return Confusions(
        codes=codes,
        counts=tuple(tuple(int(count) for count in line) for line in counts),
        frequent=tuple((codes[t], codes[a], int(errors[t, a])) for t, a in pairs if errors[t, a]),
    )


def thinned(curve: RiskCoverage) -> RiskCoverage:
    """The curve at 200 coverages at most, with both ends, so that a report of many rows stays small."""
    if len(curve.coverage) <= _CURVE_POINTS:
        return curve
    kept = np.linspace(0, len(curve.coverage) - 1, _CURVE_POINTS).round().astype(int)
    return RiskCoverage(curve.coverage[kept], curve.risk[kept], curve.area, curve.least_area)
