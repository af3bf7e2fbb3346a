"""A challenger beside the champion: it answers its share, nobody waits for it, and nobody hears it."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from PIL import Image

from models.bundle import Bundle, read_manifest
from models.photo_reader import Pictures
from models.predictor import PredictedBatch
from models.promotions import Challenger
from serving.metrics import Metrics
from serving.models.shadow import MAX_WAITING, Shadow, Trial
from tests.serving.alerts.conftest import Service, StartService
from tests.serving.alerts.hand_made import HandMadeModel
from triage.alert import Alert
from triage.intake import TakenIn
from triage.prediction import ModelInfo, Prediction
from triage.settings import PROJECT_ROOT
from triage.store.figures import Window
from triage.store.personal import PersonalKeys
from triage.store.shadow import ShadowAnswer
from triage.store.store import Store

OURS, THEIRS = "0" * 64, "c" * 64
PATIENCE_S = 20.0
MakeAlert = Callable[..., dict[str, Any]]


class Contender:
    """Takes every lamp for a road; waits at its gate, and fails when told to."""

    def __init__(self) -> None:
        self.asked: list[Alert] = []
        self.pictures: list[Pictures] = []
        self.gate = threading.Event()
        self.gate.set()
        self.error: Exception | None = None
        self._model = HandMadeModel(str.upper)

    def predict(self, alerts: Sequence[Alert], pictures: Sequence[Pictures]) -> PredictedBatch:
        assert self.gate.wait(PATIENCE_S)
        self.asked += alerts
        self.pictures += pictures
        if self.error:
            raise self.error
        batch = self._model.predict(alerts, pictures)
        info = ModelInfo(name="hand-made", version="2", taxonomy=1, bundle_sha256=THEIRS)
        category = self._model.predict([Alert(id="road", text="trou")]).predictions[0].category
        other = {"category": category, "model": info}
        answers: list[Prediction] = [prediction.model_copy(update=other) for prediction in batch.predictions]
        return PredictedBatch(tuple(answers), batch.reports, 0.0, 0.0)


def trial(contender: Contender, share: float = 1.0, photo_size: int | None = None) -> Trial:
    folder = PROJECT_ROOT / "models" / "pretrained"
    manifest, _ = read_manifest(folder)
    since = datetime(2026, 6, 1, tzinfo=UTC)
    named = Challenger(version="two", bundle_sha256=THEIRS, share=share, since=since, by="anne")
    return Trial(named, Bundle(folder, manifest, THEIRS), contender.predict, photo_size)


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def counted(service: Service, line: str) -> bool:
    return line in service.runtime.metrics.render().decode().splitlines()


def test_both_answers_are_kept_and_the_champions_alone_is_heard(on_each: Service, lamp: MakeAlert) -> None:
    on_each.engine.shadow.try_out(trial(Contender()))
    client = on_each.client
    answers = [client.post("/v1/alerts", json=lamp(name)).json() for name in ("one", "two")]
    answers.append(client.post("/v1/alerts", json=lamp("road", text="Trou dans la chaussée")).json())
    assert {answer["model"]["version"] for answer in answers} == {"1"}
    until(lambda: counted(on_each, 'triage_shadow_answers_total{differs="no"} 1.0'))
    until(lambda: counted(on_each, 'triage_shadow_answers_total{differs="yes"} 2.0'))
    now = datetime.now(UTC)
    day = Window(now - timedelta(days=1), now + timedelta(days=1))
    with Store.open(on_each.settings.store_url, key=on_each.personal_keys) as store:
        figures = store.shadow_figures(OURS, THEIRS, day)
        assert [(count.category, count.alerts, count.differing) for count in figures.categories] == [
            ("eclairage_public", 2, 2),
            ("voirie", 1, 0),
        ]
        assert {one.alert_id for one in store.disagreements(OURS, THEIRS, day)} == {"one", "two"}
        assert [answer["model"]["version"] for answer in store.predictions("one")] == ["1"]


def test_without_a_challenger_nothing_is_asked_or_kept(service: Service, lamp: MakeAlert) -> None:
    assert service.client.post("/v1/alerts", json=lamp()).status_code == 201
    assert counted(service, "triage_shadow_dropped_total 0.0")


def test_a_repeat_is_asked_once(service: Service, lamp: MakeAlert) -> None:
    contender = Contender()
    service.engine.shadow.try_out(trial(contender))
    for name in ("one", "one", "two"):
        service.client.post("/v1/alerts", json=lamp(name))
    until(lambda: len(contender.asked) >= 2)
    assert [alert.id for alert in contender.asked] == ["one", "two"]


def test_no_request_waits_for_a_challenger_that_hangs(service: Service, lamp: MakeAlert) -> None:
    contender = Contender()
    contender.gate.clear()
    service.engine.shadow.try_out(trial(contender))
    try:
        for number in range(5):
            assert service.client.post("/v1/alerts", json=lamp(f"lamp-{number}")).status_code == 201
        assert contender.asked == []
    finally:
        contender.gate.set()
    until(lambda: len(contender.asked) == 5)


def test_a_challenger_that_fails_costs_no_answer_and_says_no_words(
    service: Service, lamp: MakeAlert, caplog: pytest.LogCaptureFixture
) -> None:
    contender = Contender()
    contender.error = RuntimeError("Lampadaire éteint")
    service.engine.shadow.try_out(trial(contender))
    with caplog.at_level(logging.WARNING, "triage.serving"):
        assert service.client.post("/v1/alerts", json=lamp("one")).status_code == 201
        until(lambda: counted(service, "triage_shadow_dropped_total 1.0"))
    assert [record.getMessage() for record in caplog.records] == ["the challenger could not answer (RuntimeError)"]
    contender.error = None
    assert service.client.post("/v1/alerts", json=lamp("two")).status_code == 201
    until(lambda: counted(service, 'triage_shadow_answers_total{differs="yes"} 1.0'))


def test_a_store_that_is_gone_costs_the_challenger_alone_its_answers(start: StartService, lamp: MakeAlert) -> None:
    contender = Contender()
    contender.gate.clear()
    with start() as service:
        service.engine.shadow.try_out(trial(contender))
        assert service.client.post("/v1/alerts", json=lamp("one")).status_code == 201
        with (
            Store.open(service.settings.store_url, key=service.personal_keys) as store,
            store._database.writing("lose a table") as connection,
        ):
            connection.exec_driver_sql("DROP TABLE shadow_answers")
        contender.gate.set()
        until(lambda: counted(service, "triage_shadow_dropped_total 1.0"))
        assert service.client.post("/v1/predict", json=lamp("two")).status_code == 200


# The queue by itself


class Requests:
    """A queue of requests of which a test says whether it is idle."""

    is_idle = True


class Door:
    """Takes what would be written."""

    def __init__(self) -> None:
        self.kept: list[ShadowAnswer] = []

    async def run(self, work: Any, call: Callable[[Any], Any]) -> None:
        assert work == "write"
        call(self)

    def add_shadow_answers(self, answers: Sequence[ShadowAnswer]) -> None:
        self.kept += answers


class Bench:
    """A shadow on hand-made parts."""

    def __init__(self) -> None:
        self.requests: Any = Requests()
        self.door: Any = Door()
        self.metrics = Metrics()
        self.contender = Contender()
        keys = PersonalKeys([PersonalKeys.new_key()])
        self.shadow = Shadow(self.requests, self.door, keys, self.metrics, lambda: datetime(2026, 6, 1, tzinfo=UTC))

    def offer(self, *names: str, **parts: Any) -> None:
        for name in names:
            answer = HandMadeModel(str.upper).predict([Alert(id=name, text="trou")]).predictions[0]
            item: Any = TakenIn(Alert(id=name, text="trou"), **parts)
            self.shadow.offer(item, answer.model_dump(mode="json"))

    @property
    def names(self) -> list[str]:
        return [alert.id for alert in self.contender.asked]

    def dropped(self) -> float:
        found = [line for line in self.metrics.render().decode().splitlines() if line.startswith("triage_shadow_drop")]
        return next(float(line.split()[1]) for line in found if "total" in line)

    def play(self, until: Callable[[], object]) -> None:
        async def whole() -> None:
            self.shadow.start()
            async with asyncio.timeout(PATIENCE_S):
                while not until():
                    await asyncio.sleep(0.005)
            await self.shadow.stop()

        asyncio.run(whole())


def test_a_share_is_drawn_that_is_the_same_each_time_and_another_for_another_challenger() -> None:
    bench = Bench()
    names = [f"alert {number}" for number in range(240)]
    bench.shadow.try_out(trial(bench.contender, 0.25))
    bench.offer(*names)
    bench.play(lambda: bench.shadow._waiting.empty() and bench.door.kept)
    drawn = bench.names
    assert 30 <= len(drawn) <= 95
    assert drawn == [name for name in names if name in set(drawn)]
    draws = [bench.shadow._draw(trial(bench.contender), name) for name in drawn]
    assert max(draws) < 0.25


def test_the_queue_is_bounded_and_what_does_not_fit_is_counted() -> None:
    bench = Bench()
    bench.shadow.try_out(trial(bench.contender))
    bench.offer(*(f"alert {number}" for number in range(MAX_WAITING + 3)))
    assert bench.dropped() == 3


def test_a_challenger_waits_while_requests_are_there() -> None:
    bench = Bench()
    bench.requests.is_idle = False
    bench.shadow.try_out(trial(bench.contender))
    bench.offer("one")
    started = time.monotonic()
    bench.play(lambda: time.monotonic() - started > 0.1)
    assert bench.names == []

    bench = Bench()
    bench.shadow.try_out(trial(bench.contender))
    bench.offer("one")
    bench.play(lambda: bench.door.kept)
    assert bench.names == ["one"]


def test_photos_as_they_were_sent_are_not_held() -> None:
    bench = Bench()
    bench.shadow.try_out(trial(bench.contender))
    bench.offer("one", pictures=(None,), images=(Image.new("RGB", (8, 8)),))
    [offered] = [bench.shadow._waiting.get_nowait()]
    assert offered.item.images == ()
    assert offered.item.alert.photo == ()
    assert offered.item.pictures == (None,)


def test_an_alert_whose_pictures_are_of_another_size_is_left_out() -> None:
    bench = Bench()
    bench.shadow.try_out(trial(bench.contender, photo_size=8))
    square = HandMadeModel(str.upper).prepare(Image.new("RGB", (16, 16)))
    bench.offer("shown", pictures=(square,))
    bench.offer("told", pictures=(None,))
    bench.play(lambda: bench.door.kept)
    assert bench.names == ["told"]
    assert bench.dropped() == 1
