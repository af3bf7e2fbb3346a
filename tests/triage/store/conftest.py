"""A store on either database, alerts for it and a clock that moves on by itself."""

import itertools
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.postgres import postgres_server, postgresql_url
from triage.store.personal import PersonalKeys
from triage.store.records import NewAlert
from triage.store.store import Store

__all__ = ["postgres_server", "postgresql_url"]

MakeAlert = Callable[..., NewAlert]
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)

# The PostgreSQL tests share a server, so they run in one process.
BACK_ENDS = ("sqlite", pytest.param("postgresql", marks=pytest.mark.xdist_group("postgresql")))


@pytest.fixture(params=BACK_ENDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'state' / 'alerts.db'}"
    value: str = request.getfixturevalue("postgresql_url")
    return value


@pytest.fixture(scope="session")
def keys() -> PersonalKeys:
    return PersonalKeys([PersonalKeys.new_key()])


@pytest.fixture
def clock() -> Callable[[], datetime]:
    """Every look at it is a second after the one before, from one o'clock on."""
    seconds = itertools.count()
    return lambda: NOON + timedelta(hours=1, seconds=next(seconds))


@pytest.fixture
def store(url: str, keys: PersonalKeys, clock: Callable[[], datetime]) -> Iterator[Store]:
    with Store.open(url, key=keys, clock=clock) as opened:
        yield opened


@pytest.fixture(scope="session")
def make() -> MakeAlert:
    """Makes an alert that is whole but for the fields given; its digest follows from its text."""

    def alert(alert_id: str = "a-1", **fields: Any) -> NewAlert:
        text = fields.get("text", "Nid-de-poule devant le 12")
        whole: dict[str, Any] = {
            "id": alert_id,
            "text": text,
            "original": None,
            "lat": 47.3220,
            "lon": 5.0415,
            "created_at": NOON,
            "received_at": NOON + timedelta(seconds=2),
            "category_hint": None,
            "category": "voirie",
            "department": "voirie",
            "priority": "normale",
            "decision": "route",
            "reasons": (),
            "photos": (),
            "plates": (),
            "vector": b"\x00\xff\x01",
            "vector_version": "v1",
            "prediction": {"id": alert_id, "category": {"code": "voirie", "confidence": 0.93}},
            "content_sha256": f"digest of {text}",
        }
        return NewAlert(**(whole | fields))

    return alert
