"""What an alert says, however it was written down."""

import base64
import json
from typing import Any

import pytest

from triage.addition import Addition
from triage.alert import parse_alert
from triage.content import canonical_addition, canonical_content

ALERT = {
    "id": "a",
    "text": "Nid-de-poule",
    "photo": [{"base64": base64.b64encode(b"one").decode()}, {"base64": base64.b64encode(b"two").decode()}],
    "lat": 47.0,
    "lon": 5.0415,
    "created_at": "2026-01-15T18:30:00+01:00",
    "category_hint": "voirie",
}


def content(**fields: Any) -> bytes:
    return canonical_content(parse_alert(json.dumps(ALERT | fields), photo_hosts={"photos.example"}))


@pytest.mark.parametrize(
    "fields",
    [
        {"created_at": "2026-01-15T17:30:00Z"},
        {"created_at": "2026-01-15T17:30:00.000000+00:00"},
        {"lat": 47},
        {"text": " Nid-de-poule\n"},
    ],
)
def test_another_way_to_write_it_makes_no_difference(fields: dict[str, Any]) -> None:
    assert content(**fields) == content()


@pytest.mark.parametrize(
    "fields",
    [
        {"id": "b"},
        {"text": "Nid de poule"},
        {"photo": ALERT["photo"][::-1]},
        {"photo": ALERT["photo"][:1]},
        {"photo": None},
        {"photo": {"url": "https://photos.example/1.jpg"}},
        {"lat": 47.00001},
        {"lat": None, "lon": None},
        {"created_at": "2026-01-15T18:30:00Z"},
        {"created_at": None},
        {"category_hint": None},
        {"category_hint": ""},
    ],
)
def test_every_field_counts(fields: dict[str, Any]) -> None:
    assert content(**fields) != content()


def test_the_bytes_of_a_photo_are_not_repeated() -> None:
    assert base64.b64encode(b"one") not in content()
    assert len(content(photo={"base64": "A" * 4_000_000})) < 1_000


def test_fields_that_came_later_leave_the_digests_of_older_alerts_as_they_were() -> None:
    old = {"id", "text", "photo", "lat", "lon", "created_at", "category_hint"}
    assert set(json.loads(content())) == set(json.loads(content(address=None, commune=" ", channel=None))) == old
    assert set(json.loads(content(address="12 rue Monge", channel="web"))) == old | {"address", "channel"}


def test_an_addition_is_told_from_others_by_its_alert_its_words_and_its_key() -> None:
    said = Addition(text="Toujours là")
    contents = {
        canonical_addition("a", said, None),
        canonical_addition("b", said, None),
        canonical_addition("a", said, "key"),
        canonical_addition("a", Addition(text="Plus là"), None),
    }
    assert len(contents) == 4
    assert canonical_addition("a", Addition(text=" Toujours là", version=3), None) in contents
