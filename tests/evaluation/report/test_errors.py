"""The worst errors: the surest first, masked, and none that is right."""

from collections.abc import Callable
from typing import Any

from evaluation.answers import Answers
from evaluation.evaluate import Evaluation
from evaluation.report.errors import HeadAnswer, worst_errors
from triage.prediction import Decision

Answered = Callable[..., Answers]
ROAD, TAG = ("voirie", "voirie", "haute"), ("graffiti", "proprete", "haute")


def test_the_surest_errors_come_first_and_right_rows_never(answered: Answered) -> None:
    cases: dict[str, Any] = {
        "a": (ROAD, TAG, Decision.ROUTE, 0.6),
        "b": (ROAD, ROAD, Decision.ROUTE, 0.95),
        "c": (ROAD, TAG, Decision.REVIEW, 0.9),
    }
    assert [(error.id, error.confidence) for error in worst_errors(answered(cases))] == [("c", 0.9), ("a", 0.6)]


def test_no_more_are_shown_than_asked_for(evaluation: Evaluation) -> None:
    assert len(worst_errors(evaluation.answers)) == 7  # all but "a" and "g"
    assert len(worst_errors(evaluation.answers, 3)) == 3


def test_answer_truth_and_confidence_stand_beside_each_other(evaluation: Evaluation) -> None:
    [error] = [error for error in worst_errors(evaluation.answers) if error.id == "b"]
    assert error.heads["department"] == HeadAnswer("proprete", "voirie", 0.8)
    assert {head: answer.wrong for head, answer in error.heads.items()} == {
        "category": False,
        "department": True,
        "priority": False,
    }
    assert error.decision == "route"


def test_personal_data_is_masked(answered: Answered) -> None:
    cases: dict[str, Any] = {"a": (ROAD, TAG, Decision.ROUTE, 0.6)}
    [error] = worst_errors(answered(cases, {"a": "rappelez-moi au 06 39 98 12 34"}))
    assert error.text == "rappelez-moi au <TEL>"


def test_texts_can_be_left_out(evaluation: Evaluation) -> None:
    assert all(error.text is None for error in worst_errors(evaluation.answers, texts=False))
