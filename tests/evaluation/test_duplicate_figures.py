"""Figures of duplicates against cases counted by hand."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from evaluation.benchmarks.duplicates import bench_duplicates
from evaluation.duplicate_corpus import LinkedReport, read_scenes, true_pairs
from evaluation.duplicate_figures import (
    RULES,
    GeometricRule,
    PairFigures,
    by_scene,
    expected_calibration_error,
    pair_figures,
)
from models.predictor import Predictor
from triage.settings import PROJECT_ROOT

DAY = 24


def linked(
    name: str,
    fault: str = "s1/A",
    *,
    hours: float = 0,
    north_m: float = 0,
    category: str = "voirie",
    covered_by: str | None = None,
) -> LinkedReport:
    moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hours)
    lat = 47.3 + north_m / 111_195
    return LinkedReport(name, "", lat, 5.0, moment, category, fault, "hand_01", False, covered_by)


def pairs(*both: str) -> set[frozenset[str]]:
    return {frozenset(pair.split()) for pair in both}


# Three of one fault, two of another, one alone: four true pairs.
SIX = [linked(name, fault) for name, fault in zip("abcdef", ("s1/A",) * 3 + ("s1/B",) * 2 + ("s1/C",), strict=True)]


# Precision and recall


@pytest.mark.parametrize(
    ("found", "precision", "recall", "f1"),
    [
        (("a b", "a c", "b c", "d e"), 1, 1, 1),
        (("a b", "d e", "d f"), 2 / 3, 1 / 2, 4 / 7),
        (("a b", "b a"), 1, 1 / 4, 2 / 5),
        (("a f",), 0, 0, 0),
        ((), 0, 0, 0),
    ],
)
def test_pairs_are_counted_once_whatever_their_order(
    found: tuple[str, ...], precision: float, recall: float, f1: float
) -> None:
    figures = pair_figures([frozenset(pair.split()) for pair in found], SIX)
    assert (figures.precision, figures.recall, figures.f1) == pytest.approx((precision, recall, f1))


def test_pairs_of_an_area_and_what_it_covers_count_for_neither() -> None:
    reports = [linked("a", "s1/A", covered_by="s1/Z"), linked("b", "s1/A"), linked("z", "s1/Z")]
    assert pair_figures(pairs("a b", "a z"), reports) == PairFigures(1, 1, 1)
    assert pair_figures(pairs("a b", "b z"), reports).precision == 0.5


def test_reports_without_duplicates_divide_by_nothing() -> None:
    assert pair_figures([], [linked("a")]) == PairFigures(0, 0, 0)


# The rules that cities use


def test_a_rule_pairs_those_of_a_category_in_reach_and_time() -> None:
    reports = [
        linked("a"),
        linked("near", hours=1, north_m=49),
        linked("far", hours=1, north_m=-51),
        linked("other", hours=1, category="proprete"),
        linked("late", hours=12 * 7 * DAY + 1),
    ]
    assert RULES[0].pairs(reports) == pairs("near a", "late near")


def test_a_rule_may_keep_the_nearest_earlier_ones_alone() -> None:
    rule = GeometricRule("nearest two", 250, None, nearest=2)
    reports = [linked(name, north_m=north) for name, north in (("a", 0), ("b", 30), ("c", 100))]
    new = linked("new", hours=9999, north_m=60)
    # b is 30 m and c 40 m away; the three others are of the same moment, so none came before another.
    assert rule.pairs([*reports, new]) == pairs("new b", "new c")


def test_the_rules_are_those_of_two_systems_in_use() -> None:
    assert [(rule.radius_m, rule.window, rule.nearest) for rule in RULES] == [
        (50, timedelta(weeks=12), None),
        (250, None, 5),
    ]


def test_a_rule_looks_at_each_scene_alone() -> None:
    reports = [linked("a", "s1/A"), linked("b", "s1/B", hours=1), linked("c", "s2/A", hours=2)]
    assert by_scene(reports, RULES[0].pairs) == pairs("a b")
    assert by_scene([], RULES[0].pairs) == set()


# Calibration


@pytest.mark.parametrize(
    ("probabilities", "truths", "error"),
    [
        ([], [], 0),
        ([0.0, 1.0], [False, True], 0),
        ([1.0, 1.0], [True, False], 0.5),
        # Two bins: 0.15 of which none is true, and 0.85 and 0.89 of which all are.
        ([0.15, 0.85, 0.89], [False, True, True], (0.15 + 0.15 + 0.11) / 3),
        # One bin: mean 0.55, and half are true.
        ([0.51, 0.59], [True, False], 0.05),
    ],
)
def test_the_calibration_error_is_that_of_ten_bins(
    probabilities: list[float], truths: list[bool], error: float
) -> None:
    assert expected_calibration_error(probabilities, truths) == pytest.approx(error)


def test_weights_say_how_much_each_pair_counts() -> None:
    once = expected_calibration_error([0.9, 0.9, 0.2], [True, False, False])
    assert expected_calibration_error([0.9, 0.9, 0.2], [True, False, False], [2, 2, 2]) == pytest.approx(once)
    # The wrong pair weighs nothing: what is left is 0.1 off, and 0.2 off.
    assert expected_calibration_error([0.9, 0.9, 0.2], [True, False, False], [1, 0, 1]) == pytest.approx(0.15)


# A bundle on scenes


@pytest.mark.slow
def test_a_bundle_is_measured_beside_the_rules_on_scenes(duplicate_bundle: Path, duplicate_scenes: Path) -> None:
    predictor = Predictor.load(duplicate_bundle, threads=1)
    assert predictor.finder is not None
    scenes = read_scenes(duplicate_scenes)[:40]
    done: list[int] = []
    table = bench_duplicates(predictor, predictor.finder, scenes, done.append)
    assert sum(done) == len(scenes)
    assert table.compared > len(true_pairs(scenes)) > 0
    assert set(table.rules) == {rule.name for rule in RULES}
    for figures in (table.found, *table.rules.values()):
        assert all(0 <= value <= 1 for value in (figures.precision, figures.recall, figures.f1))
    assert 0 <= table.calibration_error <= 1


# The rules on the whole corpus: it must be hard for them, or it teaches nothing


def test_geometry_alone_is_not_enough_for_the_shipped_scenes() -> None:
    scenes = read_scenes(PROJECT_ROOT / "datasets" / "duplicates")
    for rule in RULES:
        assert pair_figures(by_scene(scenes, rule.pairs), scenes).f1 < 0.75, rule.name
