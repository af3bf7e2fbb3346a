"""A model that fails, is slow or is not there: alerts are stored all the same, and triaged by themselves later."""

import json
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.serving.alerts.conftest import Service
from triage.settings import Settings
from triage.store.review_records import ReviewDecision
from triage.store.store import Store

MakeAlert = Callable[..., dict[str, Any]]
Start = Callable[..., AbstractContextManager[Any]]
WAITING = {
    "category": None,
    "department": None,
    "priority": None,
    "decision": "review",
    "reasons": ["model_unavailable"],
    "photos": [],
    "duplicates": [],
    "model": None,
}


@pytest.fixture
def failing(service: Any) -> Any:
    """A service whose model fails."""
    service.model.error = RuntimeError("a resident's words")
    return service


def catch_up(service: Any) -> int:
    """Let the background work look once, with the model as it is now."""
    return int(service.on_loop(service.runtime.catch_up.look()))


def mended(service: Any) -> int:
    service.model.error = None
    return catch_up(service)


def told(store: Store, alert_id: str = "lamp-1") -> list[str]:
    return [event.kind.removeprefix("alert.") for event in store.events_since(0, 100) if event.alert_id == alert_id]


def test_an_alert_is_stored_and_put_before_staff(failing: Any, lamp: MakeAlert, stored: Store) -> None:
    client = failing.client
    answer = client.post("/v1/alerts", json=lamp(text="Lampadaire éteint, appelez le 06 12 34 56 78"))
    assert answer.status_code == 202
    assert answer.json() == {"id": "lamp-1"} | WAITING
    shown = client.get(answer.headers["Location"]).json()
    assert (shown["text"], shown["prediction"]) == ("Lampadaire éteint, appelez le <TEL>", None)
    kept = stored.alert("lamp-1")
    assert kept is not None
    assert kept.queue == "review"
    assert told(stored) == ["received", "sent_to_review"]
    assert "06 12 34 56 78" in (stored.original("lamp-1", "test", "test") or "")


def test_a_repeat_is_harmless_and_another_alert_under_its_id_refused(failing: Any, lamp: MakeAlert) -> None:
    client = failing.client
    first = client.post("/v1/alerts", json=lamp())
    again = client.post("/v1/alerts", json=lamp())
    assert (again.status_code, again.json()) == (202, first.json())
    assert client.post("/v1/alerts", json=lamp(text="Un trou")).status_code == 409
    assert len(client.get("/v1/alerts").json()["alerts"]) == 1


def test_what_is_only_predicted_is_a_503_that_says_when_to_come_back(failing: Any, lamp: MakeAlert) -> None:
    for route, body in (("/v1/predict", lamp()), ("/v1/predict/batch", {"alerts": [lamp()]})):
        answer = failing.client.post(route, json=body)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        assert answer.json()["type"] == "urn:triage:problem:model_unavailable"
        assert "words" not in answer.text


@pytest.fixture
def failing_on_each(on_each: Any) -> Any:
    on_each.model.error = RuntimeError("no")
    return on_each


def test_it_is_triaged_by_itself_and_linked_once_the_model_answers(failing_on_each: Any, lamp: MakeAlert) -> None:
    service, client = failing_on_each, failing_on_each.client
    client.post("/v1/alerts", json=lamp("lamp-0"))
    client.post("/v1/alerts", json=lamp())
    assert mended(service) == 2
    assert catch_up(service) == 0
    answer = client.post("/v1/alerts", json=lamp())
    assert answer.status_code == 200
    assert (answer.json()["decision"], answer.json()["reasons"]) == ("route", [])
    assert [duplicate["id"] for duplicate in answer.json()["duplicates"]] == ["lamp-0"]
    shown = client.get("/v1/alerts/lamp-1").json()
    assert (shown["category"], shown["decision"]) == ("eclairage_public", "route")
    assert shown["cluster"] == client.get("/v1/alerts/lamp-0").json()["cluster"] is not None
    with Store.open(service.settings.store_url, key=service.personal_keys) as store:
        assert told(store) == ["received", "sent_to_review", "triaged", "merged"]
        assert store.queue_counts()["review"] == 0
        assert store.count_untriaged(datetime.now(UTC)).waiting == 0


def test_the_metrics_count_what_waits(failing: Any, lamp: MakeAlert) -> None:
    client = failing.client
    for number in range(3):
        client.post("/v1/alerts", json=lamp(f"lamp-{number}"))
    failing.model.error = None
    assert "triage_unanswered_total 3.0" in client.get("/metrics").text
    catch_up(failing)
    assert "triage_untriaged 0.0" in client.get("/metrics").text


def test_an_alert_that_the_model_fails_at_is_asked_for_again_after_a_pause(
    failing: Any, lamp: MakeAlert, stored: Store
) -> None:
    failing.client.post("/v1/alerts", json=lamp())
    assert catch_up(failing) == 0
    asked = failing.model.asked
    assert mended(failing) == 0, "it was asked for again at once"
    assert failing.model.asked == asked
    later = datetime.now(UTC) + timedelta(seconds=6)
    assert stored.count_untriaged(later).due == 1


def test_a_persons_answer_stays_and_only_what_is_new_is_told(failing: Any, lamp: MakeAlert, stored: Store) -> None:
    failing.client.post("/v1/alerts", json=lamp())
    codes = {"category": "voirie", "department": "voirie", "priority": "haute"}
    decision = ReviewDecision("lamp-1", "a.petit", datetime.now(UTC), None, **codes)
    stored.decide(decision)
    assert mended(failing) == 1
    kept = stored.alert("lamp-1")
    assert kept is not None
    assert (kept.category, kept.priority, kept.queue) == ("voirie", "haute", None)
    assert kept.prediction is not None
    assert kept.prediction["category"]["code"] == "eclairage_public"
    assert "triaged" not in told(stored)


def test_a_plate_is_kept_as_a_digest_though_no_model_read_it(failing: Any, lamp: MakeAlert, stored: Store) -> None:
    failing.client.post("/v1/alerts", json=lamp(text="Lampadaire tombé sur AB-123-CD"))
    before = stored.alert("lamp-1")
    mended(failing)
    after = stored.alert("lamp-1")
    assert before is not None and after is not None
    assert before.plates == after.plates == (failing.personal_keys.plate_digest("AB-123-CD"),)


def test_photos_wait_encrypted_and_are_read_later(
    failing: Any, lamp: MakeAlert, stored: Store, picture: Callable[..., bytes]
) -> None:
    files = [("alert", (None, json.dumps(lamp()))), ("photo", ("a.jpg", picture("red"))), ("photo", ("b", b"no"))]
    assert failing.client.post("/v1/alerts", files=files).status_code == 202
    with closing(sqlite3.connect(failing.settings.state_dir / "alerts.db")) as connection:
        [(token,)] = connection.execute("SELECT photos FROM untriaged").fetchall()
    assert b"PNG" not in token
    [waiting] = stored.claim_untriaged(datetime.now(UTC), datetime.now(UTC), 8)
    assert [bool(photo) for photo in waiting.photos] == [True, False]
    assert mended(failing) == 1
    kept = stored.alert("lamp-1")
    assert kept is not None
    assert len(kept.photos) == 1
    assert kept.photos[0].keys() > {"key", "held"}, "nothing of it is kept for comparing"


def test_a_withdrawn_alert_waits_for_nothing(failing: Any, lamp: MakeAlert, stored: Store) -> None:
    failing.client.post("/v1/alerts", json=lamp())
    assert failing.client.delete("/v1/alerts/lamp-1").status_code < 300
    mended(failing)
    assert stored.count_untriaged(datetime.now(UTC)).waiting == 0
    assert failing.client.get("/v1/alerts/lamp-1").json()["prediction"] is None


# A model that is slow


@pytest.fixture
def slow(start: Start, model: Any) -> Iterator[Any]:
    """A service whose model hangs, with a budget of a third of a second."""
    with start(model_budget_s=0.3) as service:
        model.gate.clear()
        try:
            yield service
        finally:
            model.gate.set()


def test_a_slow_model_keeps_an_alert_waiting_no_longer_than_its_budget(slow: Any, lamp: MakeAlert) -> None:
    started = time.monotonic()
    answer = slow.client.post("/v1/alerts", json=lamp())
    assert time.monotonic() - started < 5
    assert (answer.status_code, answer.json()["reasons"]) == (202, ["model_unavailable"])


def test_after_one_alert_waited_in_vain_the_next_do_not_wait_at_all(slow: Any, lamp: MakeAlert) -> None:
    client = slow.client
    client.post("/v1/alerts", json=lamp("first"))
    before = slow.model.asked
    assert client.post("/v1/alerts", json=lamp("second")).status_code == 202
    assert slow.model.asked == before
    assert client.get("/readyz").json() == {"predict": False, "intake": True}
    assert client.get("/readyz?for=predict").status_code == 503


def test_a_model_that_is_quick_again_is_found_out_and_catches_up(
    slow: Any, lamp: MakeAlert, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("serving.models.patience.REST_S", 0.0)
    client = slow.client
    client.post("/v1/alerts", json=lamp("first"))
    slow.model.gate.set()
    assert client.post("/v1/alerts", json=lamp("second")).status_code == 201
    assert client.get("/readyz?for=predict").status_code == 200
    assert catch_up(slow) == 1
    assert client.get("/v1/alerts/first").json()["decision"] == "route"


def test_many_alerts_at_a_hanging_model_are_all_stored(slow: Any, lamp: MakeAlert) -> None:
    client, statuses = slow.client, []

    def send(number: int) -> None:
        statuses.append(client.post("/v1/alerts", json=lamp(f"lamp-{number}")).status_code)

    threads = [threading.Thread(target=send, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert statuses == [202] * 20


# No bundle loads


@pytest.fixture
def without(tmp_path: Any, keys: Any) -> Iterator[Any]:
    with Service(Settings(state_dir=tmp_path / "state"), keys, None).running() as service:
        yield service


def test_without_a_bundle_alerts_are_stored_and_predictions_refused(without: Any, lamp: MakeAlert) -> None:
    client = without.client
    assert client.get("/readyz").json() == {"predict": False, "intake": True}
    assert client.post("/v1/predict", json=lamp()).status_code == 503
    assert client.post("/v1/predict?explain=1", json=lamp()).status_code == 503
    assert client.post("/v1/alerts", json=lamp()).status_code == 202
    assert catch_up(without) == 0
    assert [alert["id"] for alert in client.get("/v1/alerts").json()["alerts"]] == ["lamp-1"]


def test_what_came_without_a_bundle_is_triaged_once_one_is_there(
    without: Any, lamp: MakeAlert, model: Any, picture: Callable[..., bytes]
) -> None:
    client = without.client
    files = [("alert", (None, json.dumps(lamp()))), ("photo", ("a.jpg", picture("red", side=2000)))]
    assert client.post("/v1/alerts", files=files).status_code == 202
    without.runtime.engine = without.made(model)
    assert catch_up(without) == 1
    shown = client.get("/v1/alerts/lamp-1").json()
    assert (shown["category"], len(shown["photos"])) == ("eclairage_public", 1)
    assert client.post("/v1/predict", json=lamp("other")).status_code == 200
