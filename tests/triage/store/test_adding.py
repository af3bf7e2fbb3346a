"""Storing one alert: whole, once, and with everything that belongs to it or not at all."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta, timezone

import pytest

from triage.store.errors import IdTaken, UnknownAlert
from triage.store.personal import PersonalKeys
from triage.store.records import Added, Link, Linking, Neighbour, NewAlert, NewEvent, Search, StoredAlert
from triage.store.store import Store

MakeAlert = Callable[..., NewAlert]
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
HERE = Search(47.3220, 5.0415, 200, NOON - timedelta(days=30), NOON + timedelta(days=2))
RECEIVED = NewEvent("received", {"text": "masked"})


def test_a_stored_alert_comes_back_as_it_was_given(store: Store, make: MakeAlert) -> None:
    new = make(
        "é⟨🙂⟩" * 40,  # 200 characters of several bytes
        text="Fuite d'eau 🙂 « rue Monge »\n\tdevant le 12",
        original="appelez le 06 12 34 56 78",
        category_hint="Eau",
        decision="route_and_review",
        reasons=("urgent", "hésitation"),
        photos=({"label": "flooding", "confidence": 0.9, "hash": [1, 2]}, {}),
        plates=("ab" * 32,),
        prediction={"category": {"code": "eau", "alternatives": [{"code": "voirie", "confidence": 1e-07}]}, "z": None},
    )
    added = store.add(new)
    assert added == Added(store.alert(new.id), created=True)
    assert isinstance(added.alert, StoredAlert)
    given = asdict(new)
    kept = asdict(added.alert)
    assert {name: kept[name] for name in given.keys() & kept.keys()} == {
        name: given[name] for name in given.keys() & kept.keys()
    }
    assert given.keys() - kept.keys() == {"original", "vector", "queue_place"}
    assert (added.alert.state, added.alert.seq, added.alert.cluster_id) == ("open", 1, None)


def test_an_alert_may_have_neither_place_nor_answer_nor_vector(store: Store, make: MakeAlert) -> None:
    empty = dict.fromkeys(("lat", "lon", "category", "department", "priority", "vector", "prediction"))
    alert = store.add(make("bare", text="", **empty), link=lambda _: Linking()).alert
    assert (alert.lat, alert.lon, alert.category, alert.prediction) == (None, None, None, None)
    assert store.near(HERE) == []


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=2)), timezone(timedelta(hours=-11, minutes=-30))])
@pytest.mark.parametrize("year", [1, 1970, 2026, 9999])
def test_times_of_every_zone_and_year_come_back_in_utc(
    store: Store, make: MakeAlert, zone: timezone, year: int
) -> None:
    moment = datetime(year, 6, 15, 23, 59, 59, 999_999, tzinfo=zone)
    alert = store.add(make(created_at=moment)).alert
    assert alert.created_at == moment
    assert alert.created_at.tzinfo is UTC
    found = store.near(Search(47.3220, 5.0415, 5, moment, moment))
    assert [one.created_at for one in found] == [moment]


def test_a_time_without_a_zone_is_refused(store: Store, make: MakeAlert) -> None:
    with pytest.raises(ValueError, match="zone"):
        store.add(make(created_at=datetime(2026, 6, 1)))
    assert store.alert("a-1") is None


def test_a_repeat_gives_the_first_answer_and_does_nothing(store: Store, make: MakeAlert) -> None:
    first = store.add(make(), events=[RECEIVED])

    def never(_: object, __: object = None) -> None:
        pytest.fail("a repeat was linked or told again")

    again = store.add(make(prediction={"other": 1}), link=never, search=HERE, events=never)
    assert again == Added(first.alert, created=False)
    assert len(store.events_since(0, 10)) == 1


def test_an_id_with_other_content_is_refused(store: Store, make: MakeAlert) -> None:
    stored = store.add(make()).alert
    with pytest.raises(IdTaken) as caught:
        store.add(make(text="something else altogether"))
    assert "something" not in str(caught.value)
    assert store.alert("a-1") == stored


def test_the_linker_sees_neighbours_nearest_first_with_what_they_are_compared_by(store: Store, make: MakeAlert) -> None:
    store.add(make("far", lat=47.3229, vector=None, plates=("p",), photos=({"hash": 1},)))
    store.add(make("near", lat=47.3221, category_hint="x"))
    store.add(make("elsewhere", lat=47.4))
    seen: list[Neighbour] = []

    def link(neighbours: Sequence[Neighbour]) -> Linking:
        seen.extend(neighbours)
        return Linking()

    store.add(make("new"), link=link, search=HERE)
    assert [one.id for one in seen] == ["near", "far"]
    assert (seen[0].vector, seen[0].vector_version, seen[0].category_hint) == (b"\x00\xff\x01", "v1", "x")
    assert (seen[1].vector, seen[1].plates, seen[1].photos) == (None, ("p",), ({"hash": 1},))
    assert seen[0].distance_m == pytest.approx(11.1, abs=0.1)


def test_events_are_made_from_the_stored_alert_and_its_links(store: Store, make: MakeAlert) -> None:
    store.add(make("first"))

    def events(alert: StoredAlert, linking: Linking) -> list[NewEvent]:
        return [NewEvent("received", {"seq": alert.seq}), NewEvent("merged", {"with": linking.join})]

    added = store.add(make("second"), link=lambda _: Linking(join="first"), events=events).alert
    told = store.events_since(0, 10)
    assert [(event.alert_id, event.kind, event.body) for event in told] == [
        ("second", "received", {"seq": added.seq}),
        ("second", "merged", {"with": "first"}),
    ]
    assert added.cluster_id is not None


def test_nothing_is_left_of_an_alert_whose_linker_or_events_fail(store: Store, make: MakeAlert) -> None:
    store.add(make("first"))

    def fail(*_: object) -> list[NewEvent]:
        raise RuntimeError("on purpose")

    with pytest.raises(RuntimeError, match="on purpose"):
        store.add(make("x", original="secret"), link=lambda _: Linking(join="first", covers=("first",)), events=fail)
    with pytest.raises(RuntimeError, match="on purpose"):
        store.add(make("x"), link=fail, search=HERE)
    with pytest.raises(UnknownAlert):
        store.add(make("x"), link=lambda _: Linking(links=(Link("nobody", "candidate", 0.5, 1.0, 1.0),)))
    with pytest.raises(TypeError):
        store.add(make("x"), events=[NewEvent("received", {"not JSON": object()})])  # type: ignore[arg-type]
    assert store.alert("x") is None
    first = store.alert("first")
    assert first is not None
    assert (first.cluster_id, first.covered_by) == (None, None)
    assert store.events_since(0, 10) == ()
    assert [one.id for one in store.near(HERE)] == ["first"]
    added = store.add(make("x"), events=[RECEIVED])
    assert added.created
    assert store.original("x", "test", "test") is None


def test_numbers_are_never_used_twice(store: Store, make: MakeAlert) -> None:
    numbers = [store.add(make(f"a-{number}")).alert.seq for number in range(3)]
    assert numbers == sorted(set(numbers))


def test_a_store_without_keys_keeps_no_original(url: str, make: MakeAlert, keys: PersonalKeys) -> None:
    with Store.open(url) as blind:
        blind.add(make(original="appelez le 06 12 34 56 78"))
    with Store.open(url, key=keys) as store:
        assert store.original("a-1", "test", "test") is None


def test_an_alert_is_stored_as_it_was_revised_once_its_neighbours_were_known(store: Store, make: MakeAlert) -> None:
    store.add(make("first"))

    def link(neighbours: Sequence[Neighbour]) -> Linking:
        named = {"duplicates": [neighbour.id for neighbour in neighbours]}
        return Linking(revised=make("second", prediction=named, reasons=("seen",)))

    alert = store.add(make("second"), link, HERE, lambda stored, _: [NewEvent("made", {"of": stored.reasons[0]})]).alert
    assert (alert.prediction, alert.reasons) == ({"duplicates": ["first"]}, ("seen",))
    assert [event.body for event in store.events_since(0, 10)] == [{"of": "seen"}]


def test_the_states_of_several_alerts_are_read_at_once(store: Store, make: MakeAlert) -> None:
    for name in ("open", "closed"):
        store.add(make(name))
    store.close_alert("closed", NOON)
    assert store.states(["open", "closed", "nobody"]) == {"open": "open", "closed": "closed"}
    assert store.states([]) == {}
