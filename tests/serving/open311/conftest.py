"""Apps that speak Open311 to a service of this process."""

from collections.abc import Callable, Mapping
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest

from serving.desk.languages import Language, read_languages
from serving.open311.places import ROOT
from serving.scopes import Scope
from tests.serving.alerts.conftest import Service, keys, model, postgres_server, postgresql_url, service, start, stored
from triage.settings import PROJECT_ROOT
from triage.taxonomy import Taxonomy, load_taxonomy

__all__ = ["keys", "model", "postgres_server", "postgresql_url", "service", "start", "stored"]

LAMP = {"description": "Lampadaire éteint devant le 12 rue Monge", "lat": "47.3216", "long": "5.0415"}


class App:
    """An app with a key, which it sends as the standard has it."""

    def __init__(self, service: Service, *scopes: Scope) -> None:
        session = service.client_for(*scopes)
        self.key = session.headers.pop("X-API-Key")
        self.session = session

    def post(self, form: Mapping[str, str] | None = None, ending: str = "json", **other: Any) -> httpx.Response:
        data = {"api_key": self.key, **(LAMP if form is None else form)}
        return self.session.post(f"{ROOT}/requests.{ending}", data=data, **other)

    def get(self, path: str, headers: Mapping[str, str] | None = None, **query: str) -> httpx.Response:
        return self.session.get(f"{ROOT}/{path}", params=query, headers={"X-API-Key": self.key, **(headers or {})})

    def create(self, **form: str) -> str:
        answer = self.post(LAMP | form)
        assert answer.status_code == 201, answer.text
        [row] = answer.json()
        return str(row["service_request_id"])

    def shown(self, request_id: str, **query: str) -> dict[str, Any]:
        answer = self.get(f"requests/{request_id}.json", **query)
        assert answer.status_code == 200, answer.text
        [row] = answer.json()
        return dict(row)


@pytest.fixture
def app(service: Service) -> App:
    return App(service, Scope.ALERTS)


@pytest.fixture
def make_app(service: Service) -> Callable[..., App]:
    return lambda *scopes: App(service, *scopes)


@pytest.fixture(scope="session")
def taxonomy() -> Taxonomy:
    return load_taxonomy(PROJECT_ROOT / "datasets" / "taxonomy.yaml")


@pytest.fixture(scope="session")
def languages() -> Mapping[str, Language]:
    return read_languages("Europe/Paris")


@pytest.fixture(scope="session")
def rows_of() -> Callable[[bytes], list[dict[str, str | None]]]:
    """The rows of an answer in XML, each as its elements' texts by name."""

    def read(content: bytes) -> list[dict[str, str | None]]:
        assert content.startswith(b'<?xml version="1.0" encoding="utf-8"?>')
        whole = ElementTree.fromstring(content)  # noqa: S314 - what this service wrote
        return [{field.tag: field.text for field in row} for row in whole]

    return read
