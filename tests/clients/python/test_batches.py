"""Streams of alerts: in order, in requests that the service takes, one request's worth in memory."""

import json
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ondijon_triage_client import Alert, BatchLimits, FailedAlert, Prediction, Progress, TooLarge, UnexpectedAnswer
from ondijon_triage_client.batches import Chunker, prepare
from tests.clients.python.conftest import Ask
from tests.clients.python.scripted import ScriptedService, answer, problem

PREDICTED = {
    "category": {"code": "voirie", "confidence": 0.9, "alternatives": []},
    "department": {"code": "voirie", "confidence": 0.9, "alternatives": []},
    "priority": {"code": "haute", "confidence": 0.9, "alternatives": []},
    "decision": "route",
    "model": {"name": "m", "version": "1"},
}


@given(
    sizes=st.lists(st.tuples(st.integers(0, 300), st.sampled_from("abcdefgh")), max_size=60),
    limits=st.builds(BatchLimits, alerts=st.integers(1, 9), body_bytes=st.integers(50, 700)),
)
def test_requests_keep_the_order_and_the_limits(sizes: list[tuple[int, str]], limits: BatchLimits) -> None:
    chunker, chunks = Chunker(limits, None), []
    for size, name in sizes:
        if (full := chunker.add(prepare({"id": name, "text": "x" * size}))) is not None:
            chunks.append(full)
    chunks.append(chunker.rest())
    sent = [chunk.documents() for chunk in chunks]
    assert [(len(item["text"]), item["id"]) for documents in sent for item in documents] == sizes
    for documents in sent:
        assert len(documents) <= limits.alerts
        assert len({item["id"] for item in documents}) == len(documents)
        body = sum(len(json.dumps(item, separators=(",", ":"))) for item in documents)
        assert len(documents) == 1 or body <= limits.body_bytes


def test_a_request_has_at_most_a_hundred_photos() -> None:
    chunker = Chunker(BatchLimits(1_000), None)
    added = [chunker.add(prepare({"id": str(number), "photo": [{"base64": ""}] * 3})) for number in range(40)]
    assert [len(full.items) for full in added if full is not None] == [33]


@pytest.mark.parametrize("alerts", [0, 1_001])
def test_more_alerts_than_the_service_takes_are_refused(alerts: int) -> None:
    with pytest.raises(ValueError, match="1 to 1000"):
        BatchLimits(alerts)


def test_alerts_are_taken_only_as_they_are_needed(scripted: ScriptedService, ask_at: Callable[..., Any]) -> None:
    taken: list[int] = []

    def endless() -> Iterator[Alert]:
        for number in range(10**9):
            taken.append(number)
            yield Alert(id="same", text="Trou")

    # An id twice is a request each; the second one fails.
    scripted.answers = [answer({"results": [{"id": "same"} | PREDICTED]}), problem(413, "body_too_large")]
    with pytest.raises(TooLarge, match="Send fewer"):
        ask_at(scripted.base, lambda client: client.predict_batch(endless()))
    assert len(taken) < 10


def test_a_wrong_number_of_answers_is_no_answer(scripted: ScriptedService, ask_at: Callable[..., Any]) -> None:
    scripted.answers = [answer({"results": []})]
    with pytest.raises(UnexpectedAnswer, match="another number"):
        ask_at(scripted.base, lambda client: client.predict_batch([Alert(text="Trou")]))


def test_a_stream_is_answered_in_order_with_failures_in_their_place(ask: Ask, tmp_path: Path) -> None:
    missing = Alert(id="missing", photos=[tmp_path / "missing.jpg"])
    alerts = [Alert(id=f"n{number}", text=f"Lampadaire éteint au numéro {number}") for number in range(50)]
    stream = [*alerts[:20], missing, Alert(id="silent", text=""), {"id": "n3", "txt": "Trou"}, *alerts[20:]]
    seen: list[Progress] = []
    results = ask(lambda client: client.predict_batch(iter(stream), limits=BatchLimits(7), progress=seen.append))
    names = [each.id if isinstance(each, Alert) else each["id"] for each in stream]
    assert [result.id for result in results] == names
    failed = {result.id: result.error.code for result in results if isinstance(result, FailedAlert)}
    assert failed == {"missing": "invalid_photo", "silent": "invalid_alert", "n3": "invalid_alert"}
    assert sum(isinstance(result, Prediction) for result in results) == 50
    assert seen[-1] == Progress(53, 3)
    assert [each.done for each in seen] == sorted(each.done for each in seen)


def test_an_async_stream_goes_in_as_well(service: Any, ask_at: Callable[..., Any]) -> None:
    async def arriving() -> AsyncIterator[Alert]:
        for number in range(5):
            yield Alert(id=str(number), text="Nid-de-poule rue Devosge")

    def use(client: Any) -> Any:
        is_sync = type(client).__name__ == "TriageClient"
        return client.predict_batch([] if is_sync else arriving(), limits=BatchLimits(2))

    names = [result.id for result in ask_at(service.base, use, service.key)]
    assert names in ([], ["0", "1", "2", "3", "4"])


def test_photos_count_in_a_stream(ask: Ask, draw: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "street.png"
    draw("waste").save(path)
    alerts = [Alert(id="path", photos=[path]), Alert(id="bytes", photos=[path.read_bytes(), str(path)])]
    results = ask(lambda client: client.predict_batch(alerts))
    assert [len(result.photos) for result in results] == [1, 2]
