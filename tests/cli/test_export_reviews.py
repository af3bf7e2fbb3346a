"""`triage export-reviews`: what staff decided, as rows that train the next model."""

import json
import shutil
import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import RunTriage
from triage.settings import PROJECT_ROOT
from triage.store.audit import COMMAND_LINE, NOBODY
from triage.store.personal import PersonalKeys
from triage.store.records import NewAlert
from triage.store.review_records import ReviewDecision
from triage.store.store import Store

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
TEXTS = {
    "x-1": ("Le banc en pierre du quai Galliot penche, une latte a sauté", "mobilier_urbain", "espace_public"),
    "x-2": ("flaque d'huile sur 3 m, carrefour Mirande, ça glisse en vélo", "voirie", "voirie"),
    "x-3": ("Hibou mort accroché au grillage du stade", "animaux", "proprete"),
    "x-4": ("Demandez à Mme Durand du 4, c'est elle qui sort les sacs", "collecte", "collecte"),
    "x-5": ("flaque d'huile sur 3 m, au carrefour Mirande, ça glisse en vélo !!", "voirie", "voirie"),
}


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A state folder whose store holds decisions, a day apart."""
    folder = tmp_path / "state"
    with Store.open(f"sqlite:///{folder / 'alerts.db'}", key=PersonalKeys.from_file(folder)) as store:
        for day, (alert_id, (text, category, department)) in enumerate(TEXTS.items()):
            store.add(_alert(alert_id, text))
            at = NOON + timedelta(days=day)
            store.decide(ReviewDecision(alert_id, "c.roux", at, None, category, department, "normale"))
        store.add(_alert("x-6", "Rien à voir ici, erreur de saisie"))
        store.decide(ReviewDecision("x-6", "c.roux", NOON, None, "autre", "accueil", "basse"))
        store.undo("x-6", "c.roux", NOON)
    return folder


def _alert(alert_id: str, text: str) -> NewAlert:
    answer: dict[str, Any] = {"category": None, "department": None, "priority": None, "prediction": None}
    rest: dict[str, Any] = {"original": None, "lat": None, "lon": None, "category_hint": None, "vector": None}
    kept: dict[str, Any] = {"reasons": (), "photos": (), "plates": (), "vector_version": "", "decision": "review"}
    when = {"created_at": NOON, "received_at": NOON}
    return NewAlert(id=alert_id, text=text, content_sha256=alert_id, language="fr", **answer, **rest, **kept, **when)


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_decisions_become_rows_and_what_may_be_personal_is_told_by_its_number(
    triage: RunTriage, state: Path, tmp_path: Path
) -> None:
    output = tmp_path / "reviews.jsonl"
    done = triage("export-reviews", "--output", output, state_dir=state)
    assert done.returncode == 1, done.stderr
    assert [row["provenance"]["review"] for row in rows(output)] == [1, 2, 3, 5]
    first = rows(output)[0]
    assert (first["text"], first["category"], first["department"]) == TEXTS["x-1"]
    assert (first["lang"], first["split"], first["priority"]) == ("fr", "train", "normale")
    assert "review 4: personal:" in done.stderr
    assert "4 rows are in" in done.stderr
    told = done.stderr + output.read_text(encoding="utf-8")
    assert not [secret for secret in ("Durand", "c.roux", "x-1") if secret in told]
    assert stat.S_IMODE(output.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_only_answers_of_a_time_are_written(triage: RunTriage, state: Path, tmp_path: Path) -> None:
    output = tmp_path / "reviews.jsonl"
    done = triage(
        "export-reviews",
        "--output",
        output,
        "--since",
        "2026-06-02",
        "--until",
        "2026-06-04",
        "--json",
        state_dir=state,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"written": 2, "repeated": 0, "nearly_repeated": 0, "refused": []}
    assert [row["provenance"]["review"] for row in rows(output)] == [2, 3]


def test_each_export_is_in_the_audit_log(triage: RunTriage, state: Path, tmp_path: Path) -> None:
    before = datetime.now(UTC)
    triage("export-reviews", "--output", tmp_path / "all.jsonl", state_dir=state)
    triage("export-reviews", "--output", tmp_path / "some.jsonl", "--since", "2026-06-05", state_dir=state)
    with Store.open(f"sqlite:///{state / 'alerts.db'}", key=PersonalKeys.from_file(state)) as store:
        second, first = store.audit_log(10, "reviews_exported")
    assert (first.actor, first.subject) == (COMMAND_LINE, NOBODY)
    assert before <= first.at <= second.at <= datetime.now(UTC)
    assert first.details == {"rows": 4, "refused": 1, "since": None, "until": None}
    assert second.details == {"rows": 1, "refused": 0, "since": "2026-06-05T00:00:00+00:00", "until": None}


def test_an_export_that_fails_leaves_neither_file_nor_entry(triage: RunTriage, state: Path, tmp_path: Path) -> None:
    triage("export-reviews", "--output", tmp_path / "gone" / "reviews.jsonl", state_dir=state)
    with Store.open(f"sqlite:///{state / 'alerts.db'}", key=PersonalKeys.from_file(state)) as store:
        assert store.audit_log(10, "reviews_exported") == ()


@pytest.mark.slow
def test_what_is_written_beside_a_corpus_passes_the_checks_of_that_corpus(
    triage: RunTriage, state: Path, tmp_path: Path
) -> None:
    corpus = tmp_path / "corpus"
    shutil.copytree(PROJECT_ROOT / "datasets" / "corpus", corpus)
    output = corpus / "reviews.jsonl"
    done = triage("export-reviews", "--output", output, "--beside", corpus, "--json", state_dir=state)
    assert done.returncode == 1, done.stderr
    counts = json.loads(done.stdout)
    assert (counts["written"], counts["nearly_repeated"], len(counts["refused"])) == (3, 1, 1)
    datasets = PROJECT_ROOT / "datasets"
    checked = triage(
        "data", "check", "--corpus", corpus, "--taxonomy", datasets / "taxonomy.yaml",
        "--rules", datasets / "department_rules.yaml", "--json",
    )  # fmt: skip
    assert json.loads(checked.stdout)["findings"] == []
    assert checked.returncode == 0
    again = triage("export-reviews", "--output", output, "--beside", corpus, "--json", state_dir=state)
    assert json.loads(again.stdout) == counts


def test_a_folder_that_does_not_exist_is_named(triage: RunTriage, tmp_path: Path, sentence: Callable[..., str]) -> None:
    assert "--output" in sentence(triage("export-reviews", "--output", tmp_path / "gone" / "reviews.jsonl"))


def test_an_empty_store_gives_an_empty_file(triage: RunTriage, tmp_path: Path) -> None:
    output = tmp_path / "reviews.jsonl"
    done = triage("export-reviews", "--output", output)
    assert done.returncode == 0, done.stderr
    assert output.read_text(encoding="utf-8") == ""
