"""The search by place and time, against a search that looks at every alert."""

import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from triage.places import distance_m
from triage.store.records import NewAlert, Search
from triage.store.store import Store

MakeAlert = Callable[..., NewAlert]
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
MONTH = timedelta(days=30)

# Half the places lie close together, the others anywhere, poles and antimeridian among them.
PLACES = st.one_of(
    st.tuples(st.floats(47.30, 47.31), st.floats(5.03, 5.04)),
    st.tuples(st.floats(-90, 90), st.floats(-180, 180)),
    st.tuples(st.sampled_from([-90.0, -89.9999, 0.0, 89.9999, 90.0]), st.sampled_from([-180.0, -179.999, 0.0, 180.0])),
)
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2026, 6, 1), timezones=st.just(UTC))
HINTS = st.sampled_from([None, "eau", "Éclairage"])
SEARCHES = st.builds(
    lambda place, radius, ends, limit, hint: Search(*place, radius, min(ends), max(ends), limit, hint),
    PLACES,
    st.one_of(st.floats(0, 2_000), st.floats(0, 21_000_000)),
    st.tuples(MOMENTS, MOMENTS),
    st.integers(1, 60),
    HINTS,
)


def expected(known: list[NewAlert], search: Search) -> list[tuple[float, str]]:
    found = []
    for number, alert in enumerate(known):
        assert alert.lat is not None and alert.lon is not None
        distance = distance_m(search.lat, search.lon, alert.lat, alert.lon)
        if (
            distance <= search.radius_m
            and search.since <= alert.created_at <= search.until
            and (search.category_hint is None or alert.category_hint in {None, search.category_hint})
        ):
            found.append((distance, number, alert.id))
    return [(distance, name) for distance, _, name in sorted(found)[: search.limit]]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(st.data())
def _agrees_with_brute_force(store: Store, make: MakeAlert, known: list[NewAlert], data: st.DataObject) -> None:
    rows = data.draw(st.lists(st.tuples(PLACES, MOMENTS, HINTS), max_size=20))
    new = [
        make(f"n-{len(known) + number}", lat=lat, lon=lon, created_at=moment, category_hint=hint)
        for number, ((lat, lon), moment, hint) in enumerate(rows)
    ]
    store.import_many(new)
    known.extend(new)
    for search in data.draw(st.lists(SEARCHES, min_size=1, max_size=5)):
        found = [(one.distance_m, one.id) for one in store.near(search)]
        assert found == expected(known, search)


def test_a_search_finds_what_looking_at_every_alert_finds(store: Store, make: MakeAlert) -> None:
    _agrees_with_brute_force(store, make, [])


@pytest.mark.parametrize(
    ("centre", "other", "apart_m"),
    [
        ((0.0, 180.0), (0.0, -180.0), 0),
        ((47.0, 179.9999), (47.0, -179.9999), 15.2),
        ((-16.8, -179.999), (-16.8, 179.999), 212.9),
        ((90.0, 0.0), (89.9999, 123.0), 11.1),
        ((-89.9999, -60.0), (-89.9999, 120.0), 22.2),
    ],
)
def test_neighbours_are_found_across_the_antimeridian_and_the_poles(
    store: Store,
    make: MakeAlert,
    centre: tuple[float, float],
    other: tuple[float, float],
    apart_m: float,
) -> None:
    store.add(make(lat=other[0], lon=other[1]))
    (found,) = store.near(Search(*centre, 250, NOON - MONTH, NOON))
    assert found.distance_m == pytest.approx(apart_m, abs=0.1)
    assert store.near(Search(*centre, max(0, apart_m - 1), NOON - MONTH, NOON)) == ([found] if not apart_m else [])


def test_both_ends_of_the_time_belong_to_a_search(store: Store, make: MakeAlert) -> None:
    moments = [NOON - timedelta(microseconds=1), NOON, NOON + MONTH, NOON + MONTH + timedelta(microseconds=1)]
    store.import_many([make(f"a-{number}", created_at=moment) for number, moment in enumerate(moments)])
    found = store.near(Search(47.3220, 5.0415, 1, NOON, NOON + MONTH))
    assert [one.id for one in found] == ["a-1", "a-2"]


def test_only_the_nearest_are_given_and_those_at_one_place_in_order_of_arrival(store: Store, make: MakeAlert) -> None:
    rows = [make(f"a-{number}", lat=47.3220 + (9 - number // 2) * 1e-5) for number in range(20)]
    store.import_many(rows)
    found = store.near(Search(47.3220, 5.0415, 200, NOON, NOON, limit=5))
    assert [one.id for one in found] == ["a-18", "a-19", "a-16", "a-17", "a-14"]


def test_neighbours_in_every_state_are_found_and_say_so(store: Store, make: MakeAlert) -> None:
    for name, change in (("a", store.close_alert), ("b", store.withdraw_alert)):
        store.add(make(name))
        change(name, NOON + MONTH)
    found = store.near(Search(47.3220, 5.0415, 200, NOON, NOON))
    assert [(one.id, one.state, one.closed_at) for one in found] == [
        ("a", "closed", NOON + MONTH),
        ("b", "withdrawn", None),
    ]


def test_more_neighbours_than_fit_into_one_statement_are_found(store: Store, make: MakeAlert) -> None:
    store.import_many([make(f"a-{number}") for number in range(1_200)])
    found = store.near(Search(47.3220, 5.0415, 10, NOON, NOON, limit=1_100))
    assert [one.id for one in found] == [f"a-{number}" for number in itertools.islice(itertools.count(), 1_100)]


def test_the_index_serves_the_search(store: Store, make: MakeAlert) -> None:
    from sqlalchemy import event, text

    store.import_many([make(f"a-{number}", lat=47 + number / 1_000) for number in range(1_000)])
    statements: list[tuple[str, object]] = []
    with store._database.reading("explain") as connection:
        if not store._database.is_sqlite:
            connection.execute(text("SET enable_seqscan = off"))

        def note(_connection: object, _cursor: object, statement: str, parameters: object, *_: object) -> None:
            statements.append((statement, parameters))

        event.listen(connection, "before_cursor_execute", note)
        from triage.store.nearby import near

        near(connection, Search(47.5, 5.0415, 10, NOON, NOON))
        statement, parameters = statements[0]
        event.remove(connection, "before_cursor_execute", note)
        explain = "EXPLAIN QUERY PLAN" if store._database.is_sqlite else "EXPLAIN"
        plan = "\n".join(str(row) for row in connection.exec_driver_sql(f"{explain} {statement}", parameters))  # type: ignore[arg-type]
    if store._database.is_sqlite:
        assert plan.index("SCAN p VIRTUAL TABLE INDEX") < plan.index("SEARCH a USING INTEGER PRIMARY KEY")
    else:
        assert "ix_alerts_place_created_at" in plan
