"""Alerts on their whole way: taken in, routed or decided by staff, and handed to departments that listen here."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from serving.forwarding.names import target_name
from serving.scopes import Scope
from tests.serving.desk.made import hidden
from tests.serving.forwarding.conftest import Department
from tests.serving.staff.desk_client import Browser, Desk, running_desk
from triage.settings import Settings
from triage.staff import Role
from triage.store.personal import PersonalKeys
from triage.store.records import OutboxEvent

pytestmark = pytest.mark.slow

PATIENCE_S = 30.0
RUE = {"lat": 47.3216, "lon": 5.0415}


class City:
    """A service with two departments: roads, and lamps, which reads texts as sent."""

    def __init__(self, desk: Desk, roads: Department, lamps: Department) -> None:
        self.desk, self.roads, self.lamps = desk, roads, lamps
        self._intake = desk.browser(Authorization=f"Bearer {desk.key(Scope.ALERTS)}")
        wait_for(lambda: len(self._targets()) == 2)

    def post(self, alert_id: str, text: str, **other: Any) -> httpx.Response:
        answer = self._intake.send("POST", "/v1/alerts", json={"id": alert_id, "text": text} | other)
        assert answer.status_code == 201, answer.text
        return answer

    def give_back(self, alert_id: str, department: str, proposed: str | None = None) -> None:
        body = {"department": department, "reason": "pas à nous", "proposed": proposed}
        answer = self._intake.send("POST", f"/v1/alerts/{alert_id}/return", json=body)
        assert answer.is_success, answer.text

    def decide(self, alert_id: str, category: str, department: str = "", name: str = "a.petit") -> None:
        browser = self.desk.signed_in(name)
        fields = hidden(browser.get(f"/review/alerts/{alert_id}").text)
        answer = browser.post_form(
            f"/review/alerts/{alert_id}/decide", **(fields | {"category": category, "department": department})
        )
        assert answer.status_code == 303, answer.text

    def told(self, alert_id: str, kind: str = "alert.forwarded") -> list[OutboxEvent]:
        with self.desk.store() as store:
            return list(store.events_of([alert_id], [kind]))

    def handed_to_roads(self) -> list[str]:
        """What roads has got, once all that was told until now has been looked at: what comes last goes last."""
        self.post("last", "La dernière")
        wait_for(lambda: bool(self.told("last")))
        return [request.form["description"].partition("\n")[0] for request in self.roads.received[:-1]]

    def _targets(self) -> list[Any]:
        with self.desk.store() as store:
            return [one for one in store.target_states() if one.state.name.startswith("forwarder:")]


def wait_for(done: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_S
    while not done():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.05)


def number(value: str) -> list[dict[str, str]]:
    return [{"service_request_id": value}]


def words(html: str) -> str:
    return " ".join(html.replace("&nbsp;", " ").replace("\N{NARROW NO-BREAK SPACE}", " ").split())


@pytest.fixture
def lamps(listen: Callable[[], Department]) -> Department:
    return listen()


@pytest.fixture
def city(tmp_path: Path, department: Department, lamps: Department) -> Iterator[City]:
    file = tmp_path / "forwarders.yaml"
    entries = {
        "voirie": {"open311": {"url": department.base}},
        "eclairage": {"open311": {"url": lamps.base}, "original": True},
    }
    file.write_text(yaml.safe_dump({"departments": entries}), encoding="utf-8")
    settings = Settings(state_dir=tmp_path / "state", forwarders=file, webhook_hosts=frozenset({"127.0.0.1"}))
    with running_desk(settings, PersonalKeys([PersonalKeys.new_key()])) as desk:
        yield City(desk, department, lamps)


def test_routed_alerts_go_out_once_and_without_personal_data(city: City) -> None:
    city.roads.answer(200, number("R-1"))
    city.post("sure", "Un trou, appelez le 06 12 34 56 78", **RUE)
    wait_for(lambda: bool(city.told("sure")))
    [event] = city.told("sure")
    assert event.body == {
        "department": "voirie",
        "target": target_name("voirie"),
        "channel": "open311",
        "reference": "R-1",
    }
    [request] = city.roads.received
    assert "Un trou, appelez le [téléphone masqué]" in request.form["description"]
    assert "06 12" not in request.form["description"]
    city.post("unsure", "Un trou ?")
    assert city.handed_to_roads() == ["Un trou, appelez le [téléphone masqué]"]


def test_staff_decide_where_an_alert_goes_and_a_department_that_has_it_gets_it_once(city: City) -> None:
    city.roads.answer(200, number("R-1"))
    city.lamps.answer(200, number("L-1"))
    city.post("unsure", "Un trou ?")
    city.post("pressing", "Un trou, danger, appelez le 06 12 34 56 78")
    wait_for(lambda: bool(city.told("pressing")))
    assert [request.form["service_code"] for request in city.roads.received] == ["voirie"]
    city.decide("unsure", "voirie", "voirie")
    wait_for(lambda: bool(city.told("unsure")))
    city.decide("pressing", "voirie", "voirie")
    assert city.handed_to_roads() == ["Un trou, danger, appelez le [téléphone masqué]", "Un trou ?"]
    city.decide("pressing", "eclairage_public", "eclairage", name="c.roy")
    wait_for(lambda: len(city.told("pressing")) == 2)
    [request] = city.lamps.received
    # This department reads texts as sent, and that is logged.
    assert "appelez le 06 12 34 56 78" in request.form["description"]
    with city.desk.store() as store:
        assert [(one.reader, one.purpose) for one in store.readings("pressing")] == [
            ("forwarder eclairage", "forwarding")
        ]
    page = city.desk.signed_in().get("/review/alerts/pressing").text
    assert "Transmise à : Service éclairage public." in page
    assert "<q>L-1</q>" in page


def test_what_a_department_gives_back_goes_where_staff_say_then(city: City) -> None:
    city.roads.answer(200, number("R-1"))
    city.lamps.answer(200, number("L-1"))
    city.post("a", "Un trou")
    wait_for(lambda: bool(city.told("a")))
    city.give_back("a", "voirie", "eclairage")
    city.decide("a", "eclairage_public", "eclairage")
    wait_for(lambda: len(city.told("a")) == 2)
    assert [event.body["department"] for event in city.told("a")] == ["voirie", "eclairage"]
    city.give_back("a", "eclairage", "voirie")
    city.decide("a", "voirie", "voirie")
    wait_for(lambda: len(city.told("a")) == 3)
    assert len(city.roads.received) == 2


def test_a_second_report_of_a_fault_names_the_first(city: City) -> None:
    city.roads.answers = [(200, b'[{"service_request_id": "R-1"}]'), (200, b'[{"service_request_id": "R-2"}]')]
    city.post("first", "Un trou", **RUE)
    wait_for(lambda: bool(city.told("first")))
    city.post("second", "Un gros trou", **RUE)
    wait_for(lambda: bool(city.told("second")))
    description = city.roads.received[1].form["description"]
    assert "Sans doute le même problème que l’alerte first, que vous avez déjà sous la référence R-1." in description


def test_a_department_that_is_down_shows_on_the_desk_until_it_takes_its_alerts(city: City) -> None:
    city.roads.answer(500)
    city.post("late", "Un trou")
    agent, supervisor = city.desk.signed_in(), city.desk.signed_in("b.durand", Role.SUPERVISOR)
    wait_for(lambda: 'id="undelivered"' in agent.get("/review/alerts/late").text)
    page = words(agent.get("/review/alerts/late").text)
    assert "Service voirie n’a pas reçu cette alerte." in page
    assert "Un essai depuis le 1 juin 2026 14:00." in page
    assert "Dernier motif : réponse 500." in page
    assert "Nouvel essai à 14:00." in page
    panel = words(supervisor.get("/review/supervisor").text)
    assert "Service voirie ne prend plus ses alertes depuis le 1 juin 2026 14:00." in panel
    assert 'href="/review/alerts/late?look=1"' in panel
    assert b'triage_deliveries_total{result="failed",target="forwarder:voirie"}' in city.desk.runtime.metrics.render()
    city.roads.answer(200, number("R-1"))
    assert agent.post_form("/review/alerts/late/forward").headers["location"] == "/review/alerts/late?look=1"
    wait_for(lambda: bool(city.told("late")))
    wait_for(lambda: 'id="undelivered"' not in agent.get("/review/alerts/late").text)
    assert "Tous les services ont pris leurs alertes." in supervisor.get("/review/supervisor").text
    assert ("a.petit", "forward_again", "late") in city.desk.audited()


def test_what_was_given_up_stays_on_the_desk_until_somebody_sends_it_again(city: City) -> None:
    city.roads.answer(400)
    city.post("refused", "Un trou")
    wait_for(lambda: bool(city.told("refused", "alert.forwarding_failed")))
    [event] = city.told("refused", "alert.forwarding_failed")
    assert event.body == {"department": "voirie", "target": target_name("voirie")}
    supervisor = city.desk.signed_in("b.durand", Role.SUPERVISOR)
    wait_for(lambda: "Abandonnée" in supervisor.get("/review/alerts/refused").text)
    supervisor.cookies.set("lang", "en")
    panel = words(supervisor.get("/review/supervisor").text)
    assert "0 alerts wait, 1 was given up." in panel
    assert "Last reason: it answers 400." in panel
    city.roads.answer(200, number("R-1"))
    again = supervisor.post_form("/review/supervisor/forward", target=target_name("voirie"))
    assert again.headers["location"] == "/review/supervisor#forwarding"
    wait_for(lambda: bool(city.told("refused")))
    page = words(supervisor.get("/review/alerts/refused").text)
    assert "Could not be handed over to Roads service and was given up." in page
    assert "Handed over to Roads service." in page


def test_only_supervisors_try_everything_again_and_only_for_departments(city: City) -> None:
    agent, supervisor = city.desk.signed_in(), city.desk.signed_in("b.durand", Role.SUPERVISOR)
    path = "/review/supervisor/forward"
    assert agent.post_form(path, target=target_name("voirie")).status_code == 403
    assert supervisor.post_form(path, target="webhook:others").status_code == 422
    assert supervisor.post_form(path).status_code == 422
    assert agent.post_form("/review/alerts/unknown/forward").status_code == 404


def test_the_desk_says_nothing_of_departments_where_none_gets_its_alerts_here(tmp_path: Path) -> None:
    with running_desk(Settings(state_dir=tmp_path / "state"), PersonalKeys([PersonalKeys.new_key()])) as desk:
        browser: Browser = desk.signed_in("b.durand", Role.SUPERVISOR)
        assert 'id="forwarding"' not in browser.get("/review/supervisor").text
