"""The form of the example, on a real service."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from examples.intake.app import create_app
from examples.intake.guard import MAX_BODY_BYTES
from examples.intake.settings import IntakeSettings
from ondijon_triage_client import TriageClient
from tests.browser.installation import Installation, free_port
from tests.examples.intake.conftest import Resident, alert_of, ticket_of
from tests.examples.intake.started import SECRET

Draw = Callable[..., Any]


def visiting(app: Starlette) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://intake.example")


def test_a_report_becomes_an_alert(resident: Resident, triage: TriageClient) -> None:
    text = "Lampadaire éteint devant l'école"
    place = {"lat": "47.321600", "lon": "5.041500", "address": "12  rue Monge", "commune": "Dijon"}
    path = resident.reported(text, **place)
    alert = triage.get_alert(alert_of(path))
    assert alert.text == text
    assert (alert.lat, alert.lon, alert.address, alert.commune) == (47.3216, 5.0415, "12 rue Monge", "Dijon")
    assert alert.channel == "web"
    page = resident.http.get(path)
    assert page.status_code == 200
    assert "Lampadaire éteint devant l&#39;école" in page.text
    assert "Nous avons bien reçu votre signalement." in page.text


def test_photos_alone_are_enough(resident: Resident, draw: Draw, tmp_path: Any, triage: TriageClient) -> None:
    draw("waste").save(tmp_path / "street.jpg")
    photo = (tmp_path / "street.jpg").read_bytes()
    answer = resident.send({"agreed": "yes", "ticket": resident.ticket()}, photo, photo)
    assert answer.status_code == 303
    alert = triage.get_alert(alert_of(answer.headers["location"]))
    assert (alert.text, len(alert.photos)) == ("", 2)


def test_a_form_that_is_sent_twice_makes_one_alert(resident: Resident) -> None:
    text, ticket = "Nid-de-poule rue Devosge", resident.ticket()
    answers = [resident.report(text, ticket=ticket) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert len({alert_of(answer.headers["location"]) for answer in answers}) == 1
    # Back in the browser, and another text: it is told, and may be sent as another report.
    changed = resident.report("Nid-de-poule rue Monge", ticket=ticket)
    assert changed.status_code == 409
    assert "déjà été envoyé" in changed.text
    assert resident.report("Nid-de-poule rue Monge", ticket=ticket_of(changed)).status_code == 303


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"text": " \n"}, "Dites en quelques mots"),
        ({"agreed": ""}, "Acceptez la transmission"),
        ({"text": "x" * 5_001}, "trop long"),
        ({"text": "🙂"}, "n’a pas pu être lu"),
    ],
)
def test_what_is_missing_is_said_and_the_rest_is_kept(resident: Resident, fields: dict[str, str], words: str) -> None:
    answer = resident.report(**({"text": "Trou", "address": 'rue "Monge" <b>'} | fields))
    assert answer.status_code == 422
    assert words in answer.text
    assert "rue &#34;Monge&#34; &lt;b&gt;" in answer.text
    # Mended, it is taken.
    assert resident.report(ticket=ticket_of(answer)).status_code == 303


def test_a_position_that_is_none_is_left_out(resident: Resident, triage: TriageClient) -> None:
    for lat in ("nan", "95", "here", ""):
        path = resident.reported("Trou dans la chaussée", lat=lat, lon="5.04")
        assert triage.get_alert(alert_of(path)).lat is None


def test_forms_of_other_sites_are_refused(intake: str, resident: Resident) -> None:
    ticket = resident.ticket()
    fields = {"text": "Trou", "agreed": "yes", "ticket": ticket}
    with httpx.Client(base_url=intake, trust_env=False) as stranger:
        assert stranger.post("/", data=fields).status_code == 403
    assert resident.http.post("/", data=fields, headers={"Origin": "https://other.example"}).status_code == 403
    assert resident.http.post("/", data=fields, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert resident.http.post("/", data=fields | {"ticket": ticket[:-2]}).status_code == 403
    assert resident.http.post("/", data=fields, headers={"Origin": intake}).status_code == 303


def test_a_body_without_end_is_refused(resident: Resident) -> None:
    def endless() -> Any:
        for _ in range(MAX_BODY_BYTES // 1_000_000 + 1):
            yield b"x" * 1_000_000

    headers = {"Content-Type": "multipart/form-data; boundary=b", "Cookie": "visitor=x"}
    assert resident.http.post("/", content=endless(), headers=headers).status_code in {400, 413}


def test_a_form_that_is_too_large_is_refused_in_words(resident: Resident) -> None:
    answer = resident.http.post("/", content=b"x" * (MAX_BODY_BYTES + 1))
    assert answer.status_code == 413
    assert "trop lourdes" in answer.text


def test_every_answer_has_a_strict_policy_and_no_key(resident: Resident, service: Installation) -> None:
    path = resident.reported()
    for answer in map(resident.http.get, ("/", path, "/static/intake.js", "/nothing", "/suivi/x")):
        assert service.key not in f"{answer.text} {answer.headers}"
        assert answer.headers["content-security-policy"].startswith("default-src 'none'; ")
        assert answer.headers["referrer-policy"] == "same-origin"
    assert resident.http.get(path).headers["cache-control"] == "no-store"


def test_the_language_is_chosen_and_kept(resident: Resident) -> None:
    assert "Quel problème" in resident.http.get("/", headers={"Accept-Language": "en"}).text
    assert "What is wrong in the street?" in resident.http.get("/?lang=en").text
    assert "What is wrong in the street?" in resident.http.get("/").text
    assert "Quel problème" in resident.http.get("/?lang=fr").text
    assert (
        "Cette page n’existe pas" in resident.http.get("/?lang=xx").text
        or "Quel problème" in resident.http.get("/").text
    )


async def _report(app: Starlette, times: int) -> list[httpx.Response]:
    async with visiting(app) as http:
        ticket = ticket_of(await http.get("/"))
        fields = {"text": "Trou dans la chaussée", "agreed": "yes", "ticket": ticket}
        return [await http.post("/", data=fields) for _ in range(times)]


def test_one_address_sends_so_many_reports_and_no_more() -> None:
    app = create_app(IntakeSettings("http://127.0.0.1:1", "key", SECRET, sending_limit="2 per minute"))
    answers = asyncio.run(_report(app, 3))
    assert [answer.status_code for answer in answers] == [503, 503, 429]
    assert "Retry-After" in answers[2].headers


def test_without_the_service_nothing_written_is_lost() -> None:
    app = create_app(IntakeSettings(f"http://127.0.0.1:{free_port()}", "key", SECRET))
    [answer] = asyncio.run(_report(app, 1))
    assert answer.status_code == 503
    assert "Renvoyez-le dans quelques minutes" in answer.text
    assert "Trou dans la chaussée</textarea>" in answer.text
