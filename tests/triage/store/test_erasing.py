"""What an alert holds of a person can be read, and is erased for good; what is counted from it stays."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Boolean, Double, Integer

from triage.store.erasing import ERASED
from triage.store.errors import OriginalUnreadable, UnknownAlert
from triage.store.personal import PersonalKeys
from triage.store.records import Link, Linking, NewAlert, NewEvent, QueuePlace
from triage.store.review_records import NewReturn, ReviewDecision
from triage.store.schema import Moment, metadata
from triage.store.store import Store

MakeAlert = Callable[..., NewAlert]
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
KEY = "cd" * 32
SECRETS = ("zebulon", "06 12 34 56 78", KEY, "ab" * 32, "rue Monge", "embedding")


@pytest.fixture
def told(store: Store, make: MakeAlert) -> Store:
    """A store with an alert that everything is known of, and its duplicate."""
    photo = {"key": KEY, "held": False, "hash": 7, "embedding": "AAEC"}
    store.add(make("other"))
    alert = make(
        "mine", text="Trou rue Monge, zebulon, <TEL>", original="Trou rue Monge, zebulon, 06 12 34 56 78",
        category_hint="zebulon", plates=("ab" * 32,), photos=(photo,), address="12 rue Monge", commune="Dijon",
        queue_place=QueuePlace("review", 1.0), language="fr",
    )  # fmt: skip
    linking = Linking(links=(Link("other", "duplicate", 0.9, 1.0, 0.0),), join="other")
    store.add(alert, link=lambda _: linking, events=[NewEvent("alert.received", {"lat": 47.3, "note": "zebulon"})])
    store.add_prediction("mine", {"explanation": {"text": "zebulon"}, "decision": "route"})
    store.decide(ReviewDecision("mine", "desk-1", NOON, None, "eau", note="zebulon"))
    store.add_note("mine", "desk-1", NOON, "zebulon")
    store.add_return(NewReturn("mine", "eau", None, "zebulon", "desk-1", NOON), QueuePlace("review", 2.0))
    store.original("mine", "desk-1", "call zebulon")
    store.keep_photo_link("mine", "https://photos.example/zebulon.jpg")
    return store


def test_nothing_of_a_person_is_left_and_what_is_counted_stays(told: Store) -> None:
    before = told.alert("mine")
    erased = told.erase_personal_data("mine", "dpo")
    assert (erased.changed, erased.original, erased.photos) == (True, True, {KEY})
    after = told.alert("mine")
    assert before is not None and after is not None
    assert (after.text, after.category_hint, after.address, after.plates) == (ERASED, None, None, ())
    assert after.photos == ({"key": None, "held": False},)
    for name in ("lat", "lon", "created_at", "category", "department", "priority", "cluster_id", "commune", "language"):
        assert getattr(after, name) == getattr(before, name), name
    assert [link.other_id for link in told.links("mine")] == ["other"]
    held = told.personal_data("mine", "dpo", "check").model_dump_json()
    assert not [secret for secret in SECRETS if secret in held]
    assert told.original("mine", "dpo", "check") is None
    [entry] = told.audit_log(action="personal_data_erased")
    assert (entry.actor, entry.subject, entry.details) == ("dpo", "mine", {"original": True, "photos": 1})


def test_no_byte_of_an_sqlite_file_holds_what_was_erased(tmp_path: Path, make: MakeAlert, keys: PersonalKeys) -> None:
    path = tmp_path / "alerts.db"
    with Store.open(f"sqlite:///{path}", key=keys) as store:
        told = make("mine", text="Trou rue Monge, zebulon", plates=("ab" * 32,), content_sha256="a keyed digest")
        store.add(told)
        store.close_alert("mine", NOON)
        store.add(make("other", text="Autre chose"))
        store.erase_personal_data("mine", "dpo")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert b"Autre chose" in content
    assert not [secret for secret in SECRETS if secret.encode() in content]


def test_a_second_time_changes_nothing(told: Store) -> None:
    told.erase_personal_data("mine", "dpo")
    before = told.alert("mine")
    again = told.erase_personal_data("mine", "dpo")
    assert (again.changed, again.original, again.photos) == (False, False, frozenset())
    assert told.alert("mine") == before
    assert len(told.audit_log(action="personal_data_erased")) == 1


def test_an_erased_alert_is_no_row_to_train_on(told: Store) -> None:
    assert [review.alert_id for review in told.labelled_reviews(None, None)] == ["mine"]
    told.erase_personal_data("mine", "dpo")
    assert list(told.labelled_reviews(None, None)) == []


def test_no_other_alert_is_touched(told: Store) -> None:
    before = told.alert("other")
    told.erase_personal_data("mine", "dpo")
    assert told.alert("other") == before


def test_everything_is_shown_without_names_of_staff_and_the_reading_is_logged(told: Store) -> None:
    held = told.personal_data("mine", "dpo", "request of May")
    assert held.original == "Trou rue Monge, zebulon, 06 12 34 56 78"
    assert (held.plates, held.vector, held.links, held.erased) == (1, True, 1, False)
    assert held.photo_link == "https://photos.example/zebulon.jpg"
    assert [photo.key for photo in held.photos] == [KEY]
    assert [review.note for review in held.reviews] == ["zebulon"]
    assert [note.text for note in held.notes] == ["zebulon"]
    assert [entry.reason for entry in held.returns] == ["zebulon"]
    assert [event.kind for event in held.events] == ["alert.received"]
    assert len(held.predictions) == 2
    assert [reading.purpose for reading in held.readings] == ["call zebulon"]
    assert "desk-1" not in held.model_dump_json()
    assert [entry.purpose for entry in told.readings("mine")] == ["call zebulon", "request of May"]


def test_an_unknown_alert_is_neither_shown_nor_erased(store: Store) -> None:
    for call in (lambda: store.personal_data("none", "dpo", "x"), lambda: store.erase_personal_data("none", "dpo")):
        with pytest.raises(UnknownAlert):
            call()


def test_a_text_whose_key_is_gone_is_an_error_and_no_reading(told: Store, url: str) -> None:
    with (
        Store.open(url, key=PersonalKeys([PersonalKeys.new_key()])) as blind,
        pytest.raises(OriginalUnreadable),
    ):
        blind.personal_data("mine", "dpo", "x")
    assert len(told.readings("mine")) == 1


def test_a_photo_that_another_alert_has_too_is_told(told: Store, make: MakeAlert) -> None:
    assert told.photos_elsewhere("mine", frozenset({KEY})) == frozenset()
    told.add(make("third", photos=({"key": KEY, "held": False},)))
    assert told.photos_elsewhere("mine", frozenset({KEY, "ef" * 32})) == {KEY}


# Where every text, JSON and binary column of an alert ends: a new one needs a decision here, and in `erasing.py`.
GOES = {
    "alerts": {"text", "category_hint", "address", "status_note", "plates", "photos", "vector_version"},
    "vectors": {"body"}, "originals": {"token"}, "photo_links": {"url"}, "untriaged": {"photos"},
    "notes": {"text"}, "reviews": {"note"}, "returns": {"reason"}, "readings": {"purpose"},
    "events": {"body"}, "predictions": {"body"},
}  # fmt: skip
# Codes, ids, states and keyed digests; names of staff, who are no residents; what operators configured.
STAYS = {
    "alerts": {"id", "content_sha256", "category", "department", "priority", "decision", "reasons", "state",
               "cluster_id", "covered_by", "recurrence_of", "queue", "language", "commune", "channel",
               "status_department"},
    "additions": {"digest"},
    "reviews": {"reviewer", "category", "department", "priority", "queue", "action", "model_version", "shown",
                "duplicate_of", "before", "undone_by"},
    "links": {"kind", "evidence"}, "clusters": {"id", "merged_into"}, "events": {"id", "alert_id", "kind"},
    "readings": {"alert_id", "reader"}, "claims": {"reviewer"}, "skips": {"reviewer"},
    "returns": {"department", "proposed", "by"}, "notes": {"author"},
    "shadow_answers": {"champion_sha256", "challenger_sha256", "category", "champion", "challenger"},
    "staff": {"name", "display_name", "role", "password_hash", "identity"}, "sessions": {"digest"},
    "audit": {"actor", "action", "subject", "details"}, "webhooks": {"name", "url", "kinds", "secret"},
    "delivery_targets": {"name", "reason", "lease_owner"}, "deliveries": {"target", "alert_id", "state", "reason"},
}  # fmt: skip


def test_of_every_column_that_may_hold_words_it_is_decided_whether_erasure_takes_it() -> None:
    undecided: list[Any] = []
    for table in metadata.tables.values():
        for column in table.columns:
            numeric = isinstance(column.type, (Moment, Integer, Double, Boolean))
            decided = column.name in GOES.get(table.name, set()) | STAYS.get(table.name, set())
            if not numeric and not decided:
                undecided.append(f"{table.name}.{column.name}")
    assert undecided == []
