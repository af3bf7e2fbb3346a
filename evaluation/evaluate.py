"""Evaluates a bundle and the baselines on labelled alerts: the same figures for every report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evaluation.answers import Answers, HeadAnswers, answer_rows
from evaluation.baseline import TfidfBaseline
from evaluation.decisions import DecisionFigures, decision_figures
from evaluation.intervals import Interval, bootstrap
from evaluation.live.agreement import Agreement
from evaluation.metrics import (
    brier_score,
    expected_calibration_error,
    label_numbers,
    macro_f1_interval,
    top_k_accuracy,
)
from evaluation.robustness import RobustnessFigures, robustness_figures
from evaluation.simple_baselines import Baseline, KeywordBaseline, MajorityBaseline
from models.bundle import Manifest
from models.predictor import Predictor
from triage.corpus import LabelledAlert
from triage.errors import InvalidCorpus
from triage.taxonomy import HEADS, Head, Taxonomy


@dataclass(frozen=True, slots=True)
class HeadFigures:
    """Figures of one head."""

    macro_f1: Interval
    accuracy: Interval
    top_3: Interval
    calibration_error: Interval
    brier: Interval


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Figures of a bundle beside those of the baselines trained on the same rows: all that a report shows.

    Attributes:
        rows: how many were measured.
        model: figures of the bundle.
        baseline: figures of the tf-idf baseline.
        decisions: what the policy did.
        answers: what the bundle answered, row by row.
        simple: figures of the baselines `keyword` and `majority`.
        keywords: per head and code, the words that the keyword baseline counts.
        robustness: the cost of each way of typing.
        human: agreement of two labellers; empty where nobody labelled twice.
        manifest: of the bundle.
        bundle_sha256: digest of the bundle.
    """

    rows: int
    model: Mapping[Head, HeadFigures]
    baseline: Mapping[Head, HeadFigures]
    decisions: DecisionFigures
    answers: Answers
    simple: Mapping[str, Mapping[Head, HeadFigures]]
    keywords: Mapping[Head, Mapping[str, tuple[str, ...]]]
    robustness: Sequence[RobustnessFigures]
    human: Mapping[Head, Agreement]
    manifest: Manifest
    bundle_sha256: str

    def metrics(self) -> dict[str, float]:
        """Flat figures for manifests and MLflow."""
        flat = {"rows": float(self.rows)} | _flat("", self.model) | _flat("baseline_", self.baseline)
        flat |= _flat_decisions(self.decisions)
        for name, heads in self.simple.items():
            flat |= _flat(f"{name}_", heads)
        for change in self.robustness:
            flat |= {f"{change.code}_{head}_macro_f1_drop": drop for head, drop in change.drop.items()}
        for head, human in self.human.items():
            flat |= {f"human_{head}_kappa": human.kappa, f"human_{head}_agreement": human.raw}
        return flat


def evaluate(
    predictor: Predictor,
    rows: Sequence[LabelledAlert],
    train: Sequence[LabelledAlert],
    human: Mapping[Head, Agreement] | None = None,
) -> Evaluation:
    """Measure a predictor on rows, and the baselines trained on `train` on the same rows.

    Args:
        predictor: what is measured.
        rows: alerts that neither it nor the baselines were trained on; one at least.
        train: what the baselines learn from.
        human: agreement of two labellers, from `read_agreement`.

    Raises:
        InvalidCorpus: there is no row to measure, or none to train on.
    """
    if not rows or not train:
        raise InvalidCorpus(f"There is no row to {'train the baselines on' if rows else 'measure'}; name other data.")
    taxonomy = predictor.taxonomy
    answers = answer_rows(predictor, rows)
    keyword = KeywordBaseline(train, taxonomy)
    return Evaluation(
        rows=len(rows),
        model={head: head_figures(answers.heads[head]) for head in HEADS},
        baseline=_baseline_figures(TfidfBaseline(train, taxonomy), rows, taxonomy),
        decisions=decision_figures(answers),
        answers=answers,
        simple={
            "keyword": _baseline_figures(keyword, rows, taxonomy),
            "majority": _baseline_figures(MajorityBaseline(train, taxonomy), rows, taxonomy),
        },
        keywords={head: keyword.keywords(head) for head in HEADS},
        robustness=robustness_figures(predictor, answers),
        human=human or {},
        manifest=predictor.bundle.manifest,
        bundle_sha256=predictor.bundle.sha256,
    )


def head_figures(answers: HeadAnswers) -> HeadFigures:
    """Figures of one head with bootstrap intervals, each over the same draws of rows."""
    truth, probabilities, predicted, right = answers.truth, answers.probabilities, answers.predicted, ~answers.wrong
    count = len(truth)
    return HeadFigures(
        macro_f1=macro_f1_interval(truth, predicted),
        accuracy=bootstrap(lambda rows: float(right[rows].mean()), count),
        top_3=bootstrap(lambda rows: top_k_accuracy(truth[rows], probabilities[rows], 3), count),
        calibration_error=bootstrap(
            lambda rows: expected_calibration_error(truth[rows], probabilities[rows]), count, centred=True
        ),
        brier=bootstrap(lambda rows: brier_score(truth[rows], probabilities[rows]), count),
    )


def _baseline_figures(baseline: Baseline, rows: Sequence[LabelledAlert], taxonomy: Taxonomy) -> dict[Head, HeadFigures]:
    return {
        head: head_figures(HeadAnswers(label_numbers(rows, head, taxonomy), baseline.probabilities(rows, head)))
        for head in HEADS
    }


def _flat(prefix: str, heads: Mapping[Head, HeadFigures]) -> dict[str, float]:
    flat = {}
    for head, figures in heads.items():
        flat[f"{prefix}{head}_macro_f1"] = figures.macro_f1.value
        flat[f"{prefix}{head}_accuracy"] = figures.accuracy.value
        flat[f"{prefix}{head}_top_3"] = figures.top_3.value
        flat[f"{prefix}{head}_calibration_error"] = figures.calibration_error.value
        flat[f"{prefix}{head}_brier"] = figures.brier.value
    return flat


def _flat_decisions(decisions: DecisionFigures) -> dict[str, float]:
    return {
        "decision_routed": decisions.routed.value,
        "decision_routed_error": decisions.routed_error.value,
        "decision_routed_error_upper": decisions.routed_error.upper,
        "decision_urgent_caught": decisions.urgent_caught.value,
        "decision_urgent_caught_lower": decisions.urgent_caught.lower,
        "decision_others_flagged": decisions.others_flagged.value,
    }
