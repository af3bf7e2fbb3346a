"""Where is looked, what stored alerts are compared as, and what is found among them."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from models.duplicates.finder import MOST_COMPARED, DuplicateFinder, as_report, stored_photo
from triage.duplicates.linking import MOST_DUPLICATES
from triage.duplicates.report import Report, SeenPhoto
from triage.duplicates.rules import DuplicateRules
from triage.prediction import Duplicate
from triage.store.records import Neighbour

MakeReport = Callable[..., Report]
Stored = Callable[..., Neighbour]
Weighted = Callable[..., DuplicateFinder]

OLD, NEW = "lampadaire éteint devant le bar", "la lampe du bar est morte"


@pytest.fixture
def stored(finder: DuplicateFinder, report: MakeReport) -> Stored:
    """A report as the store knows it, an hour before noon unless told otherwise."""

    def make(name: str, north_m: float = 5, text: str = OLD, hours: float = -1, **fields: Any) -> Neighbour:
        read = report(name, text, hours=hours, north_m=north_m)
        known = {
            "category_hint": None,
            "category": read.category,
            "state": "open",
            "closed_at": None,
            "cluster_id": None,
            "photos": (),
            "plates": (),
            "vector": read.vector,
            "vector_version": finder.version,
        }
        place = {"lat": read.lat, "lon": read.lon, "distance_m": north_m}
        return Neighbour(seq=1, id=name, text=text, created_at=read.created_at, **{**place, **known, **fields})

    return make


# Where is looked


def test_a_search_follows_the_rules_of_the_category(finder: DuplicateFinder, report: MakeReport) -> None:
    asked = report("new", category="eau_assainissement", hint="Water")
    found = finder.search(asked)
    assert found is not None
    reach = finder.rules.reach("eau_assainissement")
    assert (found.lat, found.lon, found.radius_m) == (asked.lat, asked.lon, reach.radius_m)
    assert asked.created_at - found.since == timedelta(days=finder.rules.recurrence_days)
    assert found.until - asked.created_at == finder.rules.late
    assert (found.limit, found.category_hint) == (MOST_COMPARED, "Water")


def test_nothing_is_looked_for_without_a_place(finder: DuplicateFinder, report: MakeReport) -> None:
    assert finder.search(report("new", lat=None, lon=None)) is None


def test_nothing_is_looked_for_where_the_city_switched_it_off(finder: DuplicateFinder, report: MakeReport) -> None:
    reach = finder.rules.default.model_copy(update={"radius_m": 0})
    fields = finder.rules.model_dump() | {"categories": {"graffiti": reach.model_dump()}}
    quiet = DuplicateFinder(finder.scorer, DuplicateRules.model_validate(fields), finder._read)
    assert quiet.search(report("new", category="graffiti")) is None
    assert quiet.search(report("new", category="voirie")) is not None


def test_an_alert_from_the_beginning_of_the_calendar_is_looked_for(finder: DuplicateFinder, report: MakeReport) -> None:
    assert finder.search(report("new", created_at=datetime(1, 1, 5, tzinfo=UTC))) is not None


# What stored alerts are compared as


def test_a_stored_alert_is_compared_with_all_that_is_known_of_it(finder: DuplicateFinder, stored: Stored) -> None:
    seen = SeenPhoto(b"\x01\x02", 77)
    closed = datetime(2026, 3, 1, tzinfo=UTC)
    found = as_report(
        stored(
            "b",
            category_hint="Lamps",
            cluster_id="c1",
            state="closed",
            closed_at=closed,
            photos=({"label": "x"}, stored_photo(seen)),
            plates=("p1", "p2"),
        ),
        finder.version,
    )
    assert (found.id, found.text, found.hint, found.cluster) == ("b", OLD, "Lamps", "c1")
    assert (found.closed_at, found.photos, found.plates) == (closed, (seen,), {"p1", "p2"})
    assert found.vector is not None


def test_a_time_of_closing_counts_only_while_the_alert_is_closed(finder: DuplicateFinder, stored: Stored) -> None:
    reopened = stored("b", state="open", closed_at=datetime(2026, 1, 1, tzinfo=UTC))
    assert as_report(reopened, finder.version).closed_at is None


def test_a_vector_of_another_model_is_left_out(stored: Stored) -> None:
    assert as_report(stored("b"), "another").vector is None


# What is found


def test_the_duplicate_nearby_is_found_and_joined(weighted: Weighted, report: MakeReport, stored: Stored) -> None:
    found = weighted().find(report("new", NEW), [stored("b", 10.04), stored("far", 100)])
    [duplicate] = found.duplicates
    assert duplicate == Duplicate(
        id="b", probability=0.982, distance_m=10.0, age_hours=1.0, evidence=duplicate.evidence
    )
    assert "within 25 m" in duplicate.evidence
    assert found.linking.join == "b"


def test_evidence_is_what_each_measure_added(weighted: Weighted, report: MakeReport, stored: Stored) -> None:
    [link] = weighted().find(report("new", NEW), [stored("b", 10.04)]).linking.links
    added = [item for item in link.evidence if "contribution" in item]
    assert added == [{"measures": ["distance"], "values": [pytest.approx(10.04, abs=0.01)], "contribution": 4}]
    assert json.loads(json.dumps(link.evidence)) == list(link.evidence)


def test_evidence_can_be_read_in_words_too(weighted: Weighted, report: MakeReport, stored: Stored) -> None:
    found = weighted().find(report("new", NEW), [stored("b", 10.04)])
    said = [item["phrase"] for item in found.linking.links[0].evidence if "phrase" in item]
    assert tuple(said) == found.duplicates[0].evidence


def test_nobody_around_is_nothing_found(finder: DuplicateFinder, report: MakeReport) -> None:
    found = finder.find(report("new"), [])
    assert (found.duplicates, found.linking.join, found.linking.links) == ((), None, ())


def test_withdrawn_alerts_are_not_compared(weighted: Weighted, report: MakeReport, stored: Stored) -> None:
    found = weighted().find(report("new"), [stored("b", state="withdrawn")])
    assert (found.duplicates, found.linking.links) == ((), ())


def test_one_that_was_closed_before_is_a_recurrence_and_is_not_named(
    weighted: Weighted, report: MakeReport, stored: Stored
) -> None:
    closed = {"state": "closed", "closed_at": report(hours=-2).created_at}
    found = weighted().find(report("new"), [stored("b", hours=-50, **closed)])
    assert found.duplicates == ()
    assert (found.linking.join, found.linking.recurrence_of) == (None, "b")


def test_the_likeliest_few_are_named(weighted: Weighted, report: MakeReport, stored: Stored) -> None:
    chosen = weighted(edges=(10, 20, 30), scores=(3, 2, 1, -4))
    crowd = [stored(f"n{number}", 29 - 3 * number) for number in range(9)]
    found = chosen.find(report("new"), crowd).duplicates
    assert len(found) == MOST_DUPLICATES
    assert [item.probability for item in found] == sorted((item.probability for item in found), reverse=True)
    assert {item.id for item in found} <= {"n4", "n5", "n6", "n7", "n8"} | {"n3"}


def test_a_late_arrival_finds_the_younger_one(weighted: Weighted, report: MakeReport, stored: Stored) -> None:
    found = weighted().find(report("new"), [stored("b", hours=20)])
    assert found.linking.join == "b"
    assert found.duplicates[0].age_hours == -20


def test_one_older_than_the_window_is_not_named(weighted: Weighted, report: MakeReport, stored: Stored) -> None:
    found = weighted().find(report("new"), [stored("b", hours=-24 * 100)])
    assert found.linking.join is None
    assert found.duplicates == ()


# Vectors of an older model


def test_neighbours_that_an_older_model_read_are_read_again_together(
    weighted: Weighted, report: MakeReport, stored: Stored
) -> None:
    chosen = weighted(measure="topic", edges=(0.5,), scores=(-4, 4))
    asked: list[Sequence[str]] = []

    def read(texts: Sequence[str]) -> Sequence[bytes]:
        asked.append(list(texts))
        return chosen._read(texts)

    listening = DuplicateFinder(chosen.scorer, chosen.rules, read)
    others = [
        stored("b", vector=b"of another size", vector_version="older"),
        stored("c", text=NEW),
        stored("d", text="trou dans la chaussée", vector=None, vector_version=""),
    ]
    found = listening.find(report("new", OLD), others)
    assert asked == [[OLD, "trou dans la chaussée"]]
    again = [replace(other, vector=report(text=other.text).vector, vector_version=chosen.version) for other in others]
    assert found == chosen.find(report("new", OLD), again)
    assert found.duplicates[0].id == "b"


def test_nothing_is_read_again_where_all_were_read_by_this_model(
    finder: DuplicateFinder, report: MakeReport, stored: Stored
) -> None:
    def refuse(texts: Sequence[str]) -> Sequence[bytes]:
        raise AssertionError(f"{texts} were read again")

    assert DuplicateFinder(finder.scorer, finder.rules, refuse).find(report("new"), [stored("b")]).linking.links


def test_a_vector_of_this_version_that_is_broken_is_not_taken_for_another(
    finder: DuplicateFinder, report: MakeReport, stored: Stored
) -> None:
    with pytest.raises(ValueError, match="no vector of this bundle"):
        finder.find(report("new"), [stored("b", vector=b"broken")])
