"""Which cluster a report joins, and what else is said of those around it."""

from collections.abc import Callable
from typing import Any

import pytest

from triage.duplicates.linking import LEAST_LINK, MOST_LINKS, Compared, best_cluster, link
from triage.duplicates.report import Report
from triage.duplicates.rules import DuplicateRules
from triage.store.records import Linking

MakeReport = Callable[..., Report]
Compare = Callable[..., Compared]
Tie = Callable[..., Linking]


@pytest.fixture
def compared(report: MakeReport) -> Compare:
    """Makes a report as compared with the new one: `compared("b", 0.9, cluster="c1", hours=-3)`."""

    def make(
        name: str, probability: float, *, area: bool = False, away: float = 10, category: float = 0.9, **fields: Any
    ) -> Compared:
        other = report(name, **{"hours": -1, **fields})
        return Compared(other, area, probability, away, category, phrases=("said",), evidence=({"of": name},))

    return make


@pytest.fixture
def tie(report: MakeReport, rules: DuplicateRules) -> Tie:
    """Ties the new report, made at noon, at the threshold 0.6."""
    return lambda *items, area=False: link(report("new"), area, items, rules, 0.6)


# Clusters


def test_a_report_joins_its_only_duplicate(tie: Tie, compared: Compare) -> None:
    found = tie(compared("b", 0.9))
    assert found.join == "b"
    assert [(item.other_id, item.kind) for item in found.links] == [("b", "duplicate")]


def test_nothing_around_ties_nothing(tie: Tie) -> None:
    assert tie() == Linking()


def test_the_threshold_itself_is_enough_and_less_is_not(tie: Tie, compared: Compare) -> None:
    assert tie(compared("b", 0.6)).join == "b"
    assert tie(compared("b", 0.5999)).join is None


def test_a_cluster_is_as_likely_as_its_members_on_average(tie: Tie, compared: Compare) -> None:
    one = [compared("b", 0.95, cluster="c1"), compared("c", 0.2, cluster="c1")]
    assert tie(*one).join is None
    assert tie(*one, compared("d", 0.7, cluster="c1")).join == "b"


def test_the_cluster_that_is_likeliest_on_average_is_joined(tie: Tie, compared: Compare) -> None:
    one = [compared("b", 0.99, cluster="c1"), compared("c", 0.5, cluster="c1")]
    two = [compared("d", 0.8, cluster="c2"), compared("e", 0.78, cluster="c2")]
    found = tie(*one, *two)
    assert found.join == "d"
    kinds = {item.other_id: item.kind for item in found.links}
    assert kinds == {"b": "candidate", "c": "candidate", "d": "duplicate", "e": "duplicate"}


def test_reports_without_a_cluster_are_one_each(compared: Compare) -> None:
    items = [compared("b", 0.7), compared("c", 0.8)]
    assert best_cluster(items, 0.6) == [items[1]]


def test_a_report_named_like_a_cluster_is_not_of_it(compared: Compare) -> None:
    items = [compared("b", 0.7, cluster="c"), compared("c", 0.8)]
    assert best_cluster(items, 0.6) == [items[1]]


def test_of_two_that_are_as_likely_the_first_is_joined_whatever_came_later(tie: Tie, compared: Compare) -> None:
    # Neighbours come nearest first, so that the nearest wins.
    assert tie(compared("near", 0.9, away=3), compared("far", 0.9, away=30)).join == "near"


def test_only_the_likeliest_member_is_named_to_be_joined(tie: Tie, compared: Compare) -> None:
    items = [compared(name, value, cluster="c1") for name, value in (("b", 0.8), ("c", 0.9), ("d", 0.7))]
    assert tie(*items).join == "c"


# Time


def test_one_older_than_the_window_is_no_duplicate(tie: Tie, compared: Compare) -> None:
    day = 24
    assert tie(compared("b", 0.9, hours=-60 * day)).join == "b"
    assert tie(compared("b", 0.9, hours=-60 * day - 1)).join is None


def test_a_late_arrival_joins_the_younger_report_that_came_before_it(tie: Tie, compared: Compare) -> None:
    found = tie(compared("b", 0.9, hours=20))
    assert found.join == "b"
    # The age says who is older: negative, since the other was made after this one.
    assert [item.age_hours for item in found.links] == [-20]


def test_a_clock_that_runs_fast_does_not_keep_two_apart(tie: Tie, compared: Compare) -> None:
    assert tie(compared("b", 0.9, hours=0.5)).join == "b"


def test_a_fault_that_was_closed_before_is_no_duplicate(tie: Tie, compared: Compare, report: MakeReport) -> None:
    closed = report(hours=-0.5).created_at
    assert tie(compared("b", 0.99, hours=-30, closed_at=closed)).join is None
    assert tie(compared("b", 0.99, hours=-30, closed_at=report().created_at)).join is None


def test_a_fault_that_was_closed_later_was_still_open(tie: Tie, compared: Compare, report: MakeReport) -> None:
    found = tie(compared("b", 0.9, hours=-30, closed_at=report(hours=1).created_at))
    assert (found.join, found.recurrence_of) == ("b", None)


# Links


def test_links_say_how_likely_how_far_how_old_and_why(tie: Tie, compared: Compare) -> None:
    [found] = tie(compared("b", 0.9, away=12.5, hours=-3)).links
    assert (found.probability, found.distance_m, found.age_hours) == (0.9, 12.5, 3)
    assert found.evidence == ({"of": "b"},)


def test_unlikely_pairs_are_not_kept_and_the_likeliest_come_first(tie: Tie, compared: Compare) -> None:
    found = tie(compared("b", LEAST_LINK - 0.001), compared("c", LEAST_LINK), compared("d", 0.3))
    assert [(item.other_id, item.kind) for item in found.links] == [("d", "candidate"), ("c", "candidate")]


def test_a_crowd_is_kept_to_the_likeliest(tie: Tie, compared: Compare) -> None:
    found = tie(*(compared(f"n{number}", 0.1 + number / 100) for number in range(MOST_LINKS + 9)))
    assert len(found.links) == MOST_LINKS
    assert found.links[0].other_id == f"n{MOST_LINKS + 8}"


def test_an_unlikely_member_of_the_cluster_is_linked_all_the_same(tie: Tie, compared: Compare) -> None:
    sure = [compared(f"n{number}", 0.99, cluster="c1") for number in range(4)]
    found = tie(*sure, compared("odd", 0.01, cluster="c1"))
    assert {item.other_id: item.kind for item in found.links}["odd"] == "duplicate"


def test_what_a_report_is_tied_to_is_linked_in_a_crowd_too(tie: Tie, compared: Compare, report: MakeReport) -> None:
    crowd = [compared(f"n{number}", 0.5) for number in range(MOST_LINKS)]
    closed = compared("before", 0.1, hours=-99, closed_at=report(hours=-9).created_at)
    found = tie(*crowd, closed, compared("street", 0.1, area=True))
    assert (found.recurrence_of, found.covered_by) == ("before", "street")
    assert {item.kind for item in found.links} == {"candidate", "recurrence_of", "covered_by"}
