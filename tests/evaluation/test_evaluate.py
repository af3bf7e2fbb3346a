"""Evaluation of a predictor whose answers were written by hand."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from evaluation.evaluate import CHUNK, Evaluation, evaluate, predict_rows
from triage.alert import Alert
from triage.corpus import LabelledAlert
from triage.prediction import Alternative, Answer, Decision, ModelInfo, Prediction
from triage.settings import PROJECT_ROOT
from triage.taxonomy import HEADS, Taxonomy, load_taxonomy

INFO = ModelInfo(name="essai", version="1", taxonomy=1, bundle_sha256="0" * 64)
ROUTE, REVIEW, BOTH = Decision.ROUTE, Decision.REVIEW, Decision.ROUTE_AND_REVIEW

# Id: what is true, what is answered, what the policy decided.
CASES = {
    "a": (("voirie", "voirie", "haute"), ("voirie", "voirie", "haute"), ROUTE),
    "b": (("voirie", "voirie", "basse"), ("voirie", "proprete", "basse"), ROUTE),
    "c": (("graffiti", "proprete", "basse"), ("voirie", "proprete", "basse"), ROUTE),
    "d": (("graffiti", "proprete", "basse"), ("graffiti", "proprete", "haute"), ROUTE),
    "e": (("graffiti", "proprete", "haute"), ("voirie", "voirie", "haute"), REVIEW),
    "f": (("voirie", "voirie", "haute"), ("voirie", "voirie", "critique"), BOTH),
    "g": (("voirie", "voirie", "critique"), ("voirie", "voirie", "critique"), BOTH),
    "h": (("voirie", "voirie", "critique"), ("voirie", "voirie", "haute"), REVIEW),
    "i": (("voirie", "voirie", "critique"), ("graffiti", "voirie", "haute"), ROUTE),
}


class WrittenPredictor:
    """Answers what `CASES` says, each with a confidence of 0.8."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        self.taxonomy = taxonomy
        self.batches: list[int] = []

    def predict(self, alerts: Sequence[Alert]) -> Any:
        self.batches.append(len(alerts))
        return SimpleNamespace(predictions=tuple(self._answer(alert) for alert in alerts))

    def _answer(self, alert: Alert) -> Prediction:
        _, codes, decision = CASES[alert.id.partition("-")[0]]
        answers = {}
        for head, code in zip(HEADS, codes, strict=True):
            others = [other for other in self.taxonomy.codes(head) if other != code]
            shares = [0.2 - 0.001 * (len(others) - 1)] + [0.001] * (len(others) - 1)
            alternatives = tuple(Alternative(code=o, confidence=s) for o, s in zip(others, shares, strict=True))
            answers[head] = Answer(code=code, confidence=0.8, alternatives=alternatives)
        return Prediction(id=alert.id, **answers, decision=decision, reasons=(), model=INFO)


def row(name: str) -> LabelledAlert:
    category, department, priority = CASES[name.partition("-")[0]][0]
    return LabelledAlert(id=name, text=f"texte {name * 3}", category=category, department=department, priority=priority)


@pytest.fixture(scope="module")
def predictor() -> Any:
    return WrittenPredictor(load_taxonomy(PROJECT_ROOT / "datasets" / "taxonomy.yaml"))


@pytest.fixture(scope="module")
def evaluation(predictor: Any) -> Evaluation:
    rows = [row(name) for name in CASES]
    return evaluate(predictor, rows, rows)


def test_accuracy_is_the_share_of_right_answers(evaluation: Evaluation) -> None:
    assert evaluation.rows == len(CASES)
    assert evaluation.model["category"].accuracy == pytest.approx(6 / 9)
    assert evaluation.model["department"].accuracy == pytest.approx(7 / 9)
    assert evaluation.model["priority"].accuracy == pytest.approx(5 / 9)


def test_macro_f1_is_that_of_the_classes_that_occur(evaluation: Evaluation) -> None:
    # voirie: 5 of 7 answers right, 5 of 6 found; graffiti: 1 of 2, 1 of 3.
    expected = (2 * 5 / (7 + 6) + 2 * 1 / (2 + 3)) / 2
    assert evaluation.model["category"].macro_f1.value == pytest.approx(expected)


def test_the_calibration_error_compares_accuracy_with_confidence(evaluation: Evaluation) -> None:
    assert evaluation.model["category"].calibration_error == pytest.approx(0.8 - 6 / 9)


def test_top_3_reads_the_alternatives(evaluation: Evaluation) -> None:
    # Of the wrong priorities, "critique" and "haute" are second or third in the order of the taxonomy; "basse" is last.
    assert evaluation.model["priority"].top_3 == pytest.approx(8 / 9)


def test_routed_is_a_share_of_what_is_not_urgent(evaluation: Evaluation) -> None:
    assert evaluation.decisions.routed == pytest.approx(4 / 6)


def test_a_wrong_category_or_department_is_an_error_of_routing_and_a_wrong_priority_is_none(
    evaluation: Evaluation,
) -> None:
    # Routed: a right, b wrong department, c wrong category, d wrong priority, i wrong category.
    assert evaluation.decisions.routed_error == pytest.approx(3 / 5)


def test_urgent_rows_are_caught_where_they_are_flagged(evaluation: Evaluation) -> None:
    assert evaluation.decisions.urgent_caught == pytest.approx(1 / 3)


def test_others_flagged_are_a_share_of_what_is_not_urgent(evaluation: Evaluation) -> None:
    assert evaluation.decisions.others_flagged == pytest.approx(1 / 6)


def test_without_routed_or_urgent_rows_the_shares_are_zero(predictor: Any) -> None:
    rows = [row("e"), row("f-1"), row("d-2")]
    decisions = evaluate(predictor, [row("e")], rows).decisions
    assert (decisions.routed, decisions.routed_error, decisions.urgent_caught) == (0.0, 0.0, 0.0)


def test_the_baseline_is_measured_on_the_same_rows(evaluation: Evaluation) -> None:
    assert set(evaluation.baseline) == set(HEADS)
    # Each text is different and known, so the baseline has learnt them by heart.
    assert evaluation.baseline["category"].accuracy == 1.0


def test_flat_figures_have_one_name_each_and_are_plain_numbers(evaluation: Evaluation) -> None:
    flat = evaluation.metrics()
    assert flat["rows"] == len(CASES)
    assert flat["category_accuracy"] == evaluation.model["category"].accuracy
    assert flat["baseline_priority_macro_f1"] == evaluation.baseline["priority"].macro_f1.value
    assert flat["decision_routed_error"] == evaluation.decisions.routed_error
    assert len(flat) == 1 + 2 * len(HEADS) * 4 + 4
    assert all(type(value) is float for value in flat.values())


def test_any_number_of_rows_is_asked_in_chunks_and_answered_in_order() -> None:
    predictor = WrittenPredictor(load_taxonomy(PROJECT_ROOT / "datasets" / "taxonomy.yaml"))
    rows = [row(f"{'abc'[number % 3]}-{number}") for number in range(2 * CHUNK + 5)]
    predictions = predict_rows(predictor, rows)  # type: ignore[arg-type]
    assert [prediction.id for prediction in predictions] == [item.id for item in rows]
    assert predictor.batches == [CHUNK, CHUNK, 5]


def test_no_rows_are_no_predictions() -> None:
    predictor = WrittenPredictor(load_taxonomy(PROJECT_ROOT / "datasets" / "taxonomy.yaml"))
    assert predict_rows(predictor, []) == []  # type: ignore[arg-type]
