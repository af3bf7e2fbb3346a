"""Labels that look wrong: only where people gave them, and the model is very sure of another code that it knows."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from triage.prediction import Prediction
from triage.review.rules import SuspectRule
from triage.review.suspects import SuspectSearch, Suspicion, suspicion
from triage.store.records import NewAlert, QueuePlace, StoredAlert
from triage.store.review_records import SUSPECT_QUEUE, ReviewDecision
from triage.store.store import Store

Predict = Callable[..., Prediction]
Add = Callable[..., StoredAlert]
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
RULE = SuspectRule(least_other=0.95, most_given=0.02)
SURE = {"eau": 0.97, "voirie": 0.01}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path / 'alerts.db'}") as opened:
        yield opened


@pytest.fixture
def add(store: Store) -> Add:
    """Stores an alert of the archive about the road, with other fields where given."""

    def put(alert_id: str = "a", **fields: Any) -> StoredAlert:
        whole: dict[str, Any] = dict.fromkeys(NewAlert.__dataclass_fields__) | {
            "id": alert_id,
            "text": "Fuite d'eau rue Monge",
            "created_at": NOON,
            "received_at": NOON,
            "category": "voirie",
            "department": "voirie",
            "decision": "route",
            "reasons": ("imported",),
            "photos": (),
            "plates": (),
            "vector_version": "",
            "content_sha256": "",
        }
        return store.add(NewAlert(**(whole | fields))).alert

    return put


@pytest.mark.parametrize(
    ("heads", "found"),
    [
        ({"category": SURE}, 0.97),
        ({"category": SURE, "department": {"eau": 0.99, "voirie": 0.0}}, 0.99),
        ({"category": {"eau": 0.94, "voirie": 0.01}}, None),
        ({"category": {"eau": 0.95, "voirie": 0.05}}, None),
        ({"category": {"eau": 0.99, "autre": 0.01}}, None),
        ({"category": {"voirie": 0.99, "eau": 0.01}}, None),
        ({"priority": {"haute": 0.99, "normale": 0.0}}, None),
    ],
)
def test_a_label_looks_wrong_where_the_model_is_very_sure_of_another_code(
    add: Add, predict: Predict, heads: dict[str, dict[str, float]], found: float | None
) -> None:
    assert suspicion(add(), predict(**heads), RULE) == found


def test_a_label_that_nobody_gave_is_not_judged(add: Add, predict: Predict) -> None:
    assert suspicion(add(category=None, department=None), predict(category=SURE), RULE) is None


def test_the_surest_suspects_are_put_before_staff(store: Store, add: Add, predict: Predict) -> None:
    for number in range(4):
        add(f"archive-{number}")
    add("of a model", reasons=())
    add("without words", text="")
    add("waits already", queue_place=QueuePlace("review", 1.0))
    alert = add("of a person", reasons=())
    store.decide(ReviewDecision("of a person", "anne", NOON, alert.review_id, category="voirie"))
    sure = {"archive-0": 0.96, "archive-1": 0.99, "archive-2": 0.5, "archive-3": 0.97, "of a person": 0.98}
    seen: list[int] = []

    def ask(alerts: Sequence[StoredAlert]) -> list[Prediction]:
        return [predict(category={"eau": sure[one.id], "voirie": 0.0}) for one in alerts]

    search = SuspectSearch(store, ask, RULE)
    assert search.run(3, seen.append) == Suspicion(labelled=5, suspected=4, queued=3)
    names = [row.alert.id for row in store.queue(SUSPECT_QUEUE, NOON).rows]
    assert names == ["archive-1", "of a person", "archive-3"]
    assert sum(seen) == 8
    assert search.run(3).queued == 1
    assert search.run(3) == Suspicion(labelled=1, suspected=0, queued=0)


def test_a_large_store_is_looked_through_in_pages(store: Store, add: Add, predict: Predict) -> None:
    for number in range(3):
        add(f"a-{number}")
    chunks: list[int] = []

    def ask(alerts: Sequence[StoredAlert]) -> list[Prediction]:
        chunks.append(len(alerts))
        return [predict(category=SURE) for _ in alerts]

    assert SuspectSearch(store, ask, RULE, page=2).run(10).queued == 3
    assert chunks == [2, 1]


def test_an_empty_store_has_no_suspects(store: Store) -> None:
    assert SuspectSearch(store, lambda _: [], RULE).run(10) == Suspicion(0, 0, 0)
