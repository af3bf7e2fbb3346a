"""A store that goes away while clients write, and comes back: refused in the meantime, nothing by half, no restart."""

import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from typing import Any

import pytest

from evaluation.benchmarks.postgres import PostgresServer
from tests.faults.writing import Writers, whole
from triage.store import database
from triage.store.personal import PersonalKeys
from triage.store.store import Store

Start = Callable[..., AbstractContextManager[Any]]
READY = {"predict": True, "intake": True}


def writers_of(service: Any) -> Writers:
    return Writers(service.base, service.client.headers["X-API-Key"])


@pytest.mark.xdist_group("postgresql")
def test_a_postgresql_that_is_stopped_and_started_costs_no_alert_and_no_restart(
    start: Start, postgres_server: PostgresServer, postgresql_url: str, keys: PersonalKeys
) -> None:
    with start(store=postgresql_url) as service, writers_of(service).running() as writers:
        client = service.client
        writers.until_written(5)
        postgres_server.stop()
        try:
            writers.until_refused(5)
            answer = client.get("/v1/alerts")
            assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
            assert answer.json()["type"] == "urn:triage:problem:store_unavailable"
            assert client.post("/v1/predict", json={"id": "p", "text": "trou"}).status_code == 200
            assert client.get("/readyz").json() == READY | {"intake": False}
            assert client.get("/readyz?for=intake").status_code == 503
        finally:
            postgres_server.start()
        writers.until_written(5)
        assert client.get("/readyz").json() == READY
    assert writers.faults == []
    with Store.open(postgresql_url, key=keys) as store:
        whole(store, writers.acknowledged)


def test_a_locked_sqlite_file_costs_no_alert_and_no_restart(
    start: Start, keys: PersonalKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "LOCK_WAIT_S", 0.2)
    with start() as service, writers_of(service).running() as writers:
        writers.until_written(5)
        with closing(sqlite3.connect(service.settings.state_dir / "alerts.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            writers.until_refused(5)
            assert service.client.get("/v1/alerts").status_code == 200, "readers wait for a writer"
        writers.until_written(5)
    assert writers.faults == []
    with Store.open(service.settings.store_url, key=keys) as store:
        whole(store, writers.acknowledged)
