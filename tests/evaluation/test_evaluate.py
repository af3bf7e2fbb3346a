"""Evaluation of a predictor whose answers were written by hand (see conftest)."""

from collections.abc import Callable
from typing import Any

import pytest

from evaluation.evaluate import Evaluation, evaluate
from evaluation.live.agreement import Agreement
from triage.corpus import LabelledAlert
from triage.errors import InvalidCorpus
from triage.taxonomy import HEADS

Row = Callable[..., LabelledAlert]


def test_accuracy_is_the_share_of_right_answers(evaluation: Evaluation) -> None:
    assert evaluation.rows == 9
    assert evaluation.model["category"].accuracy.value == pytest.approx(6 / 9)
    assert evaluation.model["department"].accuracy.value == pytest.approx(7 / 9)
    assert evaluation.model["priority"].accuracy.value == pytest.approx(5 / 9)


def test_macro_f1_is_that_of_the_classes_that_occur(evaluation: Evaluation) -> None:
    # voirie: 5 of 7 answers right, 5 of 6 found; graffiti: 1 of 2, 1 of 3.
    expected = (2 * 5 / (7 + 6) + 2 * 1 / (2 + 3)) / 2
    assert evaluation.model["category"].macro_f1.value == pytest.approx(expected)


def test_the_calibration_error_compares_accuracy_with_confidence(evaluation: Evaluation) -> None:
    assert evaluation.model["category"].calibration_error.value == pytest.approx(0.8 - 6 / 9)


def test_top_3_reads_the_alternatives(evaluation: Evaluation) -> None:
    # Of the wrong priorities, "critique" and "haute" are second or third in the order of the taxonomy; "basse" is last.
    assert evaluation.model["priority"].top_3.value == pytest.approx(8 / 9)


def test_routed_is_a_share_of_what_is_not_urgent(evaluation: Evaluation) -> None:
    assert evaluation.decisions.routed.value == pytest.approx(4 / 6)


def test_a_wrong_category_or_department_is_an_error_of_routing_and_a_wrong_priority_is_none(
    evaluation: Evaluation,
) -> None:
    # Routed and not urgent: a right, b wrong department, c wrong category, d wrong priority.
    assert evaluation.decisions.routed_error.value == pytest.approx(2 / 4)


def test_urgent_rows_are_caught_where_they_are_flagged(evaluation: Evaluation) -> None:
    assert evaluation.decisions.urgent_caught.value == pytest.approx(1 / 3)


def test_others_flagged_are_a_share_of_what_is_not_urgent(evaluation: Evaluation) -> None:
    assert evaluation.decisions.others_flagged.value == pytest.approx(1 / 6)


def test_without_routed_or_urgent_rows_the_shares_are_of_nothing(predictor: Any, row: Row) -> None:
    rows = [row("e"), row("f-1"), row("d-2")]
    decisions = evaluate(predictor, [row("e")], rows).decisions
    assert decisions.routed.value == 0.0
    assert decisions.routed_error.total == decisions.urgent_caught.total == 0


@pytest.mark.parametrize(("measured", "trained", "said"), [("", "a", "measure"), ("a", "", "train")])
def test_no_rows_are_refused_in_a_sentence(predictor: Any, row: Row, measured: str, trained: str, said: str) -> None:
    with pytest.raises(InvalidCorpus, match=said):
        evaluate(predictor, [row(name) for name in measured], [row(name) for name in trained])


def test_the_brier_score_adds_up_the_squared_distances(evaluation: Evaluation) -> None:
    # Right: 0.2² + 0.197² + 2 · 0.001² of the others; wrong: the truth is at 0.197 (second) or at 0.001.
    right = 0.2**2 + 0.198**2 + 2 * 0.001**2
    second = 0.8**2 + (1 - 0.198) ** 2 + 2 * 0.001**2
    last = 0.8**2 + 0.198**2 + 0.001**2 + (1 - 0.001) ** 2
    # d: "haute" for "basse" and h, i: "haute" for "critique"; f: "critique" for "haute".
    assert evaluation.model["priority"].brier.value == pytest.approx((5 * right + last + 3 * second) / 9)


def test_all_baselines_are_measured_on_the_same_rows(evaluation: Evaluation) -> None:
    assert set(evaluation.baseline) == set(HEADS)
    # Each text is different and known, so tf-idf has learnt them by heart.
    assert evaluation.baseline["category"].accuracy.value == 1.0
    assert evaluation.simple["majority"]["category"].accuracy.value == pytest.approx(6 / 9)
    assert list(evaluation.simple) == ["keyword", "majority"]


def test_flat_figures_have_one_name_each_and_are_plain_numbers(evaluation: Evaluation) -> None:
    flat = evaluation.metrics()
    assert flat["rows"] == 9
    assert flat["category_accuracy"] == evaluation.model["category"].accuracy.value
    assert flat["baseline_priority_macro_f1"] == evaluation.baseline["priority"].macro_f1.value
    assert flat["majority_priority_brier"] == evaluation.simple["majority"]["priority"].brier.value
    assert flat["decision_routed_error"] == evaluation.decisions.routed_error.value
    assert flat["decision_urgent_caught_lower"] == evaluation.decisions.urgent_caught.lower
    assert flat["typos_category_macro_f1_drop"] == 0.0
    assert len(flat) == 1 + 4 * len(HEADS) * 5 + 6 + 4 * len(HEADS)
    assert all(type(value) is float for value in flat.values())


def test_human_agreement_is_among_the_flat_figures(predictor: Any, row: Row) -> None:
    human = {"category": Agreement(3, 0.9, 0.8)}
    flat = evaluate(predictor, [row("a")], [row("a"), row("c")], human).metrics()  # type: ignore[arg-type]
    assert (flat["human_category_agreement"], flat["human_category_kappa"]) == (0.9, 0.8)
