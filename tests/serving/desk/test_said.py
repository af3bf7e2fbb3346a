"""What stands beside an alert's text: where it is in words, how it came, and what a department says."""

from collections.abc import Callable
from datetime import UTC, datetime

from tests.serving.desk.made import hidden
from tests.serving.staff.desk_client import Browser, Desk
from triage.store.change_records import Progress, Revision
from triage.store.records import QueuePlace, StoredAlert

THURSDAY = datetime(2026, 11, 26, 16, tzinfo=UTC)


def test_an_address_and_a_channel_stand_on_the_page(agent: Browser, put: Callable[..., StoredAlert]) -> None:
    put("a", address="12 rue <b>Monge</b>, tél. <TEL>", commune="Dijon", channel="telephone", lat=None, lon=None)
    page = agent.get("/review/alerts/a").text
    assert '<span id="address">12 rue &lt;b&gt;Monge&lt;/b&gt;, tél. [' in page
    assert "par téléphone" in page
    assert "Cette alerte a une adresse, mais pas de coordonnées." in page


def test_what_was_never_said_takes_no_place(agent: Browser, put: Callable[..., StoredAlert]) -> None:
    put("a")
    page = agent.get("/review/alerts/a").text
    assert not [name for name in ("address", "channel", "progress") if f'id="{name}"' in page]


def test_what_a_department_says_is_shown_with_the_state(
    desk: Desk, agent: Browser, put: Callable[..., StoredAlert]
) -> None:
    put("a")
    with desk.store() as store:
        store.report_progress("a", Progress("in_progress", THURSDAY, "Une <b>équipe</b> passe.", "voirie", THURSDAY))
    page = agent.get("/review/alerts/a").text
    assert '<span class="tag">en cours</span>' in page
    assert "Une &lt;b&gt;équipe&lt;/b&gt; passe." in page
    assert "prévu le 26 nov. 2026 17:00" in page


def test_nobody_answers_what_they_have_not_read(desk: Desk, agent: Browser, put: Callable[..., StoredAlert]) -> None:
    put("a")
    seen = hidden(agent.get("/review").text)
    with desk.store() as store:
        store.revise("a", lambda alert, _: Revision(alert.prediction or {}, QueuePlace("review", 1.0)), digest="more")
    refused = agent.post("/review/alerts/a/decide", seen)
    assert refused.status_code == 409
    assert "Le déclarant a complété cette alerte" in refused.text
    assert agent.post("/review/alerts/a/decide", hidden(agent.get("/review").text)).status_code == 303
