"""`triage backup` and `triage restore`: from a terminal, with photos and keys, and back."""

import json
import shutil
import stat
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image

from evaluation.benchmarks.postgres import PostgresServer
from tests.cli.conftest import RunTriage
from triage.photo_storage import PhotoStorage
from triage.store.personal import PersonalKeys
from triage.store.records import NewAlert
from triage.store.store import Store

Sentence = Callable[..., str]
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
TEXT = "Trou 06 12 34 56 78"


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A state folder with an alert that has a photo, which is kept in `photos`."""
    folder = tmp_path / "state"
    key = PhotoStorage(str(tmp_path / "photos")).put(Image.new("RGB", (8, 8), "red"))
    gone = {"key": "0" * 64, "held": False}
    with Store.open(f"sqlite:///{folder / 'alerts.db'}", key=PersonalKeys.from_file(folder)) as store:
        store.add(
            NewAlert(
                id="a-1",
                text="Trou <TEL>",
                original=TEXT,
                lat=None,
                lon=None,
                created_at=NOON,
                received_at=NOON,
                category_hint=None,
                category=None,
                department=None,
                priority=None,
                decision="review",
                reasons=(),
                photos=({"key": key, "held": False}, gone),
                plates=(),
                vector=None,
                vector_version="",
                prediction=None,
                content_sha256="1",
            )
        )
    return folder


def original(folder: Path) -> str | None:
    with Store.open(f"sqlite:///{folder / 'alerts.db'}", key=PersonalKeys.from_file(folder)) as store:
        return store.original("a-1", "test", "test")


def test_a_lost_machine_comes_back_with_its_photos_and_keys(triage: RunTriage, state: Path, tmp_path: Path) -> None:
    done = triage(
        "backup", "--output", "b.zip", "--with-photos", "--with-keys", "--json", photo_store=tmp_path / "photos"
    )
    assert done.returncode == 0, done.stderr
    counts = json.loads(done.stdout)
    assert (counts["photos"], counts["photos_missing"], counts["tables"]["alerts"]["rows"]) == (1, 1, 1)
    assert "as secret as what they encrypt" in done.stderr
    shutil.rmtree(state)
    shutil.move(tmp_path / "photos", tmp_path / "lost")
    done = triage("restore", "--input", "b.zip", photo_store=tmp_path / "photos")
    assert done.returncode == 0, done.stderr
    assert "cannot be read" not in done.stderr
    assert original(state) == TEXT
    assert stat.S_IMODE((state / "personal.key").stat().st_mode) == 0o600
    [photo] = (tmp_path / "photos").rglob("*.jpg")
    assert photo.read_bytes() == (tmp_path / "lost" / photo.relative_to(tmp_path / "photos")).read_bytes()


def test_keys_are_in_no_backup_that_did_not_ask_for_them(triage: RunTriage, state: Path, tmp_path: Path) -> None:
    assert triage("backup", "--output", "b.zip").returncode == 0
    key = (state / "personal.key").read_bytes().strip()
    assert key not in (tmp_path / "b.zip").read_bytes()
    shutil.rmtree(state)
    done = triage("restore", "--input", "b.zip")
    assert done.returncode == 0, done.stderr
    assert "TRIAGE_PERSONAL_KEYS" in done.stderr
    assert not (state / "personal.key").exists()


@pytest.mark.usefixtures("state")
def test_a_backup_is_checked_without_restoring_anything(triage: RunTriage, sentence: Sentence, tmp_path: Path) -> None:
    triage("backup", "--output", "b.zip")
    done = triage("restore", "--input", "b.zip", "--check", store=f"sqlite:///{tmp_path / 'never.db'}")
    assert done.returncode == 0 and "is whole" in done.stderr
    assert not (tmp_path / "never.db").exists()
    content = (tmp_path / "b.zip").read_bytes()
    (tmp_path / "b.zip").write_bytes(content[:-30])
    assert "no backup" in sentence(triage("restore", "--input", "b.zip", "--check"))


@pytest.mark.usefixtures("state")
def test_what_is_there_is_not_lost_by_accident(triage: RunTriage, sentence: Sentence) -> None:
    assert triage("backup", "--output", "b.zip").returncode == 0
    assert "already" in sentence(triage("backup", "--output", "b.zip"))
    assert "--replace" in sentence(triage("restore", "--input", "b.zip"))
    assert triage("restore", "--input", "b.zip", "--replace").returncode == 0


def test_a_store_that_is_not_there_is_a_sentence_and_is_not_made(
    triage: RunTriage, sentence: Sentence, tmp_path: Path
) -> None:
    assert "no alert store" in sentence(triage("backup", "--output", "b.zip"))
    assert not (tmp_path / "state" / "alerts.db").exists()


@pytest.mark.xdist_group("postgresql")
@pytest.mark.usefixtures("state")
def test_a_city_moves_from_sqlite_to_postgresql(triage: RunTriage, postgres_server: PostgresServer) -> None:
    assert triage("backup", "--output", "b.zip").returncode == 0
    with postgres_server.database() as url:
        done = triage("restore", "--input", "b.zip", "--store", url, "--json")
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["rows"] == 2
        with Store.open(url, migrate=False) as store:
            alert = store.alert("a-1")
    assert alert is not None and alert.text == "Trou <TEL>"
