"""The table of targets: figures against limits, and what was not measured."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from evaluation.answers import Answers
from evaluation.evaluate import Evaluation
from evaluation.intervals import Interval
from evaluation.live.intervals import Share
from evaluation.robustness import RobustnessFigures
from evaluation.targets import RARE, Target, targets
from triage.prediction import Decision
from triage.taxonomy import HEADS


def by_name(evaluation: Evaluation) -> dict[str, Target]:
    return {target.name: target for target in targets(evaluation)}


def with_figure(evaluation: Evaluation, head: str, name: str, value: float) -> Evaluation:
    figures = replace(evaluation.model[head], **{name: Interval(value, value - 0.1, value + 0.1)})  # type: ignore[index]
    return replace(evaluation, model={**evaluation.model, head: figures})


@pytest.mark.parametrize(
    ("head", "figure", "name", "limit", "better"),
    [
        ("department", "accuracy", "department accuracy", 0.90, 1),
        ("priority", "macro_f1", "priority macro-F1", 0.78, 1),
        ("category", "top_3", "top-3 category accuracy", 0.97, 1),
        ("category", "calibration_error", "category calibration error", 0.04, -1),
        ("department", "calibration_error", "department calibration error", 0.04, -1),
        ("priority", "calibration_error", "priority calibration error", 0.06, -1),
    ],
)
def test_a_figure_of_a_head_is_held_to_its_limit(
    evaluation: Evaluation, head: str, figure: str, name: str, limit: float, better: int
) -> None:
    for value, reached in ((limit, True), (limit + better * 0.001, True), (limit - better * 0.001, False)):
        target = by_name(with_figure(evaluation, head, figure, value))[name]
        assert target.reached is reached
        assert target.found == f"{value:.3f}"
        assert target.bounds == f"{value - 0.1:.3f}–{value + 0.1:.3f}"


@pytest.mark.parametrize(
    ("field", "name", "reaching", "missing"),
    [
        ("urgent_caught", "critique caught", 95, 94),
        ("others_flagged", "others flagged with them", 12, 13),
        ("routed", "routed, of what is not critique", 70, 69),
        ("routed_error", "category or department wrong among these", 5, 6),
    ],
)
def test_a_decision_is_held_to_its_limit(
    evaluation: Evaluation, field: str, name: str, reaching: int, missing: int
) -> None:
    for hits, status in ((reaching, "reached"), (missing, "missed")):
        decisions = replace(evaluation.decisions, **{field: Share.of(hits, 100)})
        assert by_name(replace(evaluation, decisions=decisions))[name].status == status


def test_the_lower_bound_of_what_is_caught_is_printed(evaluation: Evaluation) -> None:
    share = Share.of(53, 55)
    target = by_name(replace(evaluation, decisions=replace(evaluation.decisions, urgent_caught=share)))
    assert target["critique caught"].bounds == f"lower bound {share.lower:.3f}, 53 of 55"


def test_shares_of_no_rows_are_not_measured(evaluation: Evaluation) -> None:
    decisions = replace(evaluation.decisions, urgent_caught=Share.of(0, 0), routed_error=Share.of(0, 0))
    found = by_name(replace(evaluation, decisions=decisions))
    assert found["critique caught"].status == "not measured"
    assert found["category or department wrong among these"].status == "not measured"


def test_with_a_rare_category_accuracy_is_held_to_the_target(evaluation: Evaluation) -> None:
    names = list(by_name(evaluation))
    assert names[0].startswith("category accuracy")
    assert "category macro-F1" not in names


def test_with_rows_enough_of_each_category_macro_f1_is(
    evaluation: Evaluation, answered: Callable[..., Answers]
) -> None:
    codes = evaluation.answers.codes["category"]
    cases: dict[str, Any] = {}
    for number, code in enumerate(codes * RARE):
        labels = (code, "voirie", "haute")
        cases[f"r{number}"] = (labels, labels, Decision.ROUTE, 0.8)
    assert "category macro-F1" in by_name(replace(evaluation, answers=answered(cases)))


def test_the_worst_head_is_held_to_the_drop_and_all_are_printed(evaluation: Evaluation) -> None:
    drop = dict(zip(HEADS, (0.01, 0.041, -0.002), strict=True))
    change = RobustnessFigures("typos", "typing noise", dict.fromkeys(HEADS, 0.9), drop)
    target = by_name(replace(evaluation, robustness=[change]))["drop in macro-F1, typing noise"]
    assert (target.goal, target.found, target.status) == ("≤ 4 points", "4.10", "missed")
    assert target.bounds == "category +1.00, department +4.10, priority -0.20"


def test_rows_that_are_not_french_are_printed_without_a_target(
    evaluation: Evaluation, answered: Callable[..., Answers]
) -> None:
    name = "category macro-F1 on rows that are not French"
    assert by_name(evaluation)[name].status == "not measured"
    labels = ("voirie", "voirie", "haute")
    answers = answered({"x": (labels, labels, Decision.ROUTE, 0.8)}, langs={"x": "de"})
    target = by_name(replace(evaluation, answers=answers))[name]
    assert (target.found, target.bounds, target.status) == ("1.000", "rows: 1", "printed only")


@pytest.mark.parametrize(("change", "status"), [(-0.004, "reached"), (-0.006, "missed"), (0.02, "reached")])
def test_int8_may_cost_half_a_point_and_may_gain(evaluation: Evaluation, change: float, status: str) -> None:
    metrics = {f"int8_{head}_macro_f1_change": 0.0 for head in HEADS} | {"int8_priority_macro_f1_change": change}
    manifest = evaluation.manifest.model_copy(update={"metrics": metrics})
    assert by_name(replace(evaluation, manifest=manifest))["int8 against float32, loss of macro-F1"].status == status


def test_what_the_bundle_does_not_say_is_not_measured(evaluation: Evaluation) -> None:
    found = by_name(evaluation)
    assert found["int8 against float32, loss of macro-F1"].status == "not measured"
    assert found["faster than PyTorch eager, one thread"].status == "not measured"


def test_the_size_is_that_of_the_files_of_the_text_part(evaluation: Evaluation) -> None:
    target = by_name(evaluation)["encoder and heads on disk"]
    assert (target.found, target.status) == ("37.0 MB", "reached")
