"""Candidates of an alert, best first: who is one, and what their order looks at."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from models.duplicates.finder import DuplicateFinder
from models.duplicates.ranking import CONTEXT, rank, ranking_measures
from models.duplicates.replay import MOST_RANKED, Ranker, RankWindow
from triage.duplicates.evidence import MEASURES
from triage.duplicates.report import Report

MakeReport = Callable[..., Report]
Weighted = Callable[..., DuplicateFinder]
Best = Callable[..., list[str]]

DAY = timedelta(days=1)


@pytest.fixture
def best(weighted: Weighted) -> Best:
    """Ids of the best candidates of the first report, nearer ones better."""

    def find(
        *reports: Report, count: int = 5, before: timedelta = 30 * DAY, after: timedelta = 2 * DAY, radius: float = 200
    ) -> list[str]:
        chosen = weighted(edges=(10, 20, 30, 60, 100), scores=(3, 2, 1, 0, -1, -2))
        ranker = Ranker(chosen, reports, RankWindow(before, after, radius))
        return [name for name, _ in ranker.best(reports[0], count)]

    return find


def test_the_best_come_first_and_no_more_than_asked_for(best: Best, report: MakeReport) -> None:
    others = [report("far", north_m=90), report("near", north_m=5), report("between", north_m=25)]
    assert best(report("a"), *others) == ["near", "between", "far"]
    assert best(report("a"), *others, count=2) == ["near", "between"]


def test_candidates_lie_in_the_window_both_ends_included(best: Best, report: MakeReport) -> None:
    hours = {"oldest": -30 * 24, "too old": -30 * 24 - 0.1, "youngest": 48, "too young": 48.1}
    found = best(report("a"), *(report(name, hours=value) for name, value in hours.items()))
    assert set(found) == {"oldest", "youngest"}


def test_without_a_time_after_only_earlier_ones_are_candidates(best: Best, report: MakeReport) -> None:
    others = [report("before", hours=-1), report("same moment"), report("after", hours=0.1)]
    assert set(best(report("a"), *others, after=timedelta(0))) == {"before", "same moment"}


def test_candidates_lie_in_the_radius(best: Best, report: MakeReport) -> None:
    others = [report("in", north_m=49), report("out", north_m=51)]
    assert best(report("a"), *others, radius=50) == ["in"]
    assert best(report("a"), *others, radius=0) == []


def test_candidates_are_of_the_category_that_the_caller_named(best: Best, report: MakeReport) -> None:
    others = [report("same", hint="Lamps"), report("other", hint="Roads"), report("unnamed")]
    assert set(best(report("a", hint="Lamps"), *others)) == {"same", "unnamed"}


def test_an_alert_is_no_candidate_of_itself_nor_is_one_without_a_place(best: Best, report: MakeReport) -> None:
    assert best(report("a"), report("nowhere", lat=None, lon=None)) == []
    assert best(report("a", lat=None, lon=None), report("b")) == []


def test_a_window_without_length_still_has_the_same_moment(best: Best, report: MakeReport) -> None:
    none = timedelta(0)
    assert best(report("a"), report("b"), report("c", hours=1), before=none, after=none) == ["b"]


def test_the_nearest_of_a_crowd_are_ranked(best: Best, report: MakeReport) -> None:
    crowd = [report(f"n{number}", north_m=number / 2) for number in range(MOST_RANKED + 5)]
    assert len(best(report("a"), *crowd, count=MOST_RANKED + 5)) == MOST_RANKED


def test_probabilities_fall(finder: DuplicateFinder, report: MakeReport) -> None:
    others = [report(str(number), north_m=9 * number, hours=-number) for number in range(9)]
    found = [value for _, value in rank(report("a"), others, finder.scorer, finder.rules)]
    assert found == sorted(found, reverse=True)
    assert len(found) == 9
    assert rank(report("a"), [], finder.scorer, finder.rules) == []


def test_the_order_looks_at_the_pair_and_at_all_candidates(finder: DuplicateFinder, report: MakeReport) -> None:
    new = report("a", "neuf lettres")
    others = [
        report("first", "lampe", hours=-30),
        report("second", "lampe", hours=-10, north_m=10),
        report("third", "lampe", hours=-5, north_m=30),
        report("later", "trou", hours=1, north_m=150),
    ]
    scored = finder.scorer.score(new, others, finder.rules)
    rows = ranking_measures(new, others, scored, finder.scorer)
    assert all(tuple(row) == (*MEASURES, *CONTEXT) for row in rows)
    assert [row["age"] for row in rows] == [30, 10, 5, -1]
    assert [row["crowd_15_m"] for row in rows] == [0, 1, 0, 0]
    assert [row["crowd_50_m"] for row in rows] == [0, 1, 2, 0]
    # The first has nobody before it, the last nobody near; the others' likest is the same text.
    assert [row["first_topic"] for row in rows] == pytest.approx([-1, 1, 1, -1], abs=0.05)
    assert {row["candidates"] for row in rows} == {4}
    assert {row["candidates_day"] for row in rows} == {3}
    assert [row["length"] for row in rows] == [5, 5, 5, 4]
    assert {row["own_length"] for row in rows} == {12}
