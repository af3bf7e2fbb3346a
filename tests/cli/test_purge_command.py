"""`triage purge` and `triage personal-data`: retention and requests, from cron and from a terminal."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image

from tests.cli.conftest import RunTriage
from triage.photo_storage import PhotoStorage
from triage.store.personal import PersonalKeys
from triage.store.records import NewAlert
from triage.store.store import Store

Sentence = Callable[..., str]
TEXT = "Trou 06 12 34 56 78"


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A state folder with an alert of a hundred days ago and one of yesterday, each with a photo in `photos`."""
    folder = tmp_path / "state"
    storage = PhotoStorage(str(tmp_path / "photos"))
    with Store.open(f"sqlite:///{folder / 'alerts.db'}", key=PersonalKeys.from_file(folder)) as store:
        for name, days, colour in (("old", 100, "red"), ("new", 1, "blue")):
            at = datetime.now(UTC) - timedelta(days=days)
            key = storage.put(Image.new("RGB", (8, 8), colour))
            store.add(
                NewAlert(
                    id=name,
                    text="Trou <TEL>",
                    original=TEXT,
                    lat=None,
                    lon=None,
                    created_at=at,
                    received_at=at,
                    category_hint=None,
                    category=None,
                    department=None,
                    priority=None,
                    decision="review",
                    reasons=(),
                    photos=({"key": key, "held": False},),
                    plates=(),
                    vector=None,
                    vector_version="",
                    prediction=None,
                    content_sha256=name,
                )
            )
    return folder


def originals(state: Path) -> list[str | None]:
    with Store.open(f"sqlite:///{state / 'alerts.db'}", key=PersonalKeys.from_file(state)) as store:
        return [store.original(name, "test", "test") for name in ("old", "new")]


def test_what_is_too_old_goes_by_the_settings_or_the_options(triage: RunTriage, state: Path, tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    counted = triage("purge", "--photos-after", "30d", "--dry-run", "--json", photo_store=photos)
    assert counted.returncode == 0, counted.stderr
    assert originals(state) == [TEXT, TEXT] and len(list(photos.rglob("*.jpg"))) == 2
    done = triage("purge", "--photos-after", "30d", "--json", photo_store=photos)
    assert json.loads(done.stdout) == json.loads(counted.stdout) | {"dry_run": False}
    assert json.loads(done.stdout)["erased"]["texts as sent"] == 1
    assert originals(state) == [None, TEXT] and len(list(photos.rglob("*.jpg"))) == 1
    again = triage("purge", photo_store=photos, purge_personal_after="none", purge_photos_after="none")
    assert again.returncode == 0 and "0 photos erased" in again.stderr


@pytest.mark.usefixtures("state")
def test_a_time_that_is_none_is_a_sentence(triage: RunTriage, sentence: Sentence) -> None:
    assert "--personal-after" in sentence(triage("purge", "--personal-after", "soon"))
    assert "TRIAGE_PURGE_PERSONAL_AFTER" in sentence(triage("purge", purge_personal_after="soon"))


def test_an_alert_is_shown_with_its_photos_and_erased_after_a_question(
    triage: RunTriage, state: Path, sentence: Sentence, tmp_path: Path
) -> None:
    photos, copies = tmp_path / "photos", tmp_path / "copies"
    shown = triage("personal-data", "show", "new", "--purpose", "request", "--photos", copies, photo_store=photos)
    assert json.loads(shown.stdout)["original"] == TEXT, shown.stderr
    assert [path.name for path in copies.iterdir()] == ["1.jpg"]
    refused = triage("personal-data", "erase", "new", photo_store=photos)
    assert refused.returncode == 1 and originals(state)[1] == TEXT
    done = triage("personal-data", "erase", "new", "--yes", "--json", photo_store=photos)
    assert json.loads(done.stdout) == {"id": "new", "changed": True, "original": True, "photos": 1, "told": []}
    assert originals(state) == [TEXT, None]
    assert "nothing left" in triage("personal-data", "erase", "new", "--yes", photo_store=photos).stderr
    assert "No alert" in sentence(triage("personal-data", "erase", "none", "--yes", photo_store=photos))
    log = triage("user", "log", "--action", "personal_data_erased").stdout.splitlines()
    assert [json.loads(line)["subject"] for line in log] == ["new"]
