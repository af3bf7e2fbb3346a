"""A writer that is killed loses nothing that it acknowledged, and leaves nothing half done."""

import os
import sqlite3

import psycopg
import pytest

from evaluation.benchmarks.store.kills import bench_kills
from evaluation.benchmarks.store.writer import ORIGINAL
from triage.store.personal import PersonalKeys
from triage.store.store import Store

KILLS = int(os.environ.get("STORE_KILLS", "20"))
WRITERS = 2


@pytest.mark.slow
def test_no_acknowledged_alert_is_lost_or_doubled_when_writers_are_killed(url: str) -> None:
    key = PersonalKeys.new_key()
    found = bench_kills(url, key, KILLS, WRITERS, lambda: None, options=["-W", "error"])
    assert (found.kills, found.lost, found.doubled, found.incomplete, found.uncalled) == (KILLS, 0, 0, 0, 0)
    # A kill may fall between the commit and the answer; the next writer sends that alert again, but the last.
    assert KILLS <= found.acknowledged <= found.stored <= found.acknowledged + WRITERS
    with Store.open(url, key=PersonalKeys([key])) as store:
        assert {store.original(f"lane{number}-0", "test", "test") for number in range(WRITERS)} == {ORIGINAL}
    inspect = _inspect_sqlite if url.startswith("sqlite") else _inspect_postgresql
    inspect(url, found.stored)


_PARTS = ("predictions", "vectors", "originals")
_LONELY = (
    "SELECT count(*) FROM "
    "(SELECT cluster_id FROM alerts WHERE cluster_id IS NOT NULL GROUP BY cluster_id HAVING count(*) < 2) AS lonely"
)
_WHOLE = "SELECT count(*) FROM {part} JOIN alerts ON alerts.seq = {part}.alert_seq"


def _inspect_sqlite(url: str, count: int) -> None:
    connection = sqlite3.connect(url.removeprefix("sqlite:///"))
    try:
        for part in _PARTS:
            assert connection.execute(_WHOLE.format(part=part)).fetchone() == (count,)
        places = (
            "SELECT count(*) FROM alert_places JOIN alerts USING (seq) WHERE abs(west - lon) + abs(south - lat) < 1e-4"
        )
        assert connection.execute(places).fetchone() == (count,)
        assert connection.execute("SELECT count(*) FROM alert_places").fetchone() == (count,)
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        assert connection.execute("SELECT rtreecheck('alert_places')").fetchone() == ("ok",)
        assert connection.execute(_LONELY).fetchone() == (0,)
    finally:
        connection.close()


def _inspect_postgresql(url: str, count: int) -> None:
    with psycopg.connect(url) as connection:
        for part in _PARTS:
            assert connection.execute(_WHOLE.format(part=part).encode()).fetchone() == (count,)
        assert connection.execute(_LONELY.encode()).fetchone() == (0,)
        connection.execute("SET enable_seqscan = off")
        found = "SELECT count(*) FROM alerts WHERE place && ST_MakeEnvelope(4, 46, 6, 48, 4326)"
        assert connection.execute(found).fetchone() == (count,)
        connection.execute("CREATE EXTENSION amcheck")
        connection.execute(
            "SELECT bt_index_check(indexrelid, true) FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid "
            "JOIN pg_am ON pg_am.oid = relam WHERE amname = 'btree' AND relnamespace = 'public'::regnamespace"
        )
        heap = "SELECT count(*) FROM pg_class, verify_heapam(oid) WHERE relkind = 'r' AND relnamespace = "
        assert connection.execute(heap + "'public'::regnamespace").fetchone() == (0,)
