"""What becomes of a stored alert, said and heard through both clients on the real service."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import pytest

from ondijon_triage_client import Alert, Conflict, InvalidRequest
from tests.clients.python.conftest import Ask

UNTIL = datetime.now(UTC) + timedelta(days=3)


@pytest.fixture
def stored(ask: Ask) -> Alert:
    """An alert that is stored."""
    alert = Alert(text="Lampadaire éteint devant l'école", address="12 rue Monge", commune="Dijon", channel="telephone")
    ask(lambda client: client.create_alert(alert))
    return alert


def heard(number: int, **chosen: Any) -> Any:
    """The first events of a stream."""

    def use(client: Any) -> Any:
        events = client.events(**chosen)
        return islice(events, number) if isinstance(events, Iterator) else _some(events, number)

    return use


async def _some(events: Any, number: int) -> AsyncIterator[Any]:
    async for each in events:
        yield each
        number -= 1
        if not number:
            break
    await events.aclose()


def test_a_place_in_words_is_kept(ask: Ask, stored: Alert) -> None:
    alert = ask(lambda client: client.get_alert(stored.id))
    assert (alert.address, alert.commune, alert.channel) == ("12 rue Monge", "Dijon", "telephone")


def test_a_department_reports_progress_and_the_reporter_hears_of_it(ask: Ask, stored: Alert) -> None:
    report = {"note": "Une équipe passe jeudi", "department": "eclairage", "expected_at": UNTIL}
    for _ in range(2):  # said again, it changes nothing
        alert = ask(lambda client: client.status(stored.id, "in_progress", **report))
    assert (alert.state, alert.status_note, alert.status_department) == ("in_progress", report["note"], "eclairage")
    assert alert.expected_at is not None
    assert abs(alert.expected_at - UNTIL) < timedelta(seconds=1)
    ask(lambda client: client.status(stored.id, "closed"))
    kinds = ("alert.in_progress", "alert.closed")
    events = ask(heard(2, alert_id=stored.id, kinds=kinds, position="0"))
    assert [event.kind for event in events] == list(kinds)
    assert events[0].data["note"] == report["note"]
    assert {event.subject for event in events} == {stored.id}


def test_the_stream_goes_on_from_a_position(ask: Ask, stored: Alert) -> None:
    first, second = ask(heard(2, alert_id=stored.id, position="0"))
    assert [first.kind, second.kind] == ["alert.received", "alert.triaged"]
    [again] = ask(heard(1, alert_id=stored.id, position=first.position))
    assert again == second


def test_a_misrouted_alert_goes_back(ask: Ask, stored: Alert) -> None:
    reason = "Ce n'est pas de l'éclairage"
    ask(lambda client: client.return_alert(stored.id, "eclairage", reason, proposed="voirie"))
    [event] = ask(heard(1, alert_id=stored.id, kinds=["alert.returned"], position="0"))
    assert event.data == {"department": "eclairage", "proposed": "voirie"}
    with pytest.raises(InvalidRequest, match="no department of the taxonomy"):
        ask(lambda client: client.return_alert(stored.id, "nobody", reason))


def test_a_reporter_adds_words_and_photos_once(ask: Ask, stored: Alert, draw: Any, tmp_path: Any) -> None:
    path = tmp_path / "street.png"
    draw("street_light").save(path)
    added = {"text": "La nuit tombe et rien ne s'allume", "photos": [path], "version": 1, "idempotency_key": stored.id}
    for _ in range(2):
        alert = ask(lambda client: client.add(stored.id, **added))
        assert alert.version == 2
        assert alert.text.count("rien ne s'allume") == 1
        assert len(alert.photos) == 1
        assert [earlier.version for earlier in alert.earlier_predictions] == [1]
    with pytest.raises(Conflict, match="version"):
        ask(lambda client: client.add(stored.id, text="Toujours rien", version=1))
    assert ask(lambda client: client.add(stored.id, text="Toujours rien")).version == 3


def test_an_alert_is_taken_back_for_good(ask: Ask, stored: Alert) -> None:
    for _ in range(2):
        assert ask(lambda client: client.withdraw(stored.id)).state == "withdrawn"
    with pytest.raises(Conflict, match="withdrawn"):
        ask(lambda client: client.reopen_alert(stored.id))
