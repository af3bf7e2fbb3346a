"""The texts as sent: never in the clear, never read without a trace."""

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from triage.errors import TriageError
from triage.store.errors import OriginalUnreadable
from triage.store.personal import PersonalKeys
from triage.store.records import NewAlert
from triage.store.store import Store

MakeAlert = Callable[..., NewAlert]
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
WORDS = "rappelez-moi au 06 12 34 56 78, Zébulon 🙂"


def test_an_original_is_read_with_a_trace_of_each_reading(store: Store, make: MakeAlert) -> None:
    store.add(make(original=WORDS))
    assert store.original("a-1", "anne", "calls back") == WORDS
    assert store.original("a-1", "forwarder", "department needs it") == WORDS
    log = store.readings("a-1")
    assert [(entry.alert_id, entry.reader, entry.purpose) for entry in log] == [
        ("a-1", "anne", "calls back"),
        ("a-1", "forwarder", "department needs it"),
    ]
    assert log[0].read_at < log[1].read_at
    assert log[0].read_at.tzinfo is UTC


def test_nothing_is_logged_where_there_is_nothing_to_read(store: Store, make: MakeAlert) -> None:
    store.add(make())
    assert store.original("a-1", "anne", "curious") is None
    assert store.readings("a-1") == ()


def test_no_log_no_text(store: Store, make: MakeAlert) -> None:
    store.add(make(original=WORDS))
    with pytest.raises(TriageError):
        store.original("a-1", None, "anonymous")  # type: ignore[arg-type]
    assert store.readings("a-1") == ()


def test_an_erased_original_is_gone_and_its_log_stays(store: Store, make: MakeAlert) -> None:
    store.add(make(original=WORDS))
    store.original("a-1", "anne", "calls back")
    assert store.erase_original("a-1")
    assert not store.erase_original("a-1")
    assert store.original("a-1", "anne", "again") is None
    assert len(store.readings("a-1")) == 1
    assert store.alert("a-1") is not None


def test_no_original_stands_in_the_database(store: Store, url: str, make: MakeAlert) -> None:
    store.add(make(original=WORDS))
    store.import_many([make("a-2", original=WORDS)])
    if url.startswith("sqlite"):
        store.close()
        everything = b"".join(path.read_bytes() for path in Path(url.removeprefix("sqlite:///")).parent.iterdir())
        assert len(everything) > 10_000
    else:
        with psycopg.connect(url) as connection:
            tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
            rows = [str(connection.execute(f"SELECT * FROM {name}").fetchall()) for (name,) in tables]  # type: ignore[call-overload]  # noqa: S608
            tokens = [bytes(row[0]) for row in connection.execute("SELECT token FROM originals").fetchall()]
        everything = "".join(rows).encode() + b"".join(tokens)
        assert len(tokens) == 2
    for word in ("12 34 56", "Zébulon", "rappelez"):
        assert word.encode() not in everything


def test_a_new_key_in_front_reads_what_the_old_one_wrote(url: str, make: MakeAlert) -> None:
    old, new = PersonalKeys.new_key(), PersonalKeys.new_key()
    with Store.open(url, key=PersonalKeys([old])) as store:
        store.add(make(original=WORDS))
    with Store.open(url, key=PersonalKeys([new, old])) as store:
        assert store.original("a-1", "anne", "x") == WORDS
    with Store.open(url, key=PersonalKeys([new])) as store:
        with pytest.raises(OriginalUnreadable):
            store.original("a-1", "anne", "x")
        with pytest.raises(OriginalUnreadable):
            store.renew_originals()
    with Store.open(url, key=PersonalKeys([new, old])) as store:
        assert store.renew_originals() == 1
    with Store.open(url, key=PersonalKeys([new])) as store:
        assert store.original("a-1", "anne", "x") == WORDS
        assert len(store.readings("a-1")) == 2
    with Store.open(url) as store:
        with pytest.raises(OriginalUnreadable):
            store.original("a-1", "anne", "x")
        assert store.erase_original("a-1")


def test_an_original_moved_to_another_alert_is_not_read_as_its_own(store: Store, url: str, make: MakeAlert) -> None:
    for name in ("a-1", "a-2"):
        store.add(make(name, original=f"{WORDS} {name}"))
    swap = "UPDATE originals SET token = (SELECT token FROM originals WHERE alert_seq = 1) WHERE alert_seq = 2"
    if url.startswith("sqlite"):
        connection = sqlite3.connect(url.removeprefix("sqlite:///"))
        with connection:
            connection.execute(swap)
        connection.close()
    else:
        with psycopg.connect(url) as server:
            server.execute(swap)
    with pytest.raises(OriginalUnreadable):
        store.original("a-2", "anne", "x")
    assert store.readings("a-2") == ()
