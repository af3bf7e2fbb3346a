"""Reports of whole areas, and faults that come back after they were closed."""

from collections.abc import Callable
from typing import Any

import pytest

from triage.duplicates.linking import AREA_HOURS, RECURRENCE_M, Compared, link
from triage.duplicates.report import Report
from triage.duplicates.rules import DuplicateRules
from triage.store.records import Linking

MakeReport = Callable[..., Report]
Compare = Callable[..., Compared]
Tie = Callable[..., Linking]


@pytest.fixture
def compared(report: MakeReport) -> Compare:
    """Makes a report as compared with the new one; `closed` is hours after noon."""

    def make(name: str, probability: float = 0.9, closed: float | None = None, **given: Any) -> Compared:
        fields = {"area": False, "away": 10.0, "category": 0.9, "hours": -3.0} | given
        moment = None if closed is None else report(hours=closed).created_at
        other = report(name, hours=fields["hours"], closed_at=moment, cluster=fields.get("cluster"))
        return Compared(other, fields["area"], probability, fields["away"], fields["category"], (), ())

    return make


@pytest.fixture
def tie(report: MakeReport, rules: DuplicateRules) -> Tie:
    """Ties the new report, made at noon, at the threshold 0.6."""
    return lambda *items, area=False: link(report("new"), area, items, rules, 0.6)


# Whole areas


def test_an_area_joins_no_single_fault_but_covers_those_of_the_evening(tie: Tie, compared: Compare) -> None:
    found = tie(compared("lamp"), compared("other lamp", 0.2), area=True)
    assert (found.join, found.covered_by) == (None, None)
    assert found.covers == ("lamp", "other lamp")


def test_a_single_fault_is_covered_by_the_area_and_does_not_join_it(tie: Tie, compared: Compare) -> None:
    found = tie(compared("street", 0.99, area=True))
    assert (found.join, found.covered_by, found.covers) == (None, "street", ())
    assert [(item.other_id, item.kind) for item in found.links] == [("street", "covered_by")]


def test_a_covered_fault_still_joins_its_own_duplicates(tie: Tie, compared: Compare) -> None:
    found = tie(compared("street", 0.99, area=True), compared("lamp", 0.8))
    assert (found.join, found.covered_by) == ("lamp", "street")
    assert {item.other_id: item.kind for item in found.links} == {"street": "covered_by", "lamp": "duplicate"}


def test_an_area_never_joins_two_lamps_to_each_other(tie: Tie, compared: Compare) -> None:
    # The area came first; each lamp is covered by it, and neither is told of the other.
    lamp = tie(compared("street", 0.99, area=True), compared("lamp", 0.1))
    assert (lamp.join, lamp.covered_by) == (None, "street")


def test_two_reports_of_one_area_are_duplicates(tie: Tie, compared: Compare) -> None:
    found = tie(compared("street", 0.8, area=True), area=True)
    assert (found.join, found.covers) == ("street", ())


def test_the_likeliest_area_covers(tie: Tie, compared: Compare) -> None:
    found = tie(compared("street", 0.3, area=True), compared("quarter", 0.4, area=True))
    assert found.covered_by == "quarter"


@pytest.mark.parametrize("area", [True, False])
@pytest.mark.parametrize(
    ("change", "tied"),
    [
        ({"hours": -AREA_HOURS}, True),
        ({"hours": -AREA_HOURS - 0.1}, False),
        ({"hours": AREA_HOURS}, True),
        ({"category": 0.5}, True),
        ({"category": 0.49}, False),
        ({"hours": -3, "closed": -1}, False),
        ({"hours": -3, "closed": 1}, True),
    ],
)
def test_an_area_is_tied_to_faults_of_its_category_within_a_day_that_are_open(
    tie: Tie, compared: Compare, change: dict[str, Any], tied: bool, area: bool
) -> None:
    found = tie(compared("other", 0.3, area=not area, **change), area=area)
    assert (found.covers, found.covered_by) == (
        (("other",) if tied else (), None) if area else ((), "other" if tied else None)
    )


# Recurrence


def test_the_same_place_failing_again_is_a_recurrence_and_no_duplicate(tie: Tie, compared: Compare) -> None:
    found = tie(compared("before", 0.99, hours=-200, closed=-100))
    assert (found.join, found.recurrence_of) == (None, "before")
    assert [(item.other_id, item.kind) for item in found.links] == [("before", "recurrence_of")]


@pytest.mark.parametrize(
    ("change", "comes_back"),
    [
        ({"away": float(RECURRENCE_M)}, True),
        ({"away": RECURRENCE_M + 0.1}, False),
        ({"category": 0.49}, False),
        ({"area": True}, False),
        ({"closed": 1.0}, False),
        ({"hours": -24 * 179.0}, True),
    ],
)
def test_a_recurrence_is_at_the_place_of_the_category_and_of_what_was_closed(
    tie: Tie, compared: Compare, change: dict[str, Any], comes_back: bool
) -> None:
    fields = {"hours": -200.0, "closed": -100.0} | change
    assert tie(compared("before", 0.3, **fields)).recurrence_of == ("before" if comes_back else None)


def test_of_several_the_one_closed_last_comes_back(tie: Tie, compared: Compare) -> None:
    found = tie(compared("long ago", hours=-900, closed=-800), compared("lately", 0.1, hours=-999, closed=-20))
    assert found.recurrence_of == "lately"


def test_who_joins_an_open_cluster_recurs_with_it(tie: Tie, compared: Compare) -> None:
    found = tie(compared("before", hours=-900, closed=-800), compared("first of the new ones", 0.8))
    assert (found.join, found.recurrence_of) == ("first of the new ones", None)


def test_a_cluster_is_judged_by_its_open_members_alone(tie: Tie, compared: Compare) -> None:
    closed = compared("closed", 0.99, cluster="c1", hours=-9, closed=-1)
    assert tie(closed, compared("open", 0.3, cluster="c1")).join is None
    assert tie(closed, compared("open", 0.7, cluster="c1")).join == "open"


def test_an_area_is_no_recurrence_of_a_single_fault(tie: Tie, compared: Compare) -> None:
    assert tie(compared("lamp", 0.3, hours=-200, closed=-100), area=True).recurrence_of is None
