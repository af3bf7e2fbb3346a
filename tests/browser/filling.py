"""What lies in the store before the first test: alerts of the demo, sent through the real route, some answered."""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx

from cli.demo.alerts import DemoAlert, read_demo_alerts
from cli.demo.photos import PhotoSource
from tests.browser.installation import Installation
from triage.staff import Role

ALERTS, ANSWERED, VAGUE = 48, 14, 32
_ID = re.compile(r'class="alert-id">([^<]*)<')
_FIELD = re.compile(r'name="(csrf|opened|model_version)" value="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Filling:
    """What was put in.

    Attributes:
        accounts: a name for each role.
        alerts: the ids of those that nobody has answered.
        answered: of the others.
        suspects: of those whose label may be wrong.
    """

    accounts: Mapping[Role, str]
    alerts: tuple[str, ...]
    answered: tuple[str, ...]
    suspects: tuple[str, ...]


def fill(desk: Installation) -> Filling:
    """Fill a store."""
    accounts = {role: desk.account(role) for role in Role}
    photos, now = PhotoSource(), datetime.now(UTC)
    demo = read_demo_alerts()[-ALERTS:]
    for alert in demo:
        document, photo = alert.document(now), photos.photo(alert)
        desk.send(document.pop("text"), photos={"photo.jpg": photo} if photo else None, **document)
    ids = [alert.id for alert in demo]
    first, second = accounts[Role.AGENT], accounts[Role.SUPERVISOR]
    for number, alert in enumerate(demo[:ANSWERED]):
        _answer(desk, (first, second)[number % 2], alert)
        if number % 4 == 0:
            _answer(desk, (second, first)[number % 2], alert)
    # More than one page of the queue shows, however many tests answer one.
    for number in range(VAGUE):
        desk.send(f"Bonjour, il y a un souci ici, merci de passer ({number + 1})")
    suspects = ids[2:ANSWERED:3]
    with desk.store() as store:
        store.suspect({alert_id: 0.9 - number / 100 for number, alert_id in enumerate(suspects)})
    return Filling(accounts, tuple(ids[ANSWERED:]), tuple(ids[:ANSWERED]), tuple(suspects))


def _answer(desk: Installation, name: str, alert: DemoAlert) -> None:
    with desk.browserless(desk.session(name)) as client:
        page = client.get(f"/review/alerts/{alert.id}").text
        fields = dict(_FIELD.findall(page))
        follows = desk.stored(alert.id).review_id
        chosen = {"category": alert.category, "department": alert.department, "priority": alert.priority}
        answer = client.post(
            f"/review/alerts/{alert.id}/decide", data=fields | chosen | ({"follows": str(follows)} if follows else {})
        )
        assert answer.status_code == 303, answer.text


def claimed(client: httpx.Client) -> str:
    """The alert that the queue gives to whoever a client is signed in as."""
    page = client.get("/review")
    assert page.status_code == 200, page.text
    return html.unescape(_ID.findall(page.text)[0])
