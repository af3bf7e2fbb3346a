"""`triage suspects`: labels that look wrong are put before staff, once."""

import json
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from triage.store.review_records import SUSPECT_QUEUE
from triage.store.store import Store

RunTriage = Callable[..., "subprocess.CompletedProcess[str]"]
Sentence = Callable[["subprocess.CompletedProcess[str]"], str]

LAMP = "Le lampadaire devant le 12 rue Monge est éteint depuis une semaine"
CREATED = "2026-01-05T07:00:00Z"


def archive(folder: Path, *alerts: dict[str, Any]) -> Path:
    path = folder / "archive.jsonl"
    path.write_text("".join(f"{json.dumps({'created_at': CREATED} | alert)}\n" for alert in alerts), encoding="utf-8")
    return path


def test_a_wrong_label_of_the_archive_is_put_before_staff_once(triage: RunTriage, tmp_path: Path) -> None:
    path = archive(
        tmp_path,
        {"id": "right", "text": LAMP, "category": "eclairage_public", "department": "eclairage"},
        {"id": "wrong", "text": LAMP, "category": "animaux", "department": "hygiene"},
        {"id": "without a label", "text": LAMP},
        {"id": "without words", "category": "animaux"},
    )
    assert triage("import", "--input", path).returncode == 1  # an alert needs words or a photo
    done = triage("suspects")
    assert (done.returncode, done.stdout) == (0, "")
    assert "1 of 2 labels look wrong; put before staff: 1." in done.stderr
    with Store.open(f"sqlite:///{tmp_path / 'state' / 'alerts.db'}") as store:
        [row] = store.queue(SUSPECT_QUEUE, datetime.now(UTC)).rows
        assert row.alert.id == "wrong"
        assert 0.95 <= (row.alert.queue_rank or 0) <= 1
    again = triage("suspects", "--json")
    assert json.loads(again.stdout) == {"labelled": 1, "suspected": 0, "queued": 0}


def test_rules_that_cannot_be_used_are_refused_with_a_sentence(
    triage: RunTriage, tmp_path: Path, sentence: Sentence
) -> None:
    (tmp_path / "rules.yaml").write_text("costs: {}\n", encoding="utf-8")
    assert "rules.yaml" in sentence(triage("suspects", review_rules=tmp_path / "rules.yaml"))
