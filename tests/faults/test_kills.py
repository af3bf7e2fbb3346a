"""The service is killed again and again while clients write: what it acknowledged is there once, and all of it is told.

`TRIAGE_KILLS` says how often (5 by default; `make soak` takes 50).
"""

import http.server
import os
import random
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from serving.outbound.registering import new_secret
from tests.faults.writing import Writers, whole
from tests.live_server import triage_serve
from triage.settings import Settings
from triage.store.configured import personal_keys
from triage.store.store import Store

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("kills")]

KILLS = int(os.environ.get("TRIAGE_KILLS") or 5)
# A service that has just started is killed at any moment of its first writes.
LONGEST_S = 1.5
TOLD_WITHIN_S = 60


class Receiver(http.server.ThreadingHTTPServer):
    """Takes events, and remembers which."""

    def __init__(self) -> None:
        self.heard: set[str] = set()
        super().__init__(("127.0.0.1", 0), _Takes)


class _Takes(http.server.BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        receiver: Any = self.server
        receiver.heard.add(self.headers["webhook-id"])
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_a_service_killed_under_load_loses_nothing_and_tells_everything(tmp_path: Path, receiver: Receiver) -> None:
    state = Settings(state_dir=tmp_path / "state")
    host = f"127.0.0.1:{receiver.server_port}"
    with Store.open(state.store_url, key=personal_keys(state)) as store:
        store.add_webhook("residents-app", f"http://{host}/events", (), new_secret())
    chance = random.Random(8)
    with triage_serve(tmp_path, {"WEBHOOK_HOSTS": host}) as (server, key):
        with Writers(server.base, key).running() as writers:
            for _ in range(KILLS):
                writers.until_written(5)
                time.sleep(chance.uniform(0, LONGEST_S))
                for worker in server.workers:
                    worker.kill()
            writers.until_written(5)
        with Store.open(state.store_url) as store:
            every = {event.id for event in store.events_since(0, 1_000_000)}
        wait_for(lambda: every <= receiver.heard)
    assert writers.faults == []
    assert writers.cut_off > 0, "no kill fell into a request"
    assert every <= receiver.heard, f"{len(every - receiver.heard)} of {len(every)} events were never sent"
    with Store.open(state.store_url) as store:
        whole(store, writers.acknowledged)


def wait_for(reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + TOLD_WITHIN_S
    while not reached() and time.monotonic() < deadline:
        time.sleep(0.5)
