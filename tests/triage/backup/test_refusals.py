"""Whatever is wrong with a backup, or with what it would replace, nothing is changed and a sentence says why."""

import json
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.old_stores import all_rows
from tests.triage.backup.conftest import BackUp, MakeUrl, Restore
from triage.backup.archive import opened_backup
from triage.backup.errors import BackupFailed, InvalidBackup, StoreNotEmpty
from triage.staff import Role
from triage.store.errors import StoreTooNew
from triage.store.personal import PersonalKeys
from triage.store.store import Store


def rewrite(path: Path, change: Callable[[dict[str, bytes]], None]) -> None:
    """Change members of a backup, and leave all others as they are."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def manifest_with(**fields: Any) -> Callable[[dict[str, bytes]], None]:
    def change(members: dict[str, bytes]) -> None:
        members["manifest.json"] = json.dumps(json.loads(members["manifest.json"]) | fields).encode()

    return change


def test_what_is_stored_is_replaced_on_demand_alone(full_url: str, back_up: BackUp, restore: Restore) -> None:
    made = back_up(full_url)
    with Store.open(full_url) as store:
        store.add_note("old-1", "desk-1", made.made_at, "later than the backup")
    before = all_rows(full_url)
    with pytest.raises(StoreNotEmpty, match="--replace"):
        restore(full_url)
    assert all_rows(full_url) == before
    restore(full_url, replace=True)
    assert len(all_rows(full_url)["notes"]) == len(before["notes"]) - 1
    with Store.open(full_url, migrate=False) as store:
        assert store.counts()["open"] > 0


def test_a_service_that_has_the_store_open_goes_on_with_what_was_restored(
    full_url: str, back_up: BackUp, restore: Restore, keys: PersonalKeys
) -> None:
    with Store.open(full_url, key=keys) as store:
        for _ in range(8):  # often enough that a driver keeps its statements prepared
            assert store.counts()["open"] > 0 and store.alert("old-1") is not None
        made = back_up(full_url)
        store.add_note("old-1", "desk-1", made.made_at, "later than the backup")
        restore(full_url, replace=True)
        assert "later than the backup" not in [note.text for note in store.notes("old-1")]
        alert = store.alert("old-1")
        assert alert is not None and store.counts()["open"] > 0
        store.add_note("old-1", "desk-1", made.made_at, "later than the restore")
        assert store.notes("old-1")[-1].text == "later than the restore"


def test_a_restore_that_is_cut_off_changes_nothing(full_url: str, back_up: BackUp, restore: Restore) -> None:
    back_up(full_url)
    before = all_rows(full_url)

    def cut(done: int, total: int) -> None:
        if done > total / 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        restore(full_url, replace=True, advance=cut)
    assert all_rows(full_url) == before


def test_what_was_erased_since_the_backup_is_erased_again(
    full_url: str, back_up: BackUp, restore: Restore, keys: PersonalKeys
) -> None:
    back_up(full_url)
    with Store.open(full_url, key=keys) as store:
        store.erase_personal_data("old-1", "data protection officer")
    assert restore(full_url, replace=True).erased == ("old-1",)
    with Store.open(full_url, key=keys) as store:
        alert = store.alert("old-1")
        assert alert is not None and alert.text == "<EFFACE>"
        assert store.original("old-1", "test", "test") is None
        [entry] = store.audit_log(action="personal_data_erased")
        assert (entry.actor, entry.subject) == ("data protection officer", "old-1")


@pytest.fixture
def backup(new_url: MakeUrl, back_up: BackUp, tmp_path: Path) -> Path:
    """A small backup of a store in SQLite."""
    url = new_url("sqlite")
    with Store.open(url) as store:
        store.add_account("desk-1", "Desk 1", Role.AGENT, "no hash")
    back_up(url)
    return tmp_path / "backup.zip"


def _change_a_row(members: dict[str, bytes]) -> None:
    members["tables/staff.jsonl"] = members["tables/staff.jsonl"].replace(b"desk-1", b"desk-2")


def _lose_a_table(members: dict[str, bytes]) -> None:
    del members["tables/staff.jsonl"]


def _add_a_file(members: dict[str, bytes]) -> None:
    members["../escape"] = b"x"


def _add_a_photo(members: dict[str, bytes]) -> None:
    members[f"photos/{'a' * 64}.jpg"] = b"x"


def _lengthen(members: dict[str, bytes]) -> None:
    members["tables/staff.jsonl"] += b" " * 50_000_000


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (_change_a_row, "staff.jsonl is not what was written"),
        (_lose_a_table, "staff.jsonl is missing"),
        (_add_a_file, "escape"),
        (_add_a_photo, "1 photos instead of 0"),
        (_lengthen, "longer than"),
        (manifest_with(format=2), "format"),
        (manifest_with(revision=None), "revision"),
    ],
)
def test_a_backup_that_is_not_what_was_written_is_refused(
    backup: Path, change: Callable[[dict[str, bytes]], None], why: str
) -> None:
    rewrite(backup, change)
    with pytest.raises(InvalidBackup, match=why), opened_backup(backup) as opened:
        opened.verify()


@pytest.mark.parametrize("cut", [0, 1, 100, -1])
def test_a_file_that_is_no_whole_backup_is_refused(backup: Path, cut: int) -> None:
    backup.write_bytes(backup.read_bytes()[:cut])
    with pytest.raises(InvalidBackup, match="no backup"), opened_backup(backup):
        pass


def test_bytes_that_change_on_the_way_are_noticed(backup: Path) -> None:
    content = bytearray(backup.read_bytes())
    place = content.index(b"tables/staff.jsonl") + 40
    content[place] ^= 0xFF
    backup.write_bytes(content)
    with pytest.raises(InvalidBackup), opened_backup(backup) as opened:
        opened.verify()


def test_a_backup_of_a_newer_version_is_refused(backup: Path, new_url: MakeUrl, restore: Restore) -> None:
    rewrite(backup, manifest_with(revision="9999"))
    with pytest.raises(StoreTooNew, match="newer version"):
        restore(new_url("sqlite"), backup)


def test_rows_that_do_not_fit_are_refused(backup: Path, new_url: MakeUrl, restore: Restore) -> None:
    rewrite(backup, manifest_with(revision="0002"))
    with pytest.raises(InvalidBackup, match="tables of its revision"):
        restore(new_url("sqlite"), backup)


def test_a_file_that_is_there_is_not_overwritten(new_url: MakeUrl, back_up: BackUp, tmp_path: Path) -> None:
    url, path = new_url("sqlite"), tmp_path / "mine.zip"
    Store.open(url).close()
    path.write_text("mine")
    with pytest.raises(BackupFailed, match="already"):
        back_up(url, path=path)
    assert path.read_text() == "mine"


def test_a_backup_that_fails_leaves_no_file_and_one_that_does_not_is_its_owners(
    new_url: MakeUrl, back_up: BackUp, tmp_path: Path
) -> None:
    url, folder = new_url("sqlite"), tmp_path / "backups"
    folder.mkdir()
    with pytest.raises(BackupFailed, match="no alert store"):
        back_up(url, path=folder / "backup.zip")
    assert list(folder.iterdir()) == []
    with pytest.raises(BackupFailed, match="cannot be written"):
        back_up(url, path=folder / "gone" / "backup.zip")
    Store.open(url).close()
    back_up(url, path=folder / "backup.zip")
    assert [stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()] == [0o600]
