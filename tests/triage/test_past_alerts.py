"""Past alerts: what their lines may say of how they ended, and what of them is stored."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from triage.errors import InvalidAlert
from triage.past_alerts import PastAlertReader
from triage.settings import PROJECT_ROOT
from triage.store.personal import PersonalKeys
from triage.taxonomy import load_taxonomy

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
CREATED, CLOSED = "2026-01-05T08:00:00+01:00", "2026-01-09T08:00:00+01:00"
KEYS = PersonalKeys([PersonalKeys.new_key()])
MakeReader = Callable[..., PastAlertReader]


@pytest.fixture(scope="session")
def make_reader() -> MakeReader:
    taxonomy = load_taxonomy(PROJECT_ROOT / "datasets" / "taxonomy.yaml")
    return lambda *, keep_originals=False: PastAlertReader(taxonomy, KEYS, keep_originals, NOW)


@pytest.fixture
def reader(make_reader: MakeReader) -> PastAlertReader:
    return make_reader()


def line(**fields: Any) -> bytes:
    return json.dumps({"id": "a", "text": "Nid-de-poule", "created_at": CREATED, **fields}).encode()


def faults(reader: PastAlertReader, content: bytes) -> dict[str, str]:
    with pytest.raises(InvalidAlert) as caught:
        reader.parse(content)
    return {error.field: error.code for error in caught.value.errors}


def test_an_alert_keeps_what_the_archive_says_and_leaves_the_rest_open(reader: PastAlertReader) -> None:
    past = reader.parse(line(lat=47.3, lon=5.04, category="voirie", category_hint="Trou"))
    new = reader.as_new(past)
    assert (new.lat, new.lon, new.category, new.category_hint) == (47.3, 5.04, "voirie", "Trou")
    assert (new.department, new.priority, new.prediction, new.vector, new.photos) == (None, None, None, None, ())
    assert (new.decision, new.reasons) == ("route", ("imported",))
    assert new.created_at == datetime(2026, 1, 5, 7, tzinfo=UTC)
    assert new.received_at == NOW


@pytest.mark.parametrize(
    ("fields", "closed_at"),
    [
        ({}, None),
        ({"state": "open"}, None),
        ({"state": "withdrawn"}, None),
        ({"state": "closed"}, NOW),
        ({"closed_at": CLOSED}, datetime(2026, 1, 9, 7, tzinfo=UTC)),
        ({"state": "closed", "closed_at": CLOSED}, datetime(2026, 1, 9, 7, tzinfo=UTC)),
        ({"closed_at": CREATED}, datetime(2026, 1, 5, 7, tzinfo=UTC)),
    ],
)
def test_an_alert_is_closed_when_the_archive_says_so_at_the_latest_now(
    reader: PastAlertReader, fields: dict[str, str], closed_at: datetime | None
) -> None:
    assert reader.closed_at(reader.parse(line(**fields))) == closed_at


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"created_at": None}, {"created_at": "datetime_type"}),
        ({"created_at": "2026-01-05T08:00:00"}, {"created_at": "timezone_aware"}),
        ({"state": "done"}, {"state": "literal_error"}),
        ({"state": "open", "closed_at": CLOSED}, {"closed_at": "not_closed"}),
        ({"state": "withdrawn", "closed_at": CLOSED}, {"closed_at": "not_closed"}),
        ({"closed_at": "2026-01-05T07:59:59+01:00"}, {"closed_at": "closed_too_early"}),
        ({"closed_at": "9000-01-01T00:00:00Z"}, {"closed_at": "in_the_future"}),
        ({"category": "trous", "priority": "urgent"}, {"category": "unknown_code", "priority": "unknown_code"}),
        ({"urgence": 1}, {"urgence": "extra_forbidden"}),
        ({"lat": 47.3}, {"lon": "half_a_place"}),
    ],
)
def test_a_line_that_contradicts_itself_or_the_taxonomy_is_refused(
    reader: PastAlertReader, fields: dict[str, Any], found: dict[str, str]
) -> None:
    assert faults(reader, line(**fields)) == found


def test_an_alert_needs_the_time_of_its_creation(reader: PastAlertReader) -> None:
    assert faults(reader, b'{"id": "a", "text": "trou"}') == {"created_at": "missing"}


PERSONAL = "Golf AB-123-CD ventouse, ab 123 cd je vous dis, rappelez le 06 12 34 56 78"


def test_personal_data_is_masked_and_plates_are_kept_as_digests(reader: PastAlertReader) -> None:
    new = reader.as_new(reader.parse(line(text=PERSONAL, category_hint="06 12 34 56 78")))
    assert "123" not in new.text and "06 12" not in new.text and "<PLAQUE>" in new.text
    assert new.category_hint == "<TEL>"
    assert new.plates == (KEYS.plate_digest("AB-123-CD"),)
    assert new.original is None


def test_a_text_as_sent_is_kept_only_where_asked_for_and_where_it_differs(make_reader: MakeReader) -> None:
    reader = make_reader(keep_originals=True)
    assert reader.as_new(reader.parse(line(text=PERSONAL))).original == PERSONAL
    assert reader.as_new(reader.parse(line())).original is None


def test_what_became_of_an_alert_does_not_change_what_was_sent(reader: PastAlertReader) -> None:
    digests = [
        reader.as_new(reader.parse(line(**fields))).content_sha256
        for fields in ({}, {"state": "closed"}, {"category": "voirie"}, {"text": "Autre chose"})
    ]
    assert digests[0] == digests[1] == digests[2] != digests[3]
