"""Clusters of duplicates: made by a new alert or by hand, merged, left, and in the order of what happened."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from triage.store.change_records import Progress
from triage.store.errors import UnknownAlert
from triage.store.records import Link, Linking, NewAlert, NewEvent, StoredAlert
from triage.store.store import Store

MakeAlert = Callable[..., NewAlert]
Join = Callable[..., StoredAlert]
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
MERGED = [NewEvent("merged", {})]
APART = [NewEvent("apart", {})]


@pytest.fixture
def add(store: Store, make: MakeAlert) -> Join:
    """Stores an alert, joined to another where one is named."""

    def store_it(name: str, join: str | None = None, hours: float = 0, **linking: object) -> StoredAlert:
        new = make(name, created_at=NOON + hours * HOUR)
        return store.add(new, link=lambda _: Linking(join=join, **linking)).alert  # type: ignore[arg-type]

    return store_it


def members(store: Store, name: str) -> tuple[str, ...]:
    alert = store.alert(name)
    assert alert is not None
    cluster = store.cluster(alert.cluster_id) if alert.cluster_id else None
    return cluster.alert_ids if cluster else ()


def test_the_first_duplicate_makes_a_cluster_of_both(store: Store, add: Join) -> None:
    add("a")
    assert members(store, "a") == ()
    assert add("b", join="a", hours=1).cluster_id is not None
    add("c", join="b", hours=2)
    assert members(store, "a") == members(store, "c") == ("a", "b", "c")
    cluster = store.cluster(add("d").cluster_id or "none")
    assert cluster is None


def test_a_late_arrival_stands_where_it_happened(store: Store, add: Join) -> None:
    add("arrived first", hours=5)
    late = add("happened first", join="arrived first", hours=1)
    assert late.cluster_id is not None
    cluster = store.cluster(late.cluster_id)
    assert cluster is not None
    assert cluster.alert_ids == ("happened first", "arrived first")
    assert (cluster.first_at, cluster.last_at) == (NOON + HOUR, NOON + 5 * HOUR)
    assert [alert.id for alert in store.cluster_alerts(late.cluster_id)] == list(cluster.alert_ids)


def test_clusters_merge_by_hand_into_the_one_reported_first_and_both_ids_stay_good(store: Store, add: Join) -> None:
    add("b1", hours=2)
    young = add("b2", join="b1", hours=3).cluster_id
    add("a1", hours=1)
    old = add("a2", join="a1", hours=4).cluster_id
    assert young and old
    merged = store.link("b2", "a2", MERGED)
    assert merged.cluster_id == old
    assert members(store, "a1") == ("a1", "b1", "b2", "a2")
    assert store.cluster(young) == store.cluster(old)
    add("c1", hours=0)
    oldest = add("c2", join="c1", hours=0).cluster_id
    assert oldest
    assert store.link("c1", "a1").cluster_id == oldest
    assert store.cluster(young) == store.cluster(old) == store.cluster(oldest)
    assert [alert.id for alert in store.cluster_alerts(young)] == ["c1", "c2", "a1", "b1", "b2", "a2"]
    assert [event.alert_id for event in store.events_since(0, 9)] == ["b2"]


def test_a_link_by_hand_is_kept_as_a_link_and_a_second_one_changes_nothing(store: Store, add: Join) -> None:
    add("a")
    add("b", hours=1.5)
    first = store.link("b", "a", MERGED)
    assert store.link("b", "a", MERGED) == first
    assert store.link("b", "b", MERGED) == first
    assert store.links("b") == (Link("a", "duplicate", 1.0, 0.0, 1.5),)
    assert store.links("a") == (Link("b", "duplicate", 1.0, 0.0, 1.5),)
    assert len(store.events_since(0, 9)) == 1


def test_a_link_by_hand_keeps_what_the_model_said(store: Store, add: Join) -> None:
    add("a")
    said = Link("a", "candidate", 0.4, 12.0, 3.0, ({"level": "near", "weight": 1.2},))
    add("b", links=(said,))
    store.link("a", "b")
    assert store.links("b") == (Link("a", "duplicate", 0.4, 12.0, 3.0, said.evidence),)
    store.unlink("b")
    assert store.links("b") == store.links("a") == ()
    assert store.links("b", rejected=True) == (Link("a", "rejected", 0.4, 12.0, 3.0, said.evidence),)


def test_alerts_that_were_told_apart_are_not_proposed_again(store: Store, add: Join) -> None:
    add("a")
    said = Link("a", "candidate", 0.4, 12.0, 3.0, ({"level": "near"},))
    before = add("b", links=(said,))
    apart = store.reject("b", "a", APART)
    assert apart.updated_at == before.updated_at and apart.cluster_id is None
    assert store.links("a") == store.links("b") == ()
    assert store.links("a", rejected=True) == (Link("b", "rejected", 0.4, 12.0, 3.0, said.evidence),)
    store.reject("b", "a", APART)
    store.reject("a", "b", APART)
    store.reject("a", "a", APART)
    assert [event.kind for event in store.events_since(0, 9)] == ["apart"]


def test_alerts_that_no_model_compared_may_be_told_apart(store: Store, add: Join) -> None:
    add("a")
    add("b", hours=2)
    store.reject("a", "b")
    assert store.links("b", rejected=True) == (Link("a", "rejected", 0.0, 0.0, 2.0),)


def test_telling_apart_two_of_one_cluster_takes_the_first_out_of_it(store: Store, add: Join) -> None:
    add("a")
    add("b", join="a")
    add("c", join="a")
    assert store.reject("c", "a", APART).cluster_id is None
    assert members(store, "a") == ("a", "b")
    assert {(link.other_id, link.kind) for link in store.links("c", rejected=True)} == {
        ("a", "rejected"),
        ("b", "rejected"),
    }
    assert len(store.events_since(0, 9)) == 1


def test_a_link_by_hand_corrects_that_alerts_were_told_apart(store: Store, add: Join) -> None:
    add("a")
    add("b", join="a")
    add("c", join="a")
    store.unlink("c")
    store.link("c", "a")
    assert members(store, "c") == ("a", "b", "c")
    assert {(link.other_id, link.kind) for link in store.links("c", rejected=True)} == {
        ("a", "duplicate"),
        ("b", "duplicate"),
    }


def test_alerts_without_places_may_be_linked_by_hand(store: Store, add: Join, make: MakeAlert) -> None:
    add("a")
    store.add(make("b", lat=None, lon=None))
    store.link("a", "b")
    assert [link.distance_m for link in store.links("a")] == [None]


def test_leaving_a_cluster_of_two_leaves_none(store: Store, add: Join) -> None:
    add("a")
    cluster_id = add("b", join="a").cluster_id or ""
    left = store.unlink("a", MERGED)
    assert left.cluster_id is None
    assert members(store, "b") == ()
    assert store.cluster(cluster_id) is None
    assert store.unlink("a", MERGED) == left
    assert len(store.events_since(0, 9)) == 1


def test_leaving_a_cluster_of_three_leaves_two(store: Store, add: Join) -> None:
    add("a")
    add("b", join="a")
    add("c", join="a")
    store.unlink("a")
    assert members(store, "b") == ("b", "c")
    assert members(store, "a") == ()


def test_links_are_read_from_both_ends_likeliest_first(store: Store, add: Join) -> None:
    for name in "abc":
        add(name)
    evidence = ("within 25 m", {"level": "text", "weight": -0.5})
    add(
        "new",
        join="a",
        links=(
            Link("b", "candidate", 0.3, 20.0, 2.0),
            Link("a", "duplicate", 0.9, 10.0, 1.0, evidence),
            Link("c", "recurrence_of", 0.8, 1.0, 99.0),
        ),
        recurrence_of="c",
    )
    assert [(link.other_id, link.kind) for link in store.links("new")] == [
        ("a", "duplicate"),
        ("c", "recurrence_of"),
        ("b", "candidate"),
    ]
    assert store.links("a") == (Link("new", "duplicate", 0.9, 10.0, 1.0, evidence),)
    assert [link.other_id for link in store.links("b")] == ["new"]
    assert store.links("c") == ()
    new = store.alert("new")
    assert new is not None and new.recurrence_of == "c"


def test_the_report_of_an_area_covers_earlier_and_later_alerts_and_is_in_no_cluster(store: Store, add: Join) -> None:
    add("lamp", hours=0)
    add("lamp 2", hours=1)
    given = Link("lamp 2", "covered_by", 0.7, 33.0, 4.0, ("outage",))
    area = add("area", hours=2, covers=("lamp", "lamp 2"), links=(given,))
    later = add("lamp 3", hours=3, covered_by="area")
    assert area.cluster_id is None
    assert later.covered_by == "area"
    assert [alert.id for alert in store.covered_alerts("area")] == ["lamp", "lamp 2", "lamp 3"]
    assert store.links("lamp") == (Link("area", "covered_by", 1.0, 0.0, 2.0),)
    assert store.links("lamp 2") == (Link("area", "covered_by", 0.7, 33.0, 4.0, ("outage",)),)
    assert store.links("area") == ()


@pytest.mark.parametrize(
    "linking",
    [{"join": "x"}, {"covered_by": "x"}, {"recurrence_of": "x"}, {"covers": ("x",)}],
)
def test_a_link_to_nobody_is_refused(store: Store, make: MakeAlert, linking: dict[str, str]) -> None:
    with pytest.raises(UnknownAlert):
        store.add(make(), link=lambda _: Linking(**linking))  # type: ignore[arg-type]
    assert store.alert("a-1") is None
    with pytest.raises(UnknownAlert):
        store.link("a-1", "x")
    with pytest.raises(UnknownAlert):
        store.links("a-1")


def test_a_cluster_is_open_while_one_alert_is_and_in_progress_as_soon_as_one_is(store: Store, add: Join) -> None:
    add("a")
    cluster_id = add("b", join="a").cluster_id or ""

    def state() -> str | None:
        cluster = store.cluster(cluster_id)
        return cluster.state if cluster else None

    assert state() == "open"
    store.close_alert("a", NOON)
    assert state() == "open"
    store.reopen_alert("a", NOON)
    store.report_progress("a", Progress("in_progress", NOON))
    assert state() == "in_progress"
    store.close_alert("a", NOON)
    store.withdraw_alert("b", NOON)
    assert state() == "closed"
    store.withdraw_alert("a", NOON)
    assert state() == "withdrawn"


def test_every_alert_that_changes_says_when(store: Store, add: Join) -> None:
    before = add("a").updated_at
    add("b", join="a")
    alert = store.alert("a")
    assert alert is not None and alert.updated_at > before
