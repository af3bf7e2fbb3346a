"""What is backed up is what is restored: every row of every table, on either database, whoever writes meanwhile."""

import threading

import pytest

from tests.old_stores import VERSIONS, all_rows, load_old_store
from tests.triage.backup.conftest import BACK_ENDS, NOON, BackUp, MakeUrl, Restore
from triage.backup.tables import tables_at
from triage.store.audit import COMMAND_LINE
from triage.store.personal import PersonalKeys
from triage.store.records import NewAlert, NewEvent, Search
from triage.store.store import Store

# The restore itself is noted there.
NOTED = "audit"


@pytest.mark.parametrize("kind", BACK_ENDS)
def test_every_row_of_every_table_is_restored_on_either_database(
    full_url: str, kind: str, new_url: MakeUrl, back_up: BackUp, restore: Restore
) -> None:
    made = back_up(full_url)
    assert {name for name, member in made.tables.items() if not member.rows} == set()
    target = new_url(kind)
    assert restore(target).rows == made.rows
    again = back_up(target, again=True)
    assert again.revision == made.revision
    assert {**again.tables, NOTED: made.tables[NOTED]} == made.tables
    assert again.tables[NOTED].rows == made.tables[NOTED].rows + 1
    assert again.last_numbers == made.last_numbers | {NOTED: made.last_numbers[NOTED] + 1}
    if kind == made.database:
        before, after = all_rows(full_url), all_rows(target)
        for table in set(before) - {NOTED, "sqlite_sequence"}:
            assert after[table] == before[table], table


@pytest.mark.parametrize("kind", BACK_ENDS)
def test_a_restored_store_works(
    full_url: str, kind: str, new_url: MakeUrl, back_up: BackUp, restore: Restore, keys: PersonalKeys
) -> None:
    back_up(full_url)
    target = new_url(kind)
    restore(target)
    with Store.open(target, key=keys, migrate=False) as store:
        assert store.original("old-1", "test", "test") == "Nid-de-poule devant le 12, tél 06 00 00 00 00"
        near = store.near(Search(47.322, 5.0415, 30, NOON.replace(year=2025), NOON))
        assert near[0].id == "old-1"
        [entry] = store.audit_log(1)
        assert (entry.actor, entry.action) == (COMMAND_LINE, "backup_restored")
        last = store.alerts().alerts[0].seq
        store.close_alert("old-1", NOON, [NewEvent("alert.closed", {})])
        assert store.add(_alert(1)).alert.seq > last


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("kind", BACK_ENDS)
def test_a_store_of_an_older_version_is_backed_up_as_it_is_and_restored_into_this_one(
    url: str, kind: str, version: str, new_url: MakeUrl, back_up: BackUp, restore: Restore
) -> None:
    load_old_store(version, url)
    before = all_rows(url)
    assert back_up(url).revision == version
    assert all_rows(url) == before
    target = new_url(kind)
    restore(target)
    Store.open(url).close()
    upgraded, restored = back_up(url, again=True).tables, back_up(target, again=True).tables
    assert {**restored, NOTED: upgraded[NOTED]} == upgraded


def test_a_backup_taken_while_writers_write_is_of_one_moment(
    url: str, new_url: MakeUrl, back_up: BackUp, restore: Restore, keys: PersonalKeys
) -> None:
    with Store.open(url, key=keys) as store:
        writing = _Writing(store)
        writing.wait_for(20)

        def clock_that_others_use() -> "object":
            writing.wait_for(writing.acknowledged + 20)
            return NOON

        acknowledged = writing.acknowledged
        made = back_up(url, clock=clock_that_others_use)
        writing.stop()
    assert acknowledged <= made.tables["alerts"].rows <= writing.acknowledged - 20
    target = new_url("sqlite" if url.startswith("sqlite") else "postgresql")
    restore(target)
    source, restored = all_rows(url), all_rows(target)
    count = len(restored["alerts"])
    assert sorted(row["seq"] for row in restored["alerts"]) == list(range(1, count + 1))
    for table in ("alerts", "predictions", "vectors", "originals", "events"):
        assert len(restored[table]) == count, table
        assert all(row in source[table] for row in restored[table]), table


class _Writing:
    """Two threads that store alerts until they are told to stop."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._changed = threading.Condition()
        self._stop = threading.Event()
        self.acknowledged = 0
        self._threads = [threading.Thread(target=self._write, args=(number,)) for number in range(2)]
        for thread in self._threads:
            thread.start()

    def wait_for(self, count: int) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self.acknowledged >= count, 60)

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _write(self, number: int) -> None:
        count = 0
        while not self._stop.is_set():
            self._store.add(_alert(10 * count + number), events=[NewEvent("alert.received", {})])
            count += 1
            with self._changed:
                self.acknowledged += 1
                self._changed.notify_all()


def _alert(number: int) -> NewAlert:
    return NewAlert(
        id=f"new-{number}", text="Trou <TEL>", original=f"Trou 06 {number}", lat=47.3, lon=5.04, created_at=NOON,
        received_at=NOON, category_hint=None, category="voirie", department="voirie", priority="normale",
        decision="route", reasons=(), photos=(), plates=(), vector=b"\x01", vector_version="v1",
        prediction={"id": str(number)}, content_sha256=str(number),
    )  # fmt: skip


def test_the_tables_of_the_newest_revision_are_those_of_the_schema() -> None:
    from triage.store.schema import metadata

    found = {each.name: set(each.table.columns.keys()) for each in tables_at("head")}
    assert found == {name: set(table.columns.keys()) for name, table in metadata.tables.items()}
