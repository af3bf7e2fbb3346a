"""Services whose store or bundle comes to harm."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.postgres import postgres_server, postgresql_url
from tests.serving.alerts.conftest import Service
from tests.serving.alerts.hand_made import HandMadeModel
from triage.settings import Settings
from triage.store.personal import PersonalKeys

__all__ = ["postgres_server", "postgresql_url"]

StartService = Callable[..., contextlib.AbstractContextManager[Service]]


@pytest.fixture(scope="session")
def keys() -> PersonalKeys:
    return PersonalKeys([PersonalKeys.new_key()])


@pytest.fixture
def start(tmp_path: Path, keys: PersonalKeys) -> Iterator[StartService]:
    """Starts a service of this process, with a model made by hand."""

    def run(**chosen: Any) -> contextlib.AbstractContextManager[Service]:
        settings = Settings(state_dir=tmp_path / "state", **chosen)
        return Service(settings, keys, HandMadeModel(keys.plate_digest)).running()

    yield run
