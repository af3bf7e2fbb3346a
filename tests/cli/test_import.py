"""`triage import`: past alerts in the store, whatever a line holds, and as often as one likes."""

import io
import json
import sqlite3
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from triage.store.personal import PersonalKeys
from triage.store.records import Search
from triage.store.store import Store

RunTriage = Callable[..., "subprocess.CompletedProcess[str]"]
Sentence = Callable[["subprocess.CompletedProcess[str]"], str]
Import = Callable[..., "subprocess.CompletedProcess[str]"]

CREATED = datetime(2026, 1, 5, 7, tzinfo=UTC)
PERSONAL = "Golf AB-123-CD ventouse, rappelez le 06 12 34 56 78"
MASKED = "Golf <PLAQUE> ventouse, rappelez le <TEL>"


def line(name: str, text: str = "Nid-de-poule", **fields: Any) -> str:
    return json.dumps({"id": name, "text": text, "created_at": CREATED.isoformat(), **fields})


@pytest.fixture
def run_import(triage: RunTriage, tmp_path: Path) -> Import:
    """Writes lines to a file and imports it."""

    def run(*lines: str, name: str = "past.jsonl", options: tuple[str | Path, ...] = ()) -> Any:
        source = tmp_path / name
        source.write_text("\n".join(lines) + "\n", encoding="utf-8")
        done = triage("import", "--input", source, *options)
        assert "Traceback" not in done.stderr, done.stderr
        return done

    return run


def told(stream: str) -> list[dict[str, Any]]:
    return [json.loads(row) for row in stream.splitlines() if row.startswith("{")]


def opened(tmp_path: Path) -> Store:
    keys = PersonalKeys.from_file(tmp_path / "state")
    return Store.open(f"sqlite:///{tmp_path / 'state' / 'alerts.db'}", key=keys, migrate=False)


def test_alerts_are_stored_and_again_they_are_not(run_import: Import, tmp_path: Path) -> None:
    lines = [line("a", lat=47.32, lon=5.04, category="voirie", priority="haute"), line("b", state="closed")]
    done = run_import(*lines)
    assert (done.returncode, done.stdout) == (0, "")
    assert "2 alerts were stored and 0 had been before; refused: 0 bad lines and 0 with the id" in done.stderr
    again = run_import(*lines, line("c"), options=("--json",))
    assert again.returncode == 0
    assert json.loads(again.stdout) == {"added": 1, "repeated": 2, "conflicting": 0, "bad": 0}
    with opened(tmp_path) as store:
        found = {alert.id: alert for alert in store.alerts().alerts}
        assert {name: alert.state for name, alert in found.items()} == {"a": "open", "b": "closed", "c": "open"}
        assert (found["a"].category, found["a"].department, found["a"].priority) == ("voirie", None, "haute")
        assert found["a"].created_at == CREATED
        assert found["a"].prediction is None
        assert [near.id for near in store.near(Search(47.32, 5.04, 10, CREATED, CREATED))] == ["a"]
        assert store.events_since(0, 10) == ()


def test_bad_lines_and_ids_with_other_content_are_told_and_the_status_is_1(run_import: Import, tmp_path: Path) -> None:
    lines = (line("a"), "no JSON", line("a", "Autre chose"), line("b", category="trous"), line("c"))
    for options in ((), ("--errors", tmp_path / "refused.jsonl")):
        done = run_import(*lines, options=options)
        assert done.returncode == 1
        errors = told((tmp_path / "refused.jsonl").read_text() if options else done.stderr)
        assert [(error["line"], error["id"], error["error"]["code"]) for error in errors] == [
            (2, None, "invalid_json"),
            (3, "a", "id_taken"),
            (4, "b", "invalid_alert"),
        ]
        assert all(error["error"]["message"] for error in errors)
        assert "2 bad lines and 1 with the id" in done.stderr
    assert told(done.stderr) == []


def test_texts_are_masked_and_the_originals_kept_only_when_asked_for(run_import: Import, tmp_path: Path) -> None:
    run_import(line("without", PERSONAL))
    run_import(line("with", PERSONAL, category_hint="06 12 34 56 78"), options=("--keep-originals",))
    with opened(tmp_path) as store:
        texts = {alert.id: (alert.text, store.original(alert.id, "test", "test")) for alert in store.alerts().alerts}
        assert texts == {"without": (MASKED, None), "with": (MASKED, PERSONAL)}
    for path in (tmp_path / "state").iterdir():
        content = path.read_bytes()
        assert b"06 12 34" not in content and b"AB-123" not in content


def test_a_table_is_imported_like_lines(run_import: Import, tmp_path: Path) -> None:
    rows = (
        "id;created_at;text;lat;lon;closed_at;category",
        f'a;{CREATED.isoformat()};"Trou ; profond";47,32;5,04;2026-01-09T08:00:00Z;voirie',
        "b;hier;Trou;;;;",
    )
    for name, options in (("past.csv", ()), ("export.txt", ("--format", "csv"))):
        done = run_import(*rows, name=name, options=options)
        assert done.returncode == 1
        [error] = told(done.stderr)
        assert (error["line"], error["id"]) == (3, "b")
        assert "created_at" in error["error"]["message"]
    with opened(tmp_path) as store:
        [alert] = store.alerts().alerts
        assert (alert.text, alert.lat, alert.state, alert.category) == ("Trou ; profond", 47.32, "closed", "voirie")


def test_more_alerts_than_one_transaction_takes_are_stored(run_import: Import) -> None:
    done = run_import(*(line(str(number)) for number in range(4_100)), options=("--json",))
    assert json.loads(done.stdout)["added"] == 4_100


def test_models_answer_what_the_archive_leaves_open(run_import: Import, tmp_path: Path) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8)).save(buffer, "PNG")
    (tmp_path / "near.png").write_bytes(buffer.getvalue())
    lines = (
        line("open", "Lampadaire éteint rue Monge", lat=47.32, lon=5.04),
        line("known", "Lampadaire éteint rue Monge", category="voirie", photo="near.png"),
        json.dumps({"id": "gone", "photo": "gone.png", "created_at": CREATED.isoformat()}),
    )
    done = run_import(*lines, options=("--predict",))
    assert done.returncode == 1
    [error] = told(done.stderr)
    assert (error["line"], error["id"]) == (3, "gone")
    with opened(tmp_path) as store:
        found = {alert.id: alert for alert in store.alerts().alerts}
        assert found.keys() == {"open", "known"}
        assert (found["open"].category, found["known"].category) == ("eclairage_public", "voirie")
        for alert in found.values():
            assert alert.department and alert.priority
            assert alert.prediction is not None and alert.prediction["category"]["code"] == "eclairage_public"
            assert (alert.decision, alert.reasons) == ("route", ("imported",))
        assert found["open"].photos == ()
        [photo] = found["known"].photos
        assert (photo["key"], photo["held"]) == (None, False)
    vectors = sqlite3.connect(tmp_path / "state" / "alerts.db")
    try:
        count = vectors.execute("SELECT count(*) FROM vectors JOIN alerts ON seq = alert_seq").fetchone()[0]
        versions = {version for (version,) in vectors.execute("SELECT vector_version FROM alerts")}
    finally:
        vectors.close()
    # A bundle without the part for duplicates keeps none.
    assert count == (2 if all(versions) else 0)
    assert len(versions) == 1


@pytest.mark.xdist_group("postgresql")
def test_postgresql_takes_the_same_files(run_import: Import, tmp_path: Path, postgresql_url: str) -> None:
    lines = (line("a", PERSONAL, lat=47.32, lon=5.04), line("b", state="withdrawn"), line("a", "Autre"))
    for added in (2, 0):
        done = run_import(*lines, options=("--store", postgresql_url, "--keep-originals", "--json"))
        assert done.returncode == 1
        assert json.loads(done.stdout) == {"added": added, "repeated": 2 - added, "conflicting": 1, "bad": 0}
    with Store.open(postgresql_url, key=PersonalKeys.from_file(tmp_path / "state"), migrate=False) as store:
        assert {alert.id: (alert.text, alert.state) for alert in store.alerts().alerts} == {
            "a": (MASKED, "open"),
            "b": ("Nid-de-poule", "withdrawn"),
        }
        assert store.original("a", "test", "test") == PERSONAL
        assert [near.id for near in store.near(Search(47.32, 5.04, 10, CREATED, CREATED))] == ["a"]


def test_what_cannot_be_used_is_one_sentence(triage: RunTriage, sentence: Sentence, tmp_path: Path) -> None:
    source = tmp_path / "past.jsonl"
    source.write_text(line("a"), encoding="utf-8")
    table = tmp_path / "past.csv"
    table.write_text("id;text\n", encoding="utf-8")
    assert "created_at" in sentence(triage("import", "--input", table))
    assert "overwrite" in sentence(triage("import", "--input", source, "--errors", source))
    assert "gone" in sentence(triage("import", "--input", source, "--errors", tmp_path / "gone" / "errors.jsonl"))
    assert "URL" in sentence(triage("import", "--input", source, "--store", "mysql://h/d"))
    assert "broken" in sentence(triage("import", "--input", source, "--bundle", tmp_path / "broken", "--predict"))
    assert source.read_text(encoding="utf-8") == line("a")


def test_an_empty_file_is_no_error(run_import: Import) -> None:
    done = run_import("", options=("--json",))
    assert (done.returncode, json.loads(done.stdout)["added"]) == (0, 0)
