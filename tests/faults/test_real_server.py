"""What befalls a real server: a disk that fills, and a champion whose files are not what was promoted."""

import contextlib
import resource
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest

from models.folder import CHAMPION, ModelFolder
from tests.faults.writing import Writers, whole
from tests.live_server import Started, triage_serve
from tests.served_bundles import another_bundle, cooled
from triage.settings import Settings
from triage.store.store import Store

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("real faults")]

NOTICED_S = 30
# Room for some alerts more, not for many.
LEFT_BYTES = 40_000


@dataclass(frozen=True, slots=True)
class Served:
    """A server, and the folder of models that it watches."""

    server: Started
    client: httpx.Client
    key: str
    models: ModelFolder
    settings: Settings

    def counted(self, name: str) -> float:
        lines = self.client.get("/metrics").text.splitlines()
        return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name))


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("faults")
    models = ModelFolder(folder / "models")
    for version, by in (("first", 1.0), ("second", 1.01)):
        models.install(another_bundle(folder / version, version, cooled(by)))
    models.promote("first", by="anne")
    settings = Settings(state_dir=folder / "state")
    with (
        triage_serve(folder, {"MODELS": str(models.path)}) as (server, key),
        httpx.Client(base_url=server.base, headers={"X-API-Key": key}, timeout=60, trust_env=False) as client,
    ):
        yield Served(server, client, key, models, settings)


@contextlib.contextmanager
def full_disk(worker: psutil.Process, folder: Path) -> Iterator[None]:
    """No file of a process grows any more, as on a disk that is full."""
    size = max(path.stat().st_size for path in folder.glob("alerts.db*")) + LEFT_BYTES
    before = resource.prlimit(worker.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    try:
        yield
    finally:
        resource.prlimit(worker.pid, resource.RLIMIT_FSIZE, before)


def test_a_full_disk_is_a_503_until_there_is_room_and_nothing_is_half_written(served: Served) -> None:
    [worker] = served.server.workers
    with Writers(served.server.base, served.key).running() as writers:
        writers.until_written(5)
        with full_disk(worker, served.settings.state_dir):
            writers.until_refused(5)
            answer = served.client.post("/v1/alerts", json={"id": "full", "text": "trou rue Monge"})
            assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5"), answer.text
            assert answer.json()["type"] == "urn:triage:problem:store_unavailable"
            assert served.client.get("/v1/alerts").status_code == 200
            assert served.client.post("/v1/predict", json={"id": "full", "text": "trou"}).status_code == 200
        writers.until_written(5)
    assert writers.faults == []
    assert served.server.workers == [worker], "it was restarted"
    with Store.open(served.settings.store_url) as store:
        whole(store, writers.acknowledged)


def test_a_champion_that_is_not_what_was_promoted_is_refused_and_the_old_one_serves_on(
    served: Served, tmp_path: Path
) -> None:
    elsewhere = ModelFolder(tmp_path / "models")
    elsewhere.install(served.models.path / "second")
    elsewhere.promote("second", by="anne")
    damaged = served.models.path / "second" / "text" / "model.onnx"
    content = damaged.read_bytes()
    damaged.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    (elsewhere.path / CHAMPION).replace(served.models.path / CHAMPION)
    deadline = time.monotonic() + NOTICED_S
    while not served.counted('triage_model_refusals_total{role="champion"}'):
        assert time.monotonic() < deadline, "the service did not look"
        time.sleep(0.2)
    assert "model.onnx was changed" in served.server.log.read_text()
    said = served.client.post("/v1/predict", json={"id": "swap", "text": "Lampadaire éteint rue Monge"}).json()
    assert said["model"]["version"] == "first"
    assert served.counted("triage_model_swaps_total") == 0
