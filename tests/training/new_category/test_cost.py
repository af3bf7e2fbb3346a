"""The report counts what the others lost, and says so only where it is more than chance."""

import numpy as np
import pytest
from sklearn.metrics import f1_score

from evaluation.answers import Answers, HeadAnswers
from training.new_category.cost import OwnFigures, cost_of
from training.new_category.report import cost_report
from triage.corpus import LabelledAlert
from triage.prediction import Decision
from triage.taxonomy import HEADS

OLD = ("a", "b", "c")
GROWN = ("a", "new", "b", "c")
COUNT = 300


def answered(codes: tuple[str, ...], truth: list[str], said: list[str]) -> Answers:
    rows = tuple(
        LabelledAlert(id=str(number), text="x", category=code, department=code, priority="low")
        for number, code in enumerate(truth)
    )
    ones = np.eye(len(codes))
    head = HeadAnswers(np.array([codes.index(code) for code in truth]), ones[[codes.index(code) for code in said]])
    priority = HeadAnswers(np.zeros(len(truth), int), np.tile([1.0, 0.0], (len(truth), 1)))
    return Answers(
        rows=rows,
        codes=dict.fromkeys(HEADS, codes) | {"priority": ("low", "urgent")},
        heads={"category": head, "department": head, "priority": priority},
        decisions=(Decision.ROUTE,) * len(truth),
        reasons=((),) * len(truth),
        urgent_priority="urgent",
    )


@pytest.fixture
def truth() -> list[str]:
    return [OLD[number % 3] for number in range(COUNT)]


def test_figures_are_those_of_scikit_learn_though_codes_have_moved(truth: list[str]) -> None:
    before = ["c" if number % 7 == 0 else code for number, code in enumerate(truth)]
    after = ["new" if number % 5 == 0 else code for number, code in enumerate(before)]
    cost = cost_of(answered(OLD, truth, before), answered(GROWN, truth, after), [])
    expected = [f1_score(truth, said, labels=list(OLD), average=None) for said in (before, after)]
    assert [item.code for item in cost.categories] == list(OLD)
    assert [item.before for item in cost.categories] == pytest.approx(expected[0])
    assert [item.after for item in cost.categories] == pytest.approx(expected[1])
    assert cost.heads["category"] == pytest.approx((expected[0].mean(), expected[1].mean()))
    assert all(item.low <= item.change <= item.high for item in cost.categories)


def test_a_category_that_lost_a_third_is_worse_and_one_that_lost_a_single_row_is_not(truth: list[str]) -> None:
    after = list(truth)
    for number in [at for at, code in enumerate(truth) if code == "b"][:33]:
        after[number] = "new"
    after[truth.index("c")] = "new"
    cost = cost_of(answered(OLD, truth, truth), answered(GROWN, truth, after), [])
    assert {item.code: item.worse for item in cost.categories} == {"a": False, "b": True, "c": False}
    assert cost.metrics()["cost_categories_worse"] == 1
    assert cost.metrics()["cost_f1_change_b"] < -0.15


def test_nothing_changed_costs_nothing_and_the_report_says_so(truth: list[str]) -> None:
    cost = cost_of(answered(OLD, truth, truth), answered(GROWN, truth, truth), [])
    assert {item.change for item in cost.categories} == {0.0}
    assert "No category lost more than chance explains." in cost_report(cost, "1", "2")


def test_the_new_category_is_judged_by_what_is_found_and_what_is_taken() -> None:
    own = OwnFigures("new", examples=30, judged=30, found=24, department=27, taken=6, left_out=True)
    assert own.recall == pytest.approx(0.8)
    assert own.f1 == pytest.approx(2 * 24 / (30 + 24 + 6))
    assert OwnFigures("new", 0, 0, 0, 0, 0, left_out=False).f1 == 0


def test_the_report_names_who_paid_and_which_rows_to_look_at(truth: list[str]) -> None:
    after = ["new" if code == "b" and number % 2 else code for number, code in enumerate(truth)]
    own = OwnFigures("new", examples=30, judged=30, found=24, department=27, taken=50, left_out=True)
    cost = cost_of(answered(OLD, truth, truth), answered(GROWN, truth, after), [own])
    page = cost_report(cost, "before-1", "after-2", [("h256", "b", "new")])
    assert "**1 lost more than chance explains: `b` (" in page
    assert "24 of 30 are found (recall 0.80), 27 get their department" in page
    assert "- h256: labelled `b`, answered `new`" in page
    table = [line for line in page.splitlines() if line.startswith("| ") and "worse" in line]
    assert [line.split("|")[1].strip() for line in table] == ["b"]
