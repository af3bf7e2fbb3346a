"""Files of alerts read as if they arrived: clusters that grow, pairs, and who is compared at all."""

from collections.abc import Callable
from itertools import permutations

import pytest

from models.duplicates.finder import DuplicateFinder
from models.duplicates.replay import Pair, Replay, in_time, may_match
from models.fusion import Linear
from triage.duplicates.report import Report

MakeReport = Callable[..., Report]
Weighted = Callable[..., DuplicateFinder]
Grow = Callable[..., list[list[str]]]

DAY = 24


@pytest.fixture
def replay(weighted: Weighted) -> Callable[..., Replay]:
    """A replay that took the reports, of which those within 30 m are duplicates."""

    def take(*reports: Report) -> Replay:
        made = Replay(weighted())
        for report in in_time(reports):
            made.take(report)
        return made

    return take


def names(replay: Replay, threshold: float | None = None) -> list[list[str]]:
    return [[report.id for report in cluster] for cluster in replay.clusters(threshold)]


def test_reports_are_taken_in_the_order_of_their_time(report: MakeReport) -> None:
    made = [report("c", hours=3), report("a", hours=-3), report("b", hours=0), report("same time", hours=0)]
    assert [item.id for item in in_time(made)] == ["a", "b", "same time", "c"]


def test_clusters_do_not_depend_on_the_order_of_the_file(replay: Callable[..., Replay], report: MakeReport) -> None:
    made = [report("a"), report("b", hours=1, north_m=25), report("c", hours=2, north_m=20), report("d", north_m=150)]
    found = {str((names(item), sorted(map(str, item.pairs())))) for item in (replay(*p) for p in permutations(made))}
    assert len(found) == 1


def test_duplicates_grow_to_clusters_and_others_stay_alone(replay: Callable[..., Replay], report: MakeReport) -> None:
    found = replay(
        report("a"), report("b", hours=1, north_m=20), report("far", hours=2, north_m=90), report("c", hours=3)
    )
    assert names(found) == [["a", "b", "c"]]


def test_a_cluster_is_joined_by_whom_its_members_want_on_average(
    replay: Callable[..., Replay], report: MakeReport
) -> None:
    # c is 25 m from b and 50 m from a: one for, one against.
    found = replay(report("a"), report("b", hours=1, north_m=25), report("c", hours=2, north_m=50))
    assert names(found) == [["a", "b"]]


def test_every_pair_of_a_cluster_is_written_the_later_first(replay: Callable[..., Replay], report: MakeReport) -> None:
    found = replay(report("a"), report("b", hours=1), report("c", hours=2), report("far", north_m=150))
    assert [(pair.id, pair.duplicate_of) for pair in found.pairs()] == [("b", "a"), ("c", "a"), ("c", "b")]
    assert {pair.probability for pair in found.pairs()} == {0.982}


def test_every_pair_that_was_compared_is_scored(replay: Callable[..., Replay], report: MakeReport) -> None:
    found = replay(report("a"), report("b", hours=1), report("c", hours=2, north_m=100), report("far", north_m=400))
    assert set(found.scored()) == {Pair("b", "a", 0.982), Pair("c", "a", 0.018), Pair("c", "b", 0.018)}


def test_the_threshold_decides_what_grows(replay: Callable[..., Replay], report: MakeReport) -> None:
    found = replay(report("a"), report("b", hours=1, north_m=90))
    assert [names(found, value) for value in (None, 0.01, 0.5)] == [[], [["a", "b"]], []]


def test_two_of_a_cluster_out_of_one_anothers_reach_are_a_pair_all_the_same(
    replay: Callable[..., Replay], report: MakeReport
) -> None:
    # A lamp has a window of 60 days: the third is reached through the second alone.
    found = replay(report("a"), report("b", hours=40 * DAY), report("c", hours=80 * DAY))
    assert {(pair.id, pair.duplicate_of) for pair in found.scored()} == {("b", "a"), ("c", "b")}
    assert {(pair.id, pair.duplicate_of) for pair in found.pairs()} == {("b", "a"), ("c", "b"), ("c", "a")}


def test_reports_without_a_place_are_compared_with_nobody(replay: Callable[..., Replay], report: MakeReport) -> None:
    found = replay(report("a", lat=None, lon=None), report("b", hours=1), report("c", hours=2, lat=None, lon=None))
    assert list(found.scored()) == names(found) == []


def test_no_reports_have_no_clusters(replay: Callable[..., Replay]) -> None:
    assert names(replay()) == list(replay().pairs()) == []


def test_the_same_report_may_be_asked_for_again(replay: Callable[..., Replay], report: MakeReport) -> None:
    found = replay(report("a"), report("b", hours=1))
    assert names(found) == names(found) == [["a", "b"]]


@pytest.mark.parametrize(
    ("one", "two", "compared"),
    [
        ("Lamps", "Lamps", True),
        ("Lamps", "Roads", False),
        ("Lamps", "lamps", False),
        (None, "Lamps", True),
        (None, None, True),
    ],
)
def test_reports_are_kept_apart_where_callers_named_two_categories(
    replay: Callable[..., Replay], report: MakeReport, one: str | None, two: str | None, compared: bool
) -> None:
    reports = report("a", hint=one), report("b", hours=1, hint=two)
    assert may_match(*reports) == may_match(*reports[::-1]) == compared
    assert bool(names(replay(*reports))) == compared


def test_areas_and_single_faults_do_not_grow_together(weighted: Weighted, report: MakeReport) -> None:
    dark, single = "toute la rue est dans le noir, plus aucun lampadaire", "ma lampe ne marche plus"
    chosen = weighted(areas=True)
    layout, described = chosen.scorer._format, chosen.scorer.description
    street, lamp = (layout.unpack(report(text=text).vector or b"").embedding for text in (dark, single))
    # A unit that tells these two texts apart, whatever the smoke run learned.
    way = 1000 * (street - lamp)
    area = Linear(weights=tuple(map(float, way)), bias=-float(way @ (street + lamp) / 2))
    scorer = chosen.scorer.with_description(described.model_copy(update={"area": area}))
    replay = Replay(DuplicateFinder(scorer, chosen.rules, chosen._read))
    for item in (report("street", dark), report("lamp", single, hours=1), report("again", dark, hours=2)):
        replay.take(item)
    assert names(replay) == [["street", "again"]]
