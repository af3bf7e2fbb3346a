"""What was kept long enough goes, what is counted stays, and a running service writes in between."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.postgres import postgres_server, postgresql_url
from triage.errors import InvalidConfiguration, PhotoMissing
from triage.photo_storage import PhotoStorage
from triage.retention import Purger, PurgeReport, Retention, erase
from triage.store.personal import PersonalKeys
from triage.store.purging import BATCH
from triage.store.records import NewAlert, NewEvent
from triage.store.review_records import ReviewDecision
from triage.store.store import Store

__all__ = ["postgres_server", "postgresql_url"]

BACK_ENDS = ("sqlite", pytest.param("postgresql", marks=pytest.mark.xdist_group("postgresql")))
NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
OLD, NEW = NOW - timedelta(days=91), NOW - timedelta(days=89)
RETENTION = Retention(timedelta(days=90), timedelta(days=90))
EMPTY = {"key": None, "held": False}


@pytest.fixture(params=BACK_ENDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'alerts.db'}"
    value: str = request.getfixturevalue("postgresql_url")
    return value


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with Store.open(url, key=PersonalKeys([PersonalKeys.new_key()])) as opened:
        yield opened


@pytest.fixture
def photos(tmp_path: Path) -> PhotoStorage:
    return PhotoStorage(str(tmp_path / "photos"))


@pytest.fixture
def purge(store: Store, photos: PhotoStorage) -> Callable[..., PurgeReport]:
    def run(retention: Retention = RETENTION, **options: Any) -> PurgeReport:
        purger = Purger(store, options.pop("photos", photos), lambda: NOW, options.pop("pause", lambda _: None))
        return purger.purge(retention, "cron", **options)

    return run


def alert(alert_id: str, at: datetime, photo: str | None = None, **fields: Any) -> NewAlert:
    kept: Any = ({"key": photo, "held": False, "hash": 7, "embedding": "AAEC"},) if photo else ()
    whole: dict[str, Any] = {
        "text": "Trou <TEL>", "original": "Trou 06 12 34 56 78", "lat": 47.3, "lon": 5.04, "created_at": at,
        "received_at": at, "category_hint": None, "category": "voirie", "department": "voirie",
        "priority": "normale", "decision": "route", "reasons": (), "photos": kept, "plates": ("ab" * 32,),
        "vector": b"\x01", "vector_version": "v1", "prediction": {"id": alert_id}, "content_sha256": alert_id,
    }  # fmt: skip
    return NewAlert(id=alert_id, **(whole | fields))


def picture(colour: str) -> Image.Image:
    return Image.new("RGB", (8, 8), colour)


def test_what_is_personal_goes_with_age_and_what_is_counted_stays(store: Store, purge: Callable[..., Any]) -> None:
    for alert_id, at in (("old", OLD), ("new", NEW)):
        store.add(alert(alert_id, at), events=[NewEvent("alert.in_progress", {"note": "see you", "by": "x"})])
        store.decide(ReviewDecision(alert_id, "desk-1", at, None, "eau", note="call Z"))
        store.add_note(alert_id, "desk-1", at, "call Z")
    report = purge()
    assert report.erased["texts as sent"] == report.erased["notes of staff"] == report.erased["digests of plates"] == 1
    before, after = store.alert("new"), store.alert("old")
    assert before is not None and after is not None
    assert (before.plates, after.plates) == (("ab" * 32,), ())
    assert (after.text, after.category, after.vector_version) == ("Trou <TEL>", "eau", "v1")
    assert store.original("old", "test", "test") is None
    assert store.original("new", "test", "test") == "Trou 06 12 34 56 78"
    assert [note.text for note in store.notes("old")] == ["<EFFACE>"]
    assert [note.text for note in store.notes("new")] == ["call Z"]
    [entry] = store.history("old")
    assert (entry.category, entry.note) == ("eau", "<EFFACE>")
    [noted] = store.audit_log(action="personal_data_purged")
    assert noted.actor == "cron" and noted.details["erased"]["texts as sent"] == 1


def test_an_imported_alert_is_as_old_as_it_was_sent(store: Store, purge: Callable[..., Any]) -> None:
    store.import_many([alert("archive", OLD, received_at=NOW)])
    assert purge().erased["texts as sent"] == 1


def test_photos_go_with_what_tells_them_apart_and_their_number_stays(
    store: Store, photos: PhotoStorage, purge: Callable[..., Any]
) -> None:
    red, blue = photos.put(picture("red")), photos.put(picture("blue"))
    store.add(alert("old", OLD, red))
    store.add(alert("new", NEW, blue))
    assert purge().photos == 1
    after = store.alert("old")
    assert after is not None and after.photos == (EMPTY,)
    with pytest.raises(PhotoMissing):
        photos.get(red)
    assert photos.get(blue)


def test_a_photo_that_a_younger_alert_has_too_is_kept_for_it(
    store: Store, photos: PhotoStorage, purge: Callable[..., Any]
) -> None:
    key = photos.put(picture("red"))
    store.add(alert("old", OLD, key))
    store.add(alert("new", NEW, key))
    report = purge()
    assert (report.photos, report.alerts_with_photos) == (0, 1)
    assert photos.get(key)


def test_a_dry_run_counts_the_same_and_changes_nothing(
    store: Store, photos: PhotoStorage, purge: Callable[..., Any]
) -> None:
    key = photos.put(picture("red"))
    store.add(alert("old", OLD, key))
    before = store.alert("old")
    counted = purge(dry_run=True)
    assert store.alert("old") == before and photos.get(key)
    assert store.audit_log() == ()
    done = purge()
    assert (counted.erased, counted.photos, counted.total) == (done.erased, done.photos, done.total)


def test_a_second_purge_finds_nothing_and_notes_nothing(store: Store, purge: Callable[..., Any]) -> None:
    store.add(alert("old", OLD))
    assert purge().total > 0
    assert purge().total == 0
    assert len(store.audit_log()) == 1


def test_what_is_to_be_kept_for_ever_is(store: Store, photos: PhotoStorage, purge: Callable[..., Any]) -> None:
    store.add(alert("old", OLD, photos.put(picture("red"))))
    assert purge(Retention(None, None)).total == 0


def test_others_write_between_batches(store: Store, purge: Callable[..., Any]) -> None:
    store.import_many([alert(f"old-{number}", OLD) for number in range(BATCH * 2 + 1)])
    written: list[str] = []

    def service(seconds: float) -> None:
        assert seconds > 0
        written.append(store.add(alert(f"new-{len(written)}", NEW)).alert.id)

    report = purge(pause=service)
    assert report.erased["texts as sent"] == BATCH * 2 + 1
    assert len(written) >= 6  # three batches of texts, three of plates
    assert store.original("new-0", "test", "test") is not None


def test_photos_that_nobody_can_find_are_an_error_before_anything_is_forgotten(
    store: Store, photos: PhotoStorage, purge: Callable[..., Any]
) -> None:
    store.add(alert("old", OLD, photos.put(picture("red"))))
    with pytest.raises(InvalidConfiguration, match="TRIAGE_PHOTO_STORE"):
        purge(photos=None)
    kept = store.alert("old")
    assert kept is not None and kept.photos[0]["key"] is not None


# One alert at its reporter's wish


def test_an_alert_is_erased_with_its_photos_and_departments_that_have_a_copy_are_named(
    store: Store, photos: PhotoStorage
) -> None:
    red, blue = photos.put(picture("red")), photos.put(picture("blue"))
    forwarded = NewEvent("alert.forwarded", {"department": "voirie", "target": "t", "channel": "webhook"})
    store.add(alert("mine", NEW, red), events=[forwarded])
    store.add(alert("other", NEW, blue))
    erased = erase(store, photos, "mine", "dpo")
    assert (erased.changed, erased.original, erased.photos, erased.told) == (True, True, 1, ("voirie",))
    with pytest.raises(PhotoMissing):
        photos.get(red)
    assert photos.get(blue)
    assert erase(store, photos, "mine", "dpo").changed is False


def test_an_alert_whose_photos_cannot_be_found_is_not_half_erased(store: Store, photos: PhotoStorage) -> None:
    store.add(alert("mine", NEW, photos.put(picture("red"))))
    with pytest.raises(InvalidConfiguration):
        erase(store, None, "mine", "dpo")
    assert store.original("mine", "test", "test") is not None
