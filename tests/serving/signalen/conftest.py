"""A service of this process that a Signalen installation may ask."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.serving.alerts.conftest import Service, StartService, keys, model, postgres_server, postgresql_url, start
from triage.settings import PROJECT_ROOT
from triage.taxonomy import Taxonomy, load_taxonomy

__all__ = ["keys", "model", "postgres_server", "postgresql_url", "start"]

BASE = "https://signalen.example/signals/v1/public/terms"


@pytest.fixture
def service(start: StartService) -> Iterator[Service]:
    with start(signalen_base=BASE) as running:
        yield running


@pytest.fixture(scope="session")
def taxonomy() -> Taxonomy:
    return load_taxonomy(PROJECT_ROOT / "datasets" / "taxonomy.yaml")


def is_parallel(document: Any) -> bool:
    """Whether an answer has Signalen's exact form: two lists of addresses and of their probabilities, best first."""
    if set(document) != {"hoofdrubriek", "subrubriek"}:
        return False
    for urls, probabilities in document.values():
        if len(urls) != len(probabilities) or probabilities != sorted(probabilities, reverse=True):
            return False
        if not all(isinstance(url, str) for url in urls) or not all(0 <= one <= 1 for one in probabilities):
            return False
    return True
