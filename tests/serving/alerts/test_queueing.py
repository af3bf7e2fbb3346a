"""Every stored alert has its place before the staff, or none, and its language."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from serving.alerts.events import (
    MERGED,
    RETURNED,
    REVIEW_UNDONE,
    REVIEWED,
    returned_events,
    reviewed_events,
    undone_events,
)
from triage.errors import InvalidConfiguration
from triage.review.rules import DEFAULT_RULES
from triage.store.base import utc_now
from triage.store.records import QueuePlace, StoredAlert
from triage.store.review_records import MAIN_QUEUE, NewReturn, ReviewDecision
from triage.store.store import Store

Lamp = Callable[..., dict[str, Any]]
Post = Callable[[dict[str, Any]], dict[str, Any]]
HOUR_S = 3_600


@pytest.fixture
def drawn_rules(tmp_path: Path) -> Path:
    """The rules that ship, but everything that is routed is drawn."""
    path = tmp_path / "rules.yaml"
    content = DEFAULT_RULES.read_text(encoding="utf-8")
    path.write_text(content.replace("sample_share: 0.08", "sample_share: 1"), encoding="utf-8")
    return path


def get(stored: Store, name: str) -> StoredAlert:
    alert = stored.alert(name)
    assert alert is not None
    return alert


def test_what_the_model_doubts_waits_by_what_a_mistake_costs(
    service: Any, post: Post, lamp: Lamp, stored: Store
) -> None:
    post(lamp("doubt", text="Lampadaire ?"))
    doubt = get(stored, "doubt")
    assert (doubt.queue, doubt.language) == ("review", "fr")
    rules = service.engine.review_rules
    hours = (doubt.queue_rank or 0) + doubt.received_at.timestamp() / HOUR_S
    assert hours == pytest.approx(rules.costs["normale"] * rules.weights.category * 0.1, abs=0.01)


def test_a_possible_danger_is_the_first_to_be_looked_at(post: Post, lamp: Lamp, stored: Store) -> None:
    post(lamp("doubt", text="Lampadaire ?"))
    post(lamp("danger", text="Fil à nu, danger"))
    rows = stored.queue(("review",), utc_now()).rows
    assert [row.alert.id for row in rows] == ["danger", "doubt"]


def test_what_is_routed_waits_only_where_it_is_drawn(start: Any, lamp: Lamp, drawn_rules: Path, stored: Store) -> None:
    with start(review_rules=drawn_rules) as running:
        for number in range(3):
            assert running.client.post("/v1/alerts", json=lamp(f"drawn-{number}")).status_code == 201
    assert {get(stored, f"drawn-{number}").queue for number in range(3)} == {"sample"}
    rows = stored.queue(MAIN_QUEUE, utc_now()).rows
    assert [row.alert.id for row in rows] == ["drawn-0", "drawn-1", "drawn-2"]


def test_of_what_is_routed_about_one_in_twelve_is_drawn(client: httpx.Client, lamp: Lamp, stored: Store) -> None:
    for number in range(60):
        assert client.post("/v1/alerts", json=lamp(f"lamp-{number}", lat=None, lon=None)).status_code == 201
    assert stored.queue_counts()["sample"] < 20


def test_a_repeat_changes_no_place(client: httpx.Client, lamp: Lamp, stored: Store) -> None:
    doubt = lamp("doubt", text="Lampadaire ?")
    client.post("/v1/alerts", json=doubt)
    before = get(stored, "doubt")
    stored.decide(ReviewDecision("doubt", "anne", utc_now(), None))
    assert client.post("/v1/alerts", json=doubt).status_code == 200
    assert (get(stored, "doubt").queue, before.queue) == (None, "review")


def test_rules_that_do_not_fit_keep_the_service_from_starting(start: Any, tmp_path: Path) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text("costs: {}", encoding="utf-8")
    with pytest.raises(InvalidConfiguration, match=r"rules\.yaml"):
        start(review_rules=path)


def test_events_of_decisions_name_codes_and_no_staff(post: Post, lamp: Lamp, stored: Store) -> None:
    post(lamp("first", lat=None, lon=None))
    post(lamp("again", lat=None, lon=None))
    known = stored.events_since(0, 99)[-1].seq
    answer = ReviewDecision(
        "again", "anne", utc_now(), None, category="voirie", note="?", action="duplicate", duplicate_of="first"
    )
    decided = stored.decide(answer, reviewed_events(answer))
    stored.undo("again", "anne", utc_now(), events=undone_events)
    new = NewReturn("again", "voirie", "eclairage", "Pas pour nous.", "bob", utc_now())
    stored.add_return(new, QueuePlace("review", 1.0), returned_events(new))
    events = stored.events_since(known, 9)
    assert [event.kind for event in events] == [REVIEWED, MERGED, REVIEW_UNDONE, RETURNED]
    assert events[0].body == {
        "category": "voirie",
        "department": "voirie",
        "priority": "normale",
        "action": "duplicate",
    }
    assert events[1].body == {"cluster": decided.cluster_id, "with": "first"}
    assert events[2].body["category"] == "eclairage_public" and events[2].body["cluster"] is None
    assert events[3].body == {"department": "voirie", "proposed": "eclairage"}
    assert not {"anne", "bob", "Pas pour nous."} & {str(value) for event in events for value in event.body.values()}
