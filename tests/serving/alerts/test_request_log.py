"""The log for collectors: a line for each request, with digests in place of texts, places and ids."""

import io
import json
import logging
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from serving.logs import json_handler
from serving.scopes import Scope
from tests.serving.alerts.conftest import Service, StartService
from triage.settings import LogFormat

MakeAlert = Callable[..., dict[str, Any]]
Lines = Callable[[], list[dict[str, Any]]]
PATIENCE_S = 20
PRIVATE = "Nid-de-poule devant chez moi, appelez Zébulon au 06 12 34 56 78"


@pytest.fixture
def lines() -> Iterator[Lines]:
    """What was written so far, read as a collector reads it."""
    stream = io.StringIO()
    handler, logger = json_handler(stream), logging.getLogger("triage")
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    logger.removeHandler(handler)
    logger.setLevel(before)


@pytest.fixture
def service(start: StartService) -> Iterator[Service]:
    """A service that writes its log for collectors."""
    with start(log_format=LogFormat.JSON) as running:
        yield running


def requests(lines: Lines, count: int) -> list[dict[str, Any]]:
    """The lines of so many requests; the last is written after its answer was read."""
    patience = time.monotonic() + PATIENCE_S
    while len(found := [line for line in lines() if line["event"] == "request"]) < count:
        assert time.monotonic() < patience, found
        time.sleep(0.01)
    assert len(found) == count
    return found


def test_an_alert_is_a_line_that_says_what_became_of_it(service: Service, lamp: MakeAlert, lines: Lines) -> None:
    answer = service.client_for(Scope.ALERTS, name="intake").post("/v1/alerts", json=lamp()).json()
    [line] = requests(lines, 1)
    assert (line["level"], line["method"], line["route"], line["status"]) == ("INFO", "POST", "/v1/alerts", 201)
    assert line["key"] == "intake"
    assert line["characters"] == len(lamp()["text"])
    assert line["language"] == service.model.language(lamp()["text"])
    assert line["decision"] == answer["decision"]
    assert line["category"] == answer["category"]["code"]
    assert line["model"] == answer["model"]["version"]
    assert line["milliseconds"] > 0
    assert "timestamp" in line


def test_the_same_text_has_the_same_digest_and_another_text_another(
    service: Service, lamp: MakeAlert, lines: Lines
) -> None:
    for name, text in (("a", "Trou"), ("b", "Trou"), ("c", "Banc cassé")):
        service.client.post("/v1/predict", json=lamp(name, text=text))
    one, two, three = requests(lines, 3)
    assert one["text"] == two["text"] != three["text"]
    assert len({line["alert"] for line in (one, two, three)}) == 3


def test_no_text_place_name_or_id_is_in_any_line(service: Service, lamp: MakeAlert, lines: Lines) -> None:
    client = service.client
    alert = lamp("Zebulon-id", text=PRIVATE, lat=47.319876, lon=5.041234)
    for body in (alert, alert | {"text": "autre"}, {"id": "Zebulon-id", "text": 7}):
        client.post("/v1/alerts", json=body)
    client.post("/v1/predict", json=alert)
    client.get("/v1/alerts/Zebulon-id")
    client.get("/v1/alerts/Zebulon-id/original", params={"purpose": "Zebulon calls back"})
    client.get("/Zebulon")
    written = json.dumps(requests(lines, 7) + lines(), ensure_ascii=False)
    for secret in ("Zebulon", "Zébulon", "06 12", "Nid-de-poule", "47.319", "5.041"):
        assert secret not in written, secret


def test_a_refusal_names_its_problem(service: Service, lines: Lines) -> None:
    service.client.post("/v1/alerts", json={"id": "a"})
    service.client_for(Scope.PREDICT).get("/v1/alerts")
    invalid, scope = requests(lines, 2)
    assert (invalid["status"], invalid["problem"]) == (422, "invalid_alert")
    assert (scope["status"], scope["problem"], scope["route"]) == (403, "scope_missing", "/v1/alerts")


def test_a_batch_is_one_line_with_a_count(service: Service, lamp: MakeAlert, lines: Lines) -> None:
    service.client.post("/v1/predict/batch", json={"alerts": [lamp("a"), lamp("b"), {"id": "c"}]})
    [line] = requests(lines, 1)
    assert line["alerts"] == 3


def test_for_eyes_there_is_no_line_for_each_request(start: StartService, lamp: MakeAlert, lines: Lines) -> None:
    with start() as running:
        running.client.post("/v1/predict", json=lamp())
    assert lines() == []
