"""Files of a folder of models: whole or not at all, whatever crashes, and whoever else writes."""

import json
import multiprocessing
import os
import signal
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from models.folder_files import append_entry, changing, read_history, read_named, replace_file
from models.promotions import Event, HistoryEntry, Promotion
from triage.errors import InvalidModelFolder

AT = datetime(2026, 11, 23, tzinfo=UTC)


def entry(version: str) -> HistoryEntry:
    return HistoryEntry(at=AT, event=Event.PROMOTED, version=version, bundle_sha256="0" * 64, by="d.durand")


def promotion(version: str) -> Promotion:
    return Promotion(version=version, bundle_sha256="0" * 64, promoted_at=AT, by="d.durand")


def test_a_history_is_read_as_it_was_written(tmp_path: Path) -> None:
    file = tmp_path / "history.jsonl"
    for number in range(3):
        append_entry(file, entry(f"v{number}"))
    assert [one.version for one in read_history(file)] == ["v0", "v1", "v2"]


def test_a_line_that_a_crash_cut_off_is_left_out_and_then_replaced(tmp_path: Path) -> None:
    file = tmp_path / "history.jsonl"
    append_entry(file, entry("v0"))
    with file.open("ab") as stream:
        stream.write(entry("v1").model_dump_json().encode()[:40])
    assert [one.version for one in read_history(file)] == ["v0"]
    append_entry(file, entry("v2"))
    assert [one.version for one in read_history(file)] == ["v0", "v2"]


def test_a_first_line_that_a_crash_cut_off_is_no_history(tmp_path: Path) -> None:
    file = tmp_path / "history.jsonl"
    file.write_bytes(b'{"at": "20')
    assert read_history(file) == ()


def test_another_line_that_is_no_entry_is_told_with_its_number(tmp_path: Path) -> None:
    file = tmp_path / "history.jsonl"
    append_entry(file, entry("v0"))
    file.write_bytes(file.read_bytes() + b"{}\n" + entry("v1").model_dump_json().encode() + b"\n")
    with pytest.raises(InvalidModelFolder, match=r"history\.jsonl, line 2 is no entry of a history"):
        read_history(file)


def test_a_file_that_names_nothing_is_told(tmp_path: Path) -> None:
    file = tmp_path / "champion.json"
    assert read_named(file, Promotion) is None
    file.write_text(json.dumps({"version": "v1"}), encoding="utf-8")
    with pytest.raises(InvalidModelFolder, match=r"names no model: bundle_sha256"):
        read_named(file, Promotion)


def test_a_file_without_end_is_not_read_whole(tmp_path: Path) -> None:
    file = tmp_path / "champion.json"
    file.write_bytes(promotion("v1").model_dump_json().encode() + b" " * 100_000 + b"x")
    assert read_named(file, Promotion) == promotion("v1")


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "models").write_text("a file", encoding="utf-8")
    with pytest.raises(InvalidModelFolder, match="cannot be changed"), changing(tmp_path / "models"):
        pytest.fail("nothing can be changed there")


def test_a_reader_sees_the_file_before_or_after_and_nothing_between(tmp_path: Path) -> None:
    file, seen, done = tmp_path / "champion.json", set(), threading.Event()
    replace_file(file, promotion("v0"))

    def write() -> None:
        for number in range(1, 150):
            replace_file(file, promotion(f"v{number}"))
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    while not done.is_set():
        named = read_named(file, Promotion)
        assert named is not None
        seen.add(named.version)
    writer.join()
    assert seen <= {f"v{number}" for number in range(150)}
    assert [path.name for path in tmp_path.iterdir()] == ["champion.json"]


def test_the_service_may_read_what_another_user_wrote(tmp_path: Path) -> None:
    replace_file(tmp_path / "champion.json", promotion("v1"))
    assert (tmp_path / "champion.json").stat().st_mode & 0o444 == 0o444


def _add_entries(folder: Path, name: str, count: int) -> None:
    for number in range(count):
        with changing(folder):
            append_entry(folder / "history.jsonl", entry(f"{name}-{number}"))


def _hold(folder: Path) -> None:
    with changing(folder):
        (folder / "held").touch()
        time.sleep(60)


def test_two_processes_change_a_folder_one_after_the_other(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    both = [context.Process(target=_add_entries, args=(tmp_path, name, 40)) for name in ("one", "two")]
    for process in both:
        process.start()
    for process in both:
        process.join(60)
    versions = [one.version for one in read_history(tmp_path / "history.jsonl")]
    assert sorted(versions) == sorted(f"{name}-{number}" for name in ("one", "two") for number in range(40))


def test_a_process_that_is_killed_while_it_changes_a_folder_locks_nobody_out(tmp_path: Path) -> None:
    holder = multiprocessing.get_context("spawn").Process(target=_hold, args=(tmp_path,))
    holder.start()
    deadline = time.monotonic() + 60
    while not (tmp_path / "held").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert holder.pid
    os.kill(holder.pid, signal.SIGKILL)
    holder.join(60)
    with changing(tmp_path):
        append_entry(tmp_path / "history.jsonl", entry("after"))
    assert [one.version for one in read_history(tmp_path / "history.jsonl")] == ["after"]
