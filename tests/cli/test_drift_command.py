"""`triage drift` and `triage reference`: what has drifted, in the store and in files, beside a bundle's reference."""

import json
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from models.bundle import read_manifest, write_manifest
from models.reference import REFERENCE
from triage.store.records import NewAlert
from triage.store.store import Store

RunTriage = Callable[..., "subprocess.CompletedProcess[str]"]
Sentence = Callable[["subprocess.CompletedProcess[str]"], str]
CODES = [f"DRF{number:03}" for number in range(1, 9)]
CORPUS = Path("datasets") / "corpus"


def rows(path: Path, split: str) -> list[dict[str, Any]]:
    lines = [line for file in sorted(path.glob("*.jsonl")) for line in file.read_text("utf-8").splitlines()]
    return [row for row in map(json.loads, lines) if row["split"] == split]


def write(path: Path, alerts: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(alert) + "\n" for alert in alerts), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def held_out(bundle: Path) -> list[dict[str, Any]]:
    """Two hundred alerts of the test split, which the reference does not know."""
    return rows(bundle.parents[1] / CORPUS, "test")[::4][:200]


@pytest.fixture
def without_reference(tmp_path: Path, bundle: Path) -> Path:
    """The shipped bundle as if it had been made before there were references."""
    folder = tmp_path / "older"
    shutil.copytree(bundle, folder, ignore=shutil.ignore_patterns(REFERENCE))
    write_manifest(folder, **read_manifest(bundle)[0].model_dump(exclude={"format_version", "files"}))
    return folder


def store_alerts(folder: Path, texts: list[str], answers: dict[str, Any] | None = None) -> None:
    """Store alerts of the last hours."""
    now = datetime.now(UTC)
    codes = {"category": "voirie", "department": "voirie", "priority": "normale"}
    with Store.open(f"sqlite:///{folder / 'state' / 'alerts.db'}") as store:
        for number, text in enumerate(texts):
            at = now - timedelta(minutes=number + 1)
            alert = NewAlert(
                f"a-{number}", text, None, None, None, at, at, None, **codes, decision="route", reasons=(), photos=(),
                plates=(), vector=None, vector_version="", prediction=answers, content_sha256=str(number),
                language="fr",
            )  # fmt: skip
            store.add(alert)


def test_alerts_like_those_of_the_corpus_have_not_drifted(
    triage: RunTriage, tmp_path: Path, held_out: list[dict[str, Any]]
) -> None:
    path = write(tmp_path / "alerts.jsonl", held_out)
    done = triage("drift", "--data", path, "--fail")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Nothing has drifted, of 6 measures that could be compared: 200 alerts, those of alerts.jsonl" in done.stderr
    assert [code for code in CODES if code in done.stdout] == CODES
    assert "Staff have looked at 0 answers of this model so far" in " ".join(done.stdout.split())


def test_drift_is_told_written_and_fails_where_that_is_asked_for(
    triage: RunTriage, tmp_path: Path, held_out: list[dict[str, Any]]
) -> None:
    spoilt = [row | {"text": row["text"][:25] + " on the pavement"} for row in held_out]
    path, page = write(tmp_path / "alerts.jsonl", spoilt), tmp_path / "report.html"
    done = triage("drift", "--data", path, "--output", page, "--json", "--fail")
    assert done.returncode == 1, done.stderr
    document = json.loads(done.stdout)
    assert "DRF005" in document["drifted"]
    assert [measure["code"] for measure in document["measures"]] == CODES
    length = document["measures"][4]
    assert (length["name"], length["status"], length["alerts"]) == ("length", "drifted", 200)
    assert length["value"] > length["threshold"] >= 0.1
    assert length["sentence"] in page.read_text(encoding="utf-8")
    assert f"The report is in {page}." in done.stderr


def test_the_store_is_looked_at_by_default(triage: RunTriage, tmp_path: Path) -> None:
    store_alerts(tmp_path, [f"Il y a un trou au {number} rue Monge" for number in range(120)])
    done = triage("drift", "--json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["alerts"] == 120
    found = {measure["code"]: measure for measure in document["measures"]}
    assert found["DRF005"]["status"] == "drifted"
    assert found["DRF001"]["sentence"] == "0 of the alerts can be compared so far; at least 100 are needed."


def test_too_few_alerts_are_told_so(triage: RunTriage, tmp_path: Path) -> None:
    store_alerts(tmp_path, ["Un trou"] * 2)
    done = triage("drift", "--days", "0.5")
    assert done.returncode == 0
    assert "Too few alerts have come in to tell: 2 alerts, from 20" in done.stderr
    assert "drifted" not in done.stdout


def test_lines_that_are_no_alerts_are_told_and_left_out(
    triage: RunTriage, tmp_path: Path, held_out: list[dict[str, Any]]
) -> None:
    path = tmp_path / "alerts.jsonl"
    good = "".join(json.dumps(row) + "\n" for row in held_out[:3])
    path.write_text("{\n[]\n" * 4 + good, encoding="utf-8")
    done = triage("drift", "--data", path)
    assert done.returncode == 0
    assert "line 1 is left out: " in done.stderr
    assert "3 more lines are left out." in done.stderr
    assert "Too few alerts have come in to tell: 3 alerts" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--days", "3", "--since", "2026-01-01"), "give one of them"),
        (("--since", "2999-01-01"), "lies in the future"),
    ],
)
def test_a_time_that_cannot_be_looked_at_is_refused(
    triage: RunTriage, sentence: Sentence, arguments: tuple[str, ...], message: str
) -> None:
    assert message in sentence(triage("drift", *arguments))


def test_a_file_without_alerts_is_refused(triage: RunTriage, tmp_path: Path, sentence: Sentence) -> None:
    (tmp_path / "empty.jsonl").touch()
    assert "holds no alert" in sentence(triage("drift", "--data", tmp_path / "empty.jsonl"))


def test_a_bundle_without_a_reference_says_how_to_make_one_and_gets_it(
    triage: RunTriage, tmp_path: Path, without_reference: Path, bundle: Path, held_out: list[dict[str, Any]]
) -> None:
    done = triage("drift", "--bundle", without_reference)
    assert done.returncode == 2
    assert f"make one with: triage reference {without_reference}" in done.stderr
    corpus = write(tmp_path / "corpus.jsonl", [row | {"split": "train"} for row in held_out[::4]])
    labelled = write(tmp_path / "reviews.jsonl", held_out[1:100:2])
    made = triage("reference", without_reference, "--data", labelled, "--corpus", corpus, "--json")
    assert made.returncode == 0, made.stderr
    document = json.loads(made.stdout)
    manifest, sha256 = read_manifest(without_reference)
    assert (document["alerts"], document["bundle_sha256"]) == (50, sha256)
    assert document["bytes"] == manifest.files[REFERENCE].bytes < 200_000
    assert manifest.version == read_manifest(bundle)[0].version
    path = write(tmp_path / "alerts.jsonl", held_out)
    again = triage("drift", "--bundle", without_reference, "--data", path)
    assert again.returncode == 0, again.stderr
    assert "beside the reference of ondijon-triage" in again.stderr


def test_a_promoted_bundle_stays_what_it_is(
    triage: RunTriage, tmp_path: Path, bundle: Path, sentence: Sentence
) -> None:
    shutil.copytree(bundle, tmp_path / "models" / "v1")
    (tmp_path / "models" / "champion.json").write_text("{}", encoding="utf-8")
    assert "must stay what was promoted" in sentence(triage("reference", tmp_path / "models" / "v1"))


def test_a_corpus_without_rows_to_compare_with_is_refused(
    triage: RunTriage, tmp_path: Path, bundle: Path, held_out: list[dict[str, Any]], sentence: Sentence
) -> None:
    corpus = write(tmp_path / "corpus.jsonl", held_out[:2])
    shutil.copytree(bundle, tmp_path / "copy")
    message = sentence(triage("reference", tmp_path / "copy", "--corpus", corpus))
    assert "needs rows of the validation split" in message
