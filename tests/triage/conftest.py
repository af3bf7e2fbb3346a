import json
from collections.abc import Callable, Collection
from typing import Any

import pytest

from triage.alert import parse_alert
from triage.errors import InvalidAlert

AlertJson = Callable[..., str]
Faults = Callable[..., dict[str, str]]


@pytest.fixture
def alert_json() -> AlertJson:
    """Writes an alert that is whole but for the fields given."""

    def write(**fields: Any) -> str:
        return json.dumps({"id": "a-1", "text": "Nid-de-poule devant le 12", **fields})

    return write


@pytest.fixture
def faults() -> Faults:
    """Field → code of every fault found in an alert that must be refused."""

    def find(source: bytes | str, *, allow_paths: bool = False, photo_hosts: Collection[str] = ()) -> dict[str, str]:
        with pytest.raises(InvalidAlert) as caught:
            parse_alert(source, allow_paths=allow_paths, photo_hosts=photo_hosts)
        assert all(error.message for error in caught.value.errors)
        return {error.field: error.code for error in caught.value.errors}

    return find
