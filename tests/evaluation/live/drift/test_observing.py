"""What is looked at in a store: the alerts of some time, and what staff said of this bundle's answers."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evaluation.live.answers import SUSPECT
from evaluation.live.drift.kernel import MOST_TEXTS
from evaluation.live.drift.observed import Floats
from evaluation.live.drift.observing import answered, observe, read_store, window_of
from models.reference import Answered, Photos
from triage.prediction import Decision
from triage.review.answers import ModelAnswer, StaffAnswer
from triage.store.records import NewAlert, QueuePlace
from triage.store.review_records import ReviewDecision
from triage.store.store import Store

Said = Callable[..., StaffAnswer]
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
RIGHT = {"category": "voirie", "department": "voirie", "priority": "normale"}
WINDOW = window_of(NOON)


class Lengths:
    """Sees in a text how long it is, and in a vector the same."""

    vector_version = "v1"

    def unseen(self, texts: Sequence[str]) -> list[float]:
        return [1 / len(text) for text in texts]

    def coordinates(self, vectors: Sequence[bytes]) -> Floats:
        return np.array([[len(vector)] for vector in vectors], np.float32).reshape(-1, 1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path / 'alerts.db'}") as opened:
        yield opened


def alert(number: int, days: float = 1, bundle: str = "b", **fields: Any) -> NewAlert:
    at = NOON - timedelta(days=days) + timedelta(seconds=number)
    prediction: dict[str, Any] = {
        head: {"code": code, "confidence": 0.9, "alternatives": []} for head, code in RIGHT.items()
    }
    prediction |= {"decision": "review", "reasons": [], "model": {"bundle_sha256": bundle}}
    whole: dict[str, Any] = RIGHT | {
        "id": f"a-{number}", "text": "x" * (number + 1), "original": None, "lat": None, "lon": None, "created_at": at,
        "received_at": at, "category_hint": None, "decision": "review", "reasons": (), "photos": (), "plates": (),
        "vector": b"v" * (number + 1), "vector_version": "v1", "prediction": prediction,
        "content_sha256": str(number), "queue_place": QueuePlace("review", 0.0),
    }  # fmt: skip
    return NewAlert(**(whole | fields))


def test_the_last_two_weeks_are_looked_at_unless_told_otherwise() -> None:
    assert (WINDOW.since, WINDOW.until) == (NOON - timedelta(days=14), NOON)
    assert window_of(NOON, NOON - timedelta(days=2)).since == NOON - timedelta(days=2)


def test_alerts_are_looked_at_as_far_as_each_thing_is_known(store: Store) -> None:
    store.add(alert(0, language="fr"))
    store.add(alert(1, bundle="other", vector_version="v0"))
    store.add(alert(2, text="", photos=({"key": "p"},)))
    store.add(alert(3, days=30, photos=({"key": "q"},)))
    store.add(alert(4, days=90))
    observed = observe(read_store(store, WINDOW, "b", "v1"), Lengths())
    assert observed.alerts == 3
    assert list(observed.categories) == ["voirie"] * 2
    assert list(observed.confidences) == [0.9] * 2
    assert list(observed.languages) == ["fr", ""]
    assert list(observed.lengths) == [1, 2]
    assert list(observed.unseen) == [1, 0.5]
    assert observed.coordinates.tolist() == [[1.0]]
    assert observed.photos == Photos(alerts=3, with_photo=1)
    assert observed.photos_before == Photos(alerts=1, with_photo=1)
    assert observed.answers == {}


def test_of_many_vectors_some_from_the_whole_time_are_read(store: Store) -> None:
    store.import_many([alert(number, vector=b"v", text="x") for number in range(2 * MOST_TEXTS + 1)])
    stored = read_store(store, WINDOW, "b", "v1")
    assert MOST_TEXTS / 2 < len(stored.vectors) <= MOST_TEXTS
    assert len(stored.arrivals) == 2 * MOST_TEXTS + 1


def test_a_bundle_without_vectors_reads_none(store: Store) -> None:
    store.add(alert(0, vector=None, vector_version=""))
    assert read_store(store, WINDOW, "b", "").vectors == []


def test_answers_of_staff_to_this_bundle_are_counted_over_four_weeks(store: Store) -> None:
    for number, (days, bundle, category) in enumerate(
        [(20, "b", "voirie"), (20, "b", "proprete"), (20, "other", "proprete"), (40, "b", "proprete")]
    ):
        store.add(alert(number, days, bundle))
        decided = NOON - timedelta(days=days - 1)
        store.decide(ReviewDecision(f"a-{number}", "anne", decided, None, **(RIGHT | {"category": category})))
    observed = observe(read_store(store, WINDOW, "b", "v1"), Lengths())
    assert observed.answers == {Decision.REVIEW: Answered(alerts=2, wrong=1)}


def test_first_looks_count_once_and_second_looks_at_labels_not_at_all(said: Said) -> None:
    def model(decision: Decision) -> ModelAnswer:
        return ModelAnswer("b", 0.9, 0.9, decision, ())

    route, review = model(Decision.ROUTE), model(Decision.REVIEW)
    answers = [
        said(1, model=route),
        said(2, model=review, category="eau"),
        said(2, model=review),
        said(3, model=review, category="eau"),
        said(4, model=review, category="eau", queue=SUSPECT),
        said(5, model=None),
    ]
    assert answered(answers) == {
        Decision.ROUTE: Answered(alerts=1, wrong=0),
        Decision.REVIEW: Answered(alerts=2, wrong=1),
    }
