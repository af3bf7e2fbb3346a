"""Desks for tests, on a store of their own."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.serving.staff.desk_client import Desk, StartDesk, running_desk
from triage.settings import Settings
from triage.store.personal import PersonalKeys


@pytest.fixture(scope="session")
def keys() -> PersonalKeys:
    return PersonalKeys([PersonalKeys.new_key()])


@pytest.fixture
def start(tmp_path: Path, keys: PersonalKeys) -> Iterator[StartDesk]:
    """Starts desks in this test's folder, which find what those before them left."""
    with contextlib.ExitStack() as running:

        def run(inner: Any = None, other_keys: PersonalKeys | None = None, **chosen: Any) -> Desk:
            settings = Settings(state_dir=tmp_path / "state", **chosen)
            return running.enter_context(running_desk(settings, other_keys or keys, inner))

        yield run


@pytest.fixture
def desk(start: StartDesk) -> Desk:
    return start()
