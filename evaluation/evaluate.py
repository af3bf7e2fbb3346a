"""Evaluates a bundle and the baseline on labelled alerts: the same figures for every report."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from evaluation.baseline import TfidfBaseline
from evaluation.metrics import (
    Floats,
    Integers,
    Interval,
    expected_calibration_error,
    label_numbers,
    macro_f1_interval,
    top_k_accuracy,
)
from models.predictor import Predictor
from triage.alert import Alert
from triage.corpus import LabelledAlert
from triage.prediction import Decision, Prediction
from triage.taxonomy import HEADS, Head, Taxonomy

CHUNK = 256


@dataclass(frozen=True, slots=True)
class HeadFigures:
    """Figures of one head."""

    macro_f1: Interval
    accuracy: float
    top_3: float
    calibration_error: float


@dataclass(frozen=True, slots=True)
class DecisionFigures:
    """What the policy did: shares of all rows, errors among the routed, urgent rows caught."""

    routed: float
    routed_error: float
    urgent_caught: float
    others_flagged: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Figures of a bundle beside those of the baseline trained on the same rows."""

    rows: int
    model: Mapping[Head, HeadFigures]
    baseline: Mapping[Head, HeadFigures]
    decisions: DecisionFigures

    def metrics(self) -> dict[str, float]:
        """Flat figures for manifests and MLflow."""
        flat: dict[str, float] = {"rows": float(self.rows)}
        for prefix, heads in (("", self.model), ("baseline_", self.baseline)):
            for head, figures in heads.items():
                flat[f"{prefix}{head}_macro_f1"] = figures.macro_f1.value
                flat[f"{prefix}{head}_accuracy"] = figures.accuracy
                flat[f"{prefix}{head}_top_3"] = figures.top_3
                flat[f"{prefix}{head}_calibration_error"] = figures.calibration_error
        return flat | {f"decision_{name}": value for name, value in asdict(self.decisions).items()}


def evaluate(predictor: Predictor, rows: Sequence[LabelledAlert], train: Sequence[LabelledAlert]) -> Evaluation:
    """Measure a predictor on rows, and the baseline trained on `train` on the same rows."""
    taxonomy = predictor.taxonomy
    predictions = predict_rows(predictor, rows)
    baseline = TfidfBaseline(train, taxonomy)
    model_figures, baseline_figures = {}, {}
    for head in HEADS:
        truth = label_numbers(rows, head, taxonomy)
        model_figures[head] = _figures(truth, _probabilities(predictions, head, taxonomy))
        baseline_figures[head] = _figures(truth, baseline.probabilities(rows, head))
    decisions = _decision_figures(predictions, rows, taxonomy.urgent_priority)
    return Evaluation(len(rows), model_figures, baseline_figures, decisions)


def predict_rows(predictor: Predictor, rows: Sequence[LabelledAlert]) -> list[Prediction]:
    """Predictions of labelled rows, in their order."""
    alerts = [Alert(id=row.id, text=row.text) for row in rows]
    return [
        prediction
        for start in range(0, len(alerts), CHUNK)
        for prediction in predictor.predict(alerts[start : start + CHUNK]).predictions
    ]


def _probabilities(predictions: Sequence[Prediction], head: Head, taxonomy: Taxonomy) -> Floats:
    codes = taxonomy.codes(head)
    values = np.zeros((len(predictions), len(codes)))
    for line, prediction in enumerate(predictions):
        answer = getattr(prediction, head)
        for item in (answer, *answer.alternatives):
            values[line, codes.index(item.code)] = item.confidence
    return values


def _figures(truth: Integers, probabilities: Floats) -> HeadFigures:
    predicted = probabilities.argmax(axis=1)
    return HeadFigures(
        macro_f1=macro_f1_interval(truth, predicted),
        accuracy=float((predicted == truth).mean()),
        top_3=top_k_accuracy(truth, probabilities, 3),
        calibration_error=expected_calibration_error(truth, probabilities),
    )


def _decision_figures(predictions: Sequence[Prediction], rows: Sequence[LabelledAlert], urgent: str) -> DecisionFigures:
    routed = np.array([prediction.decision is Decision.ROUTE for prediction in predictions])
    flagged = np.array([prediction.decision is Decision.ROUTE_AND_REVIEW for prediction in predictions])
    is_urgent = np.array([row.priority == urgent for row in rows])
    wrong = np.array(
        [
            prediction.category.code != row.category or prediction.department.code != row.department
            for prediction, row in zip(predictions, rows, strict=True)
        ]
    )
    return DecisionFigures(
        routed=_share(routed, ~is_urgent),
        routed_error=_share(wrong, routed),
        urgent_caught=_share(flagged, is_urgent),
        others_flagged=_share(flagged, ~is_urgent),
    )


def _share(values: np.ndarray, among: np.ndarray) -> float:
    return float(values[among].mean()) if among.any() else 0.0
