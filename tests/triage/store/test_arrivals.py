"""What came in of late, on both databases."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from triage.store.figures import Window
from triage.store.records import NewAlert
from triage.store.store import Store

MakeAlert = Callable[..., NewAlert]
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
ALL = Window(NOON - timedelta(days=1), NOON + timedelta(days=1))
PHOTO = {"key": "p", "label": "road_damage"}


def prediction(bundle: str = "b", category: float = 0.9, department: float = 0.8) -> dict[str, Any]:
    answers = {"category": ("voirie", category), "department": ("voirie", department), "priority": ("normale", 0.7)}
    named = {head: {"code": code, "confidence": sure, "alternatives": []} for head, (code, sure) in answers.items()}
    return named | {"decision": "route", "reasons": [], "model": {"bundle_sha256": bundle}}


def test_an_arrival_has_what_the_bundle_answered_and_how_sure_it_was(store: Store, make: MakeAlert) -> None:
    store.add(make(prediction=prediction(), language="fr", text="Un trou"))
    [found] = store.arrivals(ALL, "b")
    assert (found.seq, found.created_at, found.text, found.language) == (1, NOON, "Un trou", "fr")
    assert (found.category, found.confidence, found.has_photo, found.vector_version) == ("voirie", 0.8, False, "v1")


def test_the_last_answer_counts_and_that_of_another_bundle_does_not(store: Store, make: MakeAlert) -> None:
    store.add(make("a-1", prediction=prediction("older")))
    store.add_prediction("a-1", prediction(category=0.6))
    store.add(make("a-2", prediction=prediction(), created_at=NOON + timedelta(hours=1)))
    store.add_prediction("a-2", prediction("newer"))
    store.add(make("a-3", prediction=None, created_at=NOON + timedelta(hours=2)))
    store.add(make("a-4", prediction={"category": None}, created_at=NOON + timedelta(hours=3)))
    found = store.arrivals(ALL, "b")
    assert [arrival.confidence for arrival in found] == [0.6, None, None, None]
    assert [arrival.category for arrival in found] == ["voirie", None, None, None]


def test_arrivals_come_oldest_first_from_the_window_and_of_too_many_the_newest(store: Store, make: MakeAlert) -> None:
    for number in (3, 1, 2):
        store.add(make(f"a-{number}", text=str(number), created_at=NOON + timedelta(minutes=number)))
    assert [arrival.text for arrival in store.arrivals(ALL, "b")] == ["1", "2", "3"]
    assert [arrival.text for arrival in store.arrivals(ALL, "b", limit=2)] == ["2", "3"]
    part = Window(NOON + timedelta(minutes=2), NOON + timedelta(minutes=3))
    assert [arrival.text for arrival in store.arrivals(part, "b")] == ["2"]


def test_of_alerts_about_one_fault_the_first_counts(store: Store, make: MakeAlert) -> None:
    for number in range(4):
        store.add(make(f"a-{number}", text=str(number), created_at=NOON + timedelta(minutes=number)))
    store.link("a-1", "a-3")
    assert [arrival.text for arrival in store.arrivals(ALL, "b")] == ["0", "1", "2"]


def test_alerts_with_photos_are_counted(store: Store, make: MakeAlert) -> None:
    assert store.arrivals_with_photos(ALL) == (0, 0)
    for number, photos in enumerate(((), (PHOTO,), (PHOTO, PHOTO))):
        store.add(make(f"a-{number}", photos=photos, created_at=NOON + timedelta(minutes=number)))
    assert store.arrivals_with_photos(ALL) == (3, 2)
    assert store.arrivals_with_photos(ALL, limit=1) == (1, 1)
    assert store.arrivals_with_photos(Window(NOON, NOON + timedelta(seconds=1))) == (1, 0)
    assert [arrival.has_photo for arrival in store.arrivals(ALL, "b")] == [False, True, True]


def test_vectors_are_read_by_the_numbers_of_their_alerts(store: Store, make: MakeAlert) -> None:
    store.add(make("a-1", vector=b"one"))
    store.add(make("a-2", vector=None, vector_version=""))
    store.add(make("a-3", vector=b"three"))
    assert store.stored_vectors([1, 2, 3, 4]) == {1: b"one", 3: b"three"}
    assert store.stored_vectors([]) == {}


@pytest.mark.parametrize("language", [None, "de"])
def test_a_language_may_be_unknown(store: Store, make: MakeAlert, language: str | None) -> None:
    store.add(make(language=language))
    assert [arrival.language for arrival in store.arrivals(ALL, "b")] == [language]
