"""Importing chunks of lines: each line is stored, a repeat, in conflict or bad, and counted once."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from triage.alert_files import Line
from triage.errors import FieldError, InvalidAlert
from triage.importing import Counts, Importer
from triage.past_alerts import PastAlert, PastAlertReader
from triage.settings import PROJECT_ROOT
from triage.store.personal import PersonalKeys
from triage.store.records import NewAlert
from triage.store.store import Store
from triage.taxonomy import load_taxonomy

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="session")
def reader() -> PastAlertReader:
    taxonomy = load_taxonomy(PROJECT_ROOT / "datasets" / "taxonomy.yaml")
    return PastAlertReader(taxonomy, PersonalKeys([PersonalKeys.new_key()]), keep_originals=False, now=NOW)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path / 'alerts.db'}") as opened:
        yield opened


def line(number: int, name: str, text: str = "trou", **fields: Any) -> Line:
    whole = {"id": name, "text": text, "created_at": "2026-01-05T08:00:00+01:00", **fields}
    return Line(number, json.dumps(whole).encode())


def test_every_line_is_counted_once_and_refusals_come_in_order(store: Store, reader: PastAlertReader) -> None:
    importer = Importer(store, reader)
    fault = FieldError("row", "surplus_cells", "has too many cells")
    refusals = importer.take(
        [
            line(1, "a"),
            Line(2, b"no JSON"),
            line(3, "b"),
            line(4, "a"),
            line(5, "a", "autre"),
            line(6, "c", state="nope"),
            Line(7, line(7, "d").content, fault),
        ]
    )
    assert [(refusal.line, refusal.id, refusal.code) for refusal in refusals] == [
        (2, None, "invalid_json"),
        (5, "a", "id_taken"),
        (6, "c", "invalid_alert"),
        (7, "d", "invalid_alert"),
    ]
    assert importer.counts == Counts(added=2, repeated=1, conflicting=1, bad=3)
    importer.take([line(8, "b"), line(9, "b", "autre"), line(10, "e")])
    assert importer.counts == Counts(added=3, repeated=2, conflicting=2, bad=3)
    assert {alert.id for alert in store.alerts().alerts} == {"a", "b", "e"}


def test_states_are_stored(store: Store, reader: PastAlertReader) -> None:
    closed = "2026-01-09T08:00:00Z"
    Importer(store, reader).take(
        [
            line(1, "open"),
            line(2, "closed", closed_at=closed),
            line(3, "closed at some time", state="closed"),
            line(4, "withdrawn", state="withdrawn"),
            line(5, "in progress", state="in_progress"),
        ]
    )
    found = {alert.id: (alert.state, alert.closed_at) for alert in store.alerts().alerts}
    assert found == {
        "open": ("open", None),
        "closed": ("closed", datetime.fromisoformat(closed)),
        "closed at some time": ("closed", NOW),
        "withdrawn": ("withdrawn", None),
        "in progress": ("in_progress", None),
    }


class Asked:
    """Answers the category `voirie`, and refuses what is said to be a photo that cannot be read."""

    def __init__(self) -> None:
        self.ids: list[str] = []

    def __call__(self, alerts: Sequence[tuple[PastAlert, NewAlert]]) -> list[NewAlert | InvalidAlert]:
        self.ids += [past.id for past, _ in alerts]
        return [
            InvalidAlert((FieldError("photo[0]", "photo_refused", "cannot be read"),))
            if past.text == "photo"
            else replace(new, category="voirie", vector=b"v")
            for past, new in alerts
        ]


def test_models_are_asked_only_about_what_is_new(store: Store, reader: PastAlertReader) -> None:
    Importer(store, reader).take([line(1, "a")])
    asked = Asked()
    importer = Importer(store, reader, asked)
    refusals = importer.take([line(1, "a"), line(2, "b"), line(3, "b"), line(4, "c", "photo"), Line(5, b"")])
    assert asked.ids == ["b", "c"]
    assert [(refusal.line, refusal.id, refusal.code) for refusal in refusals] == [
        (4, "c", "invalid_alert"),
        (5, None, "invalid_json"),
    ]
    assert importer.counts == Counts(added=1, repeated=2, bad=2)
    assert {alert.id: alert.category for alert in store.alerts().alerts} == {"a": None, "b": "voirie"}


def test_what_another_process_stored_meanwhile_is_a_repeat_or_a_conflict(store: Store, reader: PastAlertReader) -> None:
    def meanwhile(alerts: Sequence[tuple[PastAlert, NewAlert]]) -> list[NewAlert | InvalidAlert]:
        Importer(store, reader).take([line(1, "a"), line(2, "b", "autre")])
        return [new for _, new in alerts]

    importer = Importer(store, reader, meanwhile)
    refusals = importer.take([line(1, "a"), line(2, "b"), line(3, "c")])
    assert [(refusal.line, refusal.code) for refusal in refusals] == [(2, "id_taken")]
    assert importer.counts == Counts(added=1, repeated=1, conflicting=1)
