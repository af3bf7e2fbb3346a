"""The scenes of duplicates that ship: places, times, categories and faults that can be believed."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import combinations
from typing import Any

import pytest

from evaluation.duplicate_corpus import LinkedReport, read_scenes, true_pairs
from triage.alert import Alert
from triage.duplicates.rules import DuplicateRules, load_duplicate_rules
from triage.duplicates.wording import plain_letters
from triage.places import distance_m
from triage.settings import PROJECT_ROOT
from triage.taxonomy import Taxonomy, load_taxonomy

DATASETS = PROJECT_ROOT / "datasets"
FOLDER = DATASETS / "duplicates"

# Dijon's metropole with its communes: south, west, north, east.
BOX = (47.22, 4.90, 47.40, 5.20)
# Authors worked apart; short texts such as a sign turned round come to two people.
MOST_SHARED_TEXTS = 5
# Reports of one fault stand at most so far apart: two residents who reported from home, on either side.
FARTHEST_M = 400
# A slow fault with no known repair stays the same occurrence for up to so long (guide, section 4).
LONGEST = timedelta(days=60)
# Every two scenes of one author are told apart by place.
WIDEST_SCENE_M = 1_000


@pytest.fixture(scope="module")
def scenes() -> tuple[LinkedReport, ...]:
    return read_scenes(FOLDER)


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    """The rows as they stand in the files, with what training does not read."""
    paths = sorted(FOLDER.glob("*.jsonl"))
    return [json.loads(line) for path in paths for line in path.read_text(encoding="utf-8").split("\n") if line]


@pytest.fixture(scope="module")
def taxonomy() -> Taxonomy:
    return load_taxonomy(DATASETS / "taxonomy.yaml")


@pytest.fixture(scope="module")
def rules(taxonomy: Taxonomy) -> DuplicateRules:
    return load_duplicate_rules(DATASETS / "duplicate_rules.yaml", taxonomy)


def faults(scenes: Iterable[LinkedReport]) -> dict[str, list[LinkedReport]]:
    found = defaultdict(list)
    for report in scenes:
        found[report.fault].append(report)
    return found


def apart(one: LinkedReport, two: LinkedReport) -> float:
    return distance_m(one.lat, one.lon, two.lat, two.lon)


def test_there_are_enough_reports_by_enough_authors(scenes: tuple[LinkedReport, ...]) -> None:
    assert len(scenes) >= 900
    assert len({report.hand for report in scenes}) >= 4


def test_ids_are_unique_and_a_scene_has_one_author(scenes: tuple[LinkedReport, ...]) -> None:
    assert max(Counter(report.id for report in scenes).values()) == 1
    authors = defaultdict(set)
    for report in scenes:
        authors[report.scene].add(report.hand)
    assert not {scene for scene, hands in authors.items() if len(hands) > 1}


def test_every_report_is_an_alert_that_the_service_takes(scenes: tuple[LinkedReport, ...]) -> None:
    for report in scenes:
        # Scenes reach into the months after they were written; the clock is not what is tested.
        assert Alert(id=report.id, text=report.text, lat=report.lat, lon=report.lon).has_words


def test_places_lie_in_dijons_metropole(scenes: tuple[LinkedReport, ...]) -> None:
    south, west, north, east = BOX
    assert not [report.id for report in scenes if not (south <= report.lat <= north and west <= report.lon <= east)]


def test_times_are_those_of_dijons_clocks(scenes: tuple[LinkedReport, ...]) -> None:
    for report in scenes:
        assert report.created_at.utcoffset() in {timedelta(hours=1), timedelta(hours=2)}, report.id
        assert 2025 <= report.created_at.year <= 2026, report.id


def test_every_category_of_the_taxonomy_is_told_and_no_other(
    scenes: tuple[LinkedReport, ...], taxonomy: Taxonomy
) -> None:
    assert {report.category for report in scenes} == set(taxonomy.categories)


def test_hardly_a_text_is_told_by_two_authors(scenes: tuple[LinkedReport, ...]) -> None:
    authors = defaultdict(set)
    for report in scenes:
        authors[plain_letters(report.text)].add(report.hand)
    shared = [text for text, hands in authors.items() if len(hands) > 1]
    assert len(shared) <= MOST_SHARED_TEXTS, shared


def test_a_fault_has_one_category_and_is_an_area_or_not(scenes: tuple[LinkedReport, ...]) -> None:
    for fault, members in faults(scenes).items():
        assert len({(report.category, report.area) for report in members}) == 1, fault


def test_reports_of_a_fault_are_near_one_another_in_place_and_time(scenes: tuple[LinkedReport, ...]) -> None:
    for fault, members in faults(scenes).items():
        for one, two in combinations(members, 2):
            assert one.area or apart(one, two) <= FARTHEST_M, fault
            assert abs(one.created_at - two.created_at) <= LONGEST, fault


def test_nearly_all_duplicates_are_within_the_reach_of_the_rules(
    scenes: tuple[LinkedReport, ...], rules: DuplicateRules
) -> None:
    reached = []
    for members in faults(scenes).values():
        for one, two in combinations(members, 2):
            reach = rules.reach(one.category)
            days = abs(one.created_at - two.created_at) <= timedelta(days=reach.days)
            reached.append(days and apart(one, two) <= reach.radius_m)
    assert sum(reached) / len(reached) > 0.98


def test_scenes_are_small(scenes: tuple[LinkedReport, ...]) -> None:
    by_scene = defaultdict(list)
    for report in scenes:
        by_scene[report.scene].append(report)
    for scene, members in by_scene.items():
        assert max(apart(members[0], other) for other in members) <= WIDEST_SCENE_M, scene


def test_there_are_more_hard_pairs_of_two_faults_than_duplicates(scenes: tuple[LinkedReport, ...]) -> None:
    by_scene = defaultdict(list)
    for report in scenes:
        by_scene[report.scene].append(report)
    hard = sum(
        one.fault != two.fault
        and one.category == two.category
        and apart(one, two) <= 150
        and abs(one.created_at - two.created_at) <= timedelta(days=30)
        for members in by_scene.values()
        for one, two in combinations(members, 2)
    )
    assert hard > len(true_pairs(scenes)) > 300


def test_what_covers_a_report_is_an_area_of_its_scene(scenes: tuple[LinkedReport, ...]) -> None:
    areas = {report.fault for report in scenes if report.area}
    covered = [report for report in scenes if report.covered_by]
    assert covered
    for report in covered:
        assert report.covered_by in areas, report.id
        assert not report.area, report.id
        assert (report.covered_by or "").partition("/")[0] == report.scene, report.id


def test_what_came_back_was_closed_before(rows: list[dict[str, Any]]) -> None:
    closed = {row["fault"]: row.get("closed_at") for row in rows}
    back = [row for row in rows if row.get("recurrence_of")]
    assert len(back) > 50
    for row in back:
        before = closed[row["recurrence_of"]]
        assert before, row["id"]
        assert datetime.fromisoformat(before) <= datetime.fromisoformat(row["created_at"]), row["id"]


def test_nothing_is_closed_before_it_was_reported_and_a_fault_is_closed_once(rows: list[dict[str, Any]]) -> None:
    times = defaultdict(set)
    for row in rows:
        times[row["fault"]].add(row.get("closed_at"))
        if row.get("closed_at"):
            assert datetime.fromisoformat(row["created_at"]) <= datetime.fromisoformat(row["closed_at"]), row["id"]
    assert not [fault for fault, moments in times.items() if len(moments) > 1]
