"""A store of the first version, with alerts and answers in it, opened by this one."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection, text

from triage.store.change_records import Progress, Revision
from triage.store.database import Database
from triage.store.errors import NothingToUndo
from triage.store.records import Search
from triage.store.review_records import ReviewDecision, ReviewEntry
from triage.store.store import Store
from triage.store.upgrade import _config

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
_ALERT = """
    INSERT INTO alerts (id, content_sha256, text, created_at, received_at, updated_at, category, department, priority,
        decision, reasons, photos, plates, vector_version, state)
    VALUES ('old', 'digest', 'Lampadaire éteint', :noon, :noon, :noon, 'eau', 'eaux', 'haute',
        'review', '["too_vague"]', '[]', '[]', 'v1', 'open')
"""
_PREDICTION = """
    INSERT INTO predictions (alert_seq, created_at, body) VALUES (1, :noon, '{"category": {"code": "voirie"}}')
"""
_REVIEW = """
    INSERT INTO reviews (alert_seq, reviewer, decided_at, category, department, priority, body)
    VALUES (1, 'anne', :noon, 'eau', 'eaux', NULL, '{"seconds": 3.5}')
"""


@pytest.fixture
def first_version(url: str) -> str:
    """The URL of a store as the first version left it."""
    if url.startswith("sqlite"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir()
    database = Database(url)
    with database.writing("make the first tables") as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        _fill(connection, database.is_sqlite)
    database.close()
    return url


def _fill(connection: Connection, is_sqlite: bool) -> None:
    noon: Any = "2026-06-01 12:00:00.000000" if is_sqlite else NOON
    for statement in (_ALERT, _PREDICTION, _REVIEW):
        connection.execute(text(statement), {"noon": noon})


def test_alerts_and_answers_of_the_first_version_stay_readable(first_version: str) -> None:
    with Store.open(first_version) as store:
        alert = store.alert("old")
        assert alert is not None
        assert (alert.text, alert.reasons, alert.created_at) == ("Lampadaire éteint", ("too_vague",), NOON)
        assert (alert.queue, alert.queue_rank, alert.language, alert.review_id) == (None, None, None, 1)
        assert store.history("old") == (
            ReviewEntry(
                id=1,
                alert_id="old",
                reviewer="anne",
                decided_at=NOON,
                category="eau",
                department="eaux",
                priority=None,
                queue=None,
                action="decide",
                seconds=None,
                rank=None,
                model_version=None,
                shown={"seconds": 3.5},
                note=None,
                duplicate_of=None,
                undone_at=None,
                undone_by=None,
            ),
        )


def test_an_answer_of_the_first_version_is_corrected_but_not_undone(first_version: str) -> None:
    with Store.open(first_version) as store:
        with pytest.raises(NothingToUndo):
            store.undo("old", "bob", NOON)
        decided = store.decide(ReviewDecision("old", "bob", NOON, 1, category="voirie"))
        assert (decided.category, decided.department) == ("voirie", "eaux")
        assert store.undo("old", "bob", NOON).category == "eau"


def test_an_alert_of_the_first_version_goes_on_as_one_of_this_version(first_version: str) -> None:
    with Store.open(first_version) as store:
        alert = store.alert("old")
        assert alert is not None
        assert (alert.version, alert.address, alert.commune, alert.channel) == (1, None, None, None)
        assert (alert.expected_at, alert.status_note, alert.status_department) == (None, None, None)
        assert [answer.version for answer in store.prediction_versions("old")] == [1]
        placed = store.revise("old", lambda *_: Revision({"decision": "route"}, None, place=(47.3, 5.0)), digest="one")
        assert (placed.alert.version, placed.alert.category) == (2, "eau"), "a person's answer stays"
        day = timedelta(days=1)
        assert [found.id for found in store.near(Search(47.3, 5.0, 10, NOON - day, NOON + day))] == ["old"]
        assert store.report_progress("old", Progress("in_progress", NOON)).state == "in_progress"
