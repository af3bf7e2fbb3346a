"""Desks for tests, with alerts that wait."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from serving.desk.languages import Language, read_languages
from serving.desk.names import Names, read_reasons
from tests.serving.desk.made import new_alert
from tests.serving.staff.desk_client import Browser, Desk, StartDesk, running_desk
from triage.settings import PROJECT_ROOT, Settings
from triage.staff import Role
from triage.store.personal import PersonalKeys
from triage.store.records import StoredAlert
from triage.taxonomy import Taxonomy, load_taxonomy


@pytest.fixture(scope="session")
def keys() -> PersonalKeys:
    return PersonalKeys([PersonalKeys.new_key()])


@pytest.fixture
def start(tmp_path: Path, keys: PersonalKeys) -> Iterator[StartDesk]:
    """Starts desks in this test's folder."""
    with contextlib.ExitStack() as running:

        def run(**chosen: Any) -> Desk:
            settings = Settings(state_dir=tmp_path / "state", **chosen)
            return running.enter_context(running_desk(settings, keys))

        yield run


@pytest.fixture
def desk(start: StartDesk) -> Desk:
    return start()


@pytest.fixture
def put(desk: Desk) -> Callable[..., StoredAlert]:
    """Stores an alert, by default one that waits."""

    def store(alert_id: str, text: str = "Des sacs sur le trottoir", **other: Any) -> StoredAlert:
        with desk.store() as kept:
            return kept.add(new_alert(alert_id, text, **other)).alert

    return store


@pytest.fixture
def alert(desk: Desk) -> Callable[[str], StoredAlert]:
    """Reads an alert."""

    def read(alert_id: str) -> StoredAlert:
        with desk.store() as kept:
            found = kept.alert(alert_id)
        assert found is not None
        return found

    return read


@pytest.fixture
def agent(desk: Desk) -> Browser:
    return desk.signed_in("a.petit")


@pytest.fixture
def colleague(desk: Desk) -> Browser:
    return desk.signed_in("c.roy")


@pytest.fixture
def supervisor(desk: Desk) -> Browser:
    return desk.signed_in("b.durand", Role.SUPERVISOR)


@pytest.fixture(scope="session")
def taxonomy() -> Taxonomy:
    return load_taxonomy(PROJECT_ROOT / "datasets" / "taxonomy.yaml")


@pytest.fixture(scope="session")
def french(taxonomy: Taxonomy) -> Names:
    return Names("fr", taxonomy, read_reasons())


@pytest.fixture(scope="session")
def languages() -> dict[str, Language]:
    return dict(read_languages("Europe/Paris"))
