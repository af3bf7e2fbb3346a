"""Pages of alerts, against a plain sort of all of them."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from triage.places import Box
from triage.store import pages
from triage.store.errors import BadCursor
from triage.store.records import AlertFilter, NewAlert, StoredAlert
from triage.store.store import Store

MakeAlert = Callable[..., NewAlert]
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
CATEGORIES = ("voirie", "eau", None)
# Few different times, so that many alerts share one.
HOURS = st.integers(0, 6)
LONGITUDES = st.sampled_from([-180.0, -179.5, 0.0, 5.0, 5.00000001, 179.5, 180.0])
LATITUDES = st.sampled_from([-90.0, 0.0, 47.3, 47.30000001, 90.0])
FILTERS = st.builds(
    AlertFilter,
    bbox=st.none()
    | st.builds(lambda w, e, s, n: (w, min(s, n), e, max(s, n)), LONGITUDES, LONGITUDES, LATITUDES, LATITUDES),
    since=st.none() | HOURS.map(lambda hours: NOON + hours * HOUR),
    until=st.none() | HOURS.map(lambda hours: NOON + hours * HOUR),
    category=st.none() | st.sampled_from(["voirie", "eau", "unknown"]),
    state=st.none() | st.sampled_from(["open", "closed", "withdrawn"]),
    categories=st.none() | st.frozensets(st.sampled_from(["voirie", "eau", "unknown"]), min_size=1),
    states=st.none() | st.frozensets(st.sampled_from(["open", "closed", "withdrawn"]), min_size=1),
)


def everything(store: Store, chosen: AlertFilter | None = None, limit: int = 500) -> list[StoredAlert]:
    found: list[StoredAlert] = []
    cursor = None
    while True:
        page = store.alerts(chosen, cursor, limit)
        assert len(page.alerts) <= limit
        found += page.alerts
        cursor = page.cursor
        if cursor is None:
            return found


def is_chosen(alert: StoredAlert, chosen: AlertFilter) -> bool:
    place = alert.lat is not None and alert.lon is not None
    return (
        (chosen.bbox is None or (place and Box(*chosen.bbox).holds(alert.lat, alert.lon)))  # type: ignore[arg-type]
        and (chosen.since is None or alert.created_at >= chosen.since)
        and (chosen.until is None or alert.created_at < chosen.until)
        and chosen.category in {None, alert.category}
        and chosen.state in {None, alert.state}
        and (chosen.categories is None or alert.category in chosen.categories)
        and (chosen.states is None or alert.state in chosen.states)
    )


@pytest.fixture
def filled(store: Store, make: MakeAlert) -> Store:
    """180 alerts in every mixture of time, place, category and state."""
    rows, closed = [], {}
    for number in range(180):
        lon = [-180.0, -179.5, 0.0, 5.0, 5.00000001, 179.5, 180.0][number % 7]
        lat = [-90.0, 0.0, 47.3, 47.30000001, 90.0][number % 5]
        nowhere = {"lat": None, "lon": None} if number % 11 == 0 else {"lat": lat, "lon": lon}
        moment = NOON + (number * 7 % 6) * HOUR
        rows.append(make(f"a-{number}", created_at=moment, category=CATEGORIES[number % 3], **nowhere))
        if number % 4 == 0:
            closed[f"a-{number}"] = moment
    store.import_many(rows, closed)
    return store


@pytest.mark.parametrize("few", [pages._FEW, 1])
def test_pages_hold_what_a_plain_sort_holds(filled: Store, few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "_FEW", few)
    every = sorted(everything(filled), key=lambda alert: (alert.created_at, alert.seq), reverse=True)
    assert len(every) == 180

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
    @given(FILTERS, st.integers(1, 60))
    def check(chosen: AlertFilter, limit: int) -> None:
        assert everything(filled, chosen, limit) == [alert for alert in every if is_chosen(alert, chosen)]

    check()


def test_pages_neither_repeat_nor_leave_out_alerts_while_others_arrive(store: Store, make: MakeAlert) -> None:
    store.import_many([make(f"old-{number}", created_at=NOON + number // 3 * HOUR) for number in range(30)])
    found, cursor, arrived = [], None, 0
    while True:
        page = store.alerts(cursor=cursor, limit=4)
        found += [alert.id for alert in page.alerts if alert.id.startswith("old")]
        cursor = page.cursor
        if cursor is None:
            break
        for hours in (0, 5, 20):  # some are older than the page, some newer
            store.add(make(f"new-{arrived}", created_at=NOON + hours * HOUR))
            arrived += 1
            if arrived > 60:
                break
    assert sorted(found) == sorted({f"old-{number}" for number in range(30)})


def test_a_page_holds_at_most_500_and_at_least_one(store: Store, make: MakeAlert) -> None:
    store.import_many([make(f"a-{number}") for number in range(501)])
    assert [len(store.alerts(limit=limit).alerts) for limit in (-1, 0, 1, 10_000)] == [1, 1, 1, 500]


def test_the_last_page_has_no_cursor_even_when_it_is_full(store: Store, make: MakeAlert) -> None:
    store.import_many([make(f"a-{number}") for number in range(4)])
    first = store.alerts(limit=2)
    assert first.cursor is not None
    assert store.alerts(cursor=first.cursor, limit=2).cursor is None
    assert store.alerts(AlertFilter(category="nothing")).alerts == ()


def encoded(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "é",
        "!!!",
        "AAAA",
        "e30",
        encoded([]),
        encoded(["2026-01-01T00:00:00+00:00"]),
        encoded(["yesterday", 3]),
        encoded(["2026-01-01T00:00:00+00:00", None]),
        encoded(["2026-01-01T00:00:00+00:00", "x"]),
        encoded(["2026-01-01T00:00:00+00:00", -1]),
        encoded(["2026-01-01T00:00:00+00:00", 2**63]),
        encoded(["0001-01-01T00:00:00+14:00", 1]),
        encoded([3, 3]),
        base64.urlsafe_b64encode(b"[" * 100_000).decode(),
        "A" * 10_000,
        encoded(["2026-01-01T00:00:00+00:00", 1]) + "; DROP TABLE alerts",
    ],
)
def test_a_broken_cursor_is_refused(filled: Store, cursor: str) -> None:
    with pytest.raises(BadCursor):
        filled.alerts(cursor=cursor)
