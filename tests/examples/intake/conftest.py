"""The example on a real service."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from examples.intake.links import Links
from ondijon_triage_client import TriageClient
from tests.browser.installation import Installation
from tests.examples.intake.started import SECRET, started
from tests.running_service import keep_together

_TICKET = re.compile(r'name="ticket" value="([^"]+)"')
_STEP = re.compile(r'<li data-kind="([^"]+)"')


@dataclass(frozen=True, slots=True)
class Resident:
    """A browser without a screen."""

    http: httpx.Client

    def ticket(self) -> str:
        """The hidden field of a form that is shown now."""
        return ticket_of(self.http.get("/"))

    def report(self, text: str = "Lampadaire éteint devant le 12 rue Monge", **fields: str) -> httpx.Response:
        """Send a report; a field that is empty is left out."""
        filled = {"text": text, "agreed": "yes", "ticket": ""} | fields
        filled["ticket"] = filled["ticket"] or self.ticket()
        return self.send({name: value for name, value in filled.items() if value})

    def send(self, fields: dict[str, str], *photos: bytes) -> httpx.Response:
        """Send a form as browsers do, with an empty part for a photo that was not chosen."""
        files = [("photo", ("image.jpg", photo, "image/jpeg")) for photo in photos] or [("photo", ("", b""))]
        return self.http.post("/", data=fields, files=files)

    def reported(self, text: str = "Lampadaire éteint devant le 12 rue Monge", **fields: str) -> str:
        """Send a report that is taken; the path of its page."""
        answer = self.report(text, **fields)
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    def steps(self, path: str) -> list[str]:
        """The kinds of what the page of an alert tells."""
        return _STEP.findall(self.http.get(path).text)


def ticket_of(answer: httpx.Response) -> str:
    """The hidden field of a form."""
    found = _TICKET.search(answer.text)
    assert found, answer.text
    return found[1]


def alert_of(path: str) -> str:
    """The alert of a follow-up page."""
    alert_id = Links(SECRET).followed(path.removeprefix("/suivi/"))
    assert alert_id is not None
    return alert_id


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What needs the service runs in one process."""
    keep_together(items, Path(__file__).parent)


@pytest.fixture(scope="session")
def intake(service: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the example."""
    with started(tmp_path_factory.mktemp("intake"), service.base, service.key) as base:
        yield base


@pytest.fixture
def resident(intake: str) -> Iterator[Resident]:
    """Somebody who has never been here."""
    with httpx.Client(base_url=intake, trust_env=False, timeout=30) as http:
        yield Resident(http)


@pytest.fixture(scope="session")
def triage(service: Installation) -> Iterator[TriageClient]:
    """The service, beside the page."""
    with TriageClient(service.base, service.key, trust_env=False) as client:
        yield client
