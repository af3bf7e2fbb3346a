"""Answers as arrays: what is true, wrong, routed, flagged and held."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from evaluation.answers import CHUNK, Answers, answer_rows, predict_rows
from evaluation.evaluate import Evaluation
from triage.corpus import LabelledAlert

Row = Callable[..., LabelledAlert]


@pytest.fixture
def answers(evaluation: Evaluation) -> Answers:
    return evaluation.answers


def test_probabilities_of_every_code_are_read_from_the_answer_and_its_alternatives(answers: Answers) -> None:
    category = answers.heads["category"]
    assert category.probabilities.shape == (9, 16)
    np.testing.assert_allclose(category.probabilities.sum(axis=1), 1.0)
    assert category.confidence.tolist() == [0.8] * 9
    assert [answers.codes["category"][code] for code in category.predicted[:4]] == ["voirie"] * 3 + ["graffiti"]


def test_a_row_is_misrouted_by_a_wrong_category_or_department_and_not_by_a_priority(answers: Answers) -> None:
    assert answers.misrouted.tolist() == [False, True, True, False, True, False, False, False, True]


def test_what_was_decided_and_what_is_true_stand_beside_each_other(answers: Answers) -> None:
    assert answers.routed.tolist() == [True] * 4 + [False] * 4 + [True]
    assert answers.urgent.tolist() == [False] * 6 + [True] * 3
    assert answers.flagged.tolist() == [False] * 5 + [True, True, False, False]


def test_what_is_answered_as_urgent_is_flagged_whatever_was_decided(answers: Answers) -> None:
    reviewed = replace(answers, decisions=(answers.decisions[4],) * 9)
    assert reviewed.flagged.tolist() == answers.flagged.tolist()


def test_what_is_flagged_or_has_no_readable_text_is_held_at_any_threshold(answers: Answers) -> None:
    reasons = (("text_missing",), ("language_unknown",), ("category_uncertain", "too_vague"), *[()] * 6)
    held = replace(answers, reasons=reasons).held
    assert held.tolist() == [True, True, False, False, False, True, True, False, False]


def test_the_confidence_of_a_route_is_the_lesser_of_category_and_department(answers: Answers) -> None:
    heads = dict(answers.heads)
    heads["department"] = replace(heads["department"], probabilities=heads["department"].probabilities / 2)
    assert replace(answers, heads=heads).routing_confidence.tolist() == [0.4] * 9


def test_a_part_of_the_rows_keeps_what_belongs_to_them(answers: Answers) -> None:
    part = answers.of(np.array([number in {1, 6} for number in range(9)]))
    assert [row.id for row in part.rows] == ["b", "g"]
    assert part.routed.tolist() == [True, False]
    assert part.urgent.tolist() == [False, True]
    assert part.heads["department"].wrong.tolist() == [True, False]


def test_any_number_of_rows_is_asked_in_chunks_and_answered_in_order(predictor: Any, row: Row) -> None:
    rows = [row(f"{'abc'[number % 3]}-{number}") for number in range(2 * CHUNK + 5)]
    predictions = predict_rows(predictor, rows)
    assert [prediction.id for prediction in predictions] == [item.id for item in rows]
    assert predictor.batches == [CHUNK, CHUNK, 5]


def test_no_rows_are_no_predictions(predictor: Any) -> None:
    assert predict_rows(predictor, []) == []


def test_rows_keep_their_order(predictor: Any, row: Row) -> None:
    found = answer_rows(predictor, [row("g"), row("a")])
    assert [item.id for item in found.rows] == ["g", "a"]
    assert found.urgent.tolist() == [True, False]
