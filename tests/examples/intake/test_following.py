"""The follow-up page of the example, on a real service."""

import json
import time
from typing import Any

import httpx

from examples.intake.links import Links
from ondijon_triage_client import TriageClient
from tests.examples.intake.conftest import Resident, alert_of, ticket_of
from tests.examples.intake.started import SECRET


def told(lines: Any, number: int) -> list[dict[str, Any]]:
    """The first steps of a stream."""
    found: list[dict[str, Any]] = []
    for line in lines:
        if line.startswith("data: "):
            found.append(json.loads(line.removeprefix("data: ")))
        if len(found) == number:
            break
    return found


def test_the_page_tells_what_has_happened_without_any_script(resident: Resident, triage: TriageClient) -> None:
    path = resident.reported(lat="47.3216", lon="5.0415")
    assert resident.steps(path)[:2] == ["alert.received", "alert.triaged"]
    triage.close_alert(alert_of(path))
    page = resident.http.get(path).text
    assert "Éclairage public" in page
    assert "Le problème est traité." in page
    assert "http-equiv" not in page


def test_the_page_tells_what_happens_while_it_is_open(resident: Resident, triage: TriageClient) -> None:
    path = resident.reported(lat="47.3311", lon="5.0515")
    other = resident.reported("Nid-de-poule rue Devosge")
    page = resident.http.get(path).text
    stream = page.split('data-stream="')[1].split('"')[0].replace("&amp;", "&")
    with resident.http.stream("GET", stream) as live:
        assert live.headers["content-type"].startswith("text/event-stream")
        time.sleep(1)
        triage.close_alert(alert_of(other))
        triage.close_alert(alert_of(path))
        triage.reopen_alert(alert_of(path))
        steps = told(live.iter_lines(), 2)
    assert [step["kind"] for step in steps] == ["alert.closed", "alert.reopened"]
    assert steps[0]["sentences"] == ["Le problème est traité."]
    # A browser that lost the stream says where it was.
    with resident.http.stream("GET", stream, headers={"Last-Event-ID": steps[0]["position"]}) as live:
        assert [step["kind"] for step in told(live.iter_lines(), 1)] == ["alert.reopened"]


def test_nobody_finds_an_alert_without_its_link(resident: Resident, intake: str) -> None:
    path = resident.reported()
    token = path.removeprefix("/suivi/")
    changed = token[:-1] + ("A" if token[-1] != "A" else "B")
    with httpx.Client(base_url=intake, trust_env=False) as stranger:
        for wrong in (changed, alert_of(path), Links("another secret").follow_up(alert_of(path)), "x"):
            assert stranger.get(f"/suivi/{wrong}").status_code == 404
            assert stranger.get(f"/suivi/{wrong}/direct").status_code == 404
        assert stranger.get(path).status_code == 200
    unknown = Links(SECRET).follow_up("never sent")
    assert resident.http.get(f"/suivi/{unknown}").status_code == 404


def test_a_position_that_is_none_opens_no_stream(resident: Resident) -> None:
    path = resident.reported()
    for wrong in ("x", "-1", "9" * 30):
        assert resident.http.get(f"{path}/direct?after={wrong}").status_code == 404


def test_hostile_words_stay_words(resident: Resident) -> None:
    page = resident.http.get(resident.reported("<script>alert(1)</script> lampadaire cassé")).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


def test_the_reporter_adds_something_once(resident: Resident, triage: TriageClient) -> None:
    path = resident.reported()
    form = {"ticket": ticket_of(resident.http.get(path)), "text": "La nuit tombe et rien ne s'allume"}
    for _ in range(2):
        answer = resident.http.post(path, data=form)
        assert (answer.status_code, answer.headers["location"]) == (303, path)
    alert = triage.get_alert(alert_of(path))
    assert (alert.version, alert.text.count("rien ne s'allume")) == (2, 1)
    assert resident.steps(path).count("alert.updated") == 1
    # Nothing said, and nothing added.
    empty = resident.http.post(path, data={"ticket": ticket_of(resident.http.get(path)), "text": " "})
    assert empty.status_code == 422
    assert "écrivez quelques mots" in empty.text


def test_the_reporter_withdraws_it_for_good(resident: Resident, triage: TriageClient) -> None:
    path = resident.reported()
    form = {"ticket": ticket_of(resident.http.get(path)), "action": "withdraw"}
    assert resident.http.post(path, data=form).status_code == 303
    assert triage.get_alert(alert_of(path)).state == "withdrawn"
    page = resident.http.get(path)
    assert "Le signalement est retiré." in page.text
    assert "ticket" not in page.text


def test_the_ticket_of_another_form_changes_nothing(resident: Resident, intake: str, triage: TriageClient) -> None:
    path, other = resident.reported(), resident.reported()
    form = {"ticket": ticket_of(resident.http.get(other)), "action": "withdraw"}
    assert resident.http.post(path, data=form).status_code == 403
    own = form | {"ticket": ticket_of(resident.http.get(path))}
    assert resident.http.post(path, data=own, headers={"Origin": "https://other.example"}).status_code == 403
    with httpx.Client(base_url=intake, trust_env=False) as stranger:
        assert stranger.post(path, data=own).status_code == 403
    assert triage.get_alert(alert_of(path)).state == "open"
