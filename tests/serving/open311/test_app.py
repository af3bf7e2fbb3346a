"""An app from its first list of services to the end of a request: JSON and XML, French and English."""

import io
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from serving.requests import AlertReader
from serving.scopes import Scope
from tests.serving.alerts.conftest import StartService
from tests.serving.open311.conftest import LAMP, App
from triage.intake import Intake
from triage.store.store import Store

Rows = Callable[[bytes], list[dict[str, str | None]]]

CONTACT = {
    "email": "zebulon.dupre@exemple.fr",
    "first_name": "Zébulon",
    "last_name": "Dupré",
    "phone": "06 12 34 56 78",
    "device_id": "device-4711",
    "account_id": "account-4711",
}
SECRETS = ("zebulon", "Zébulon", "Dupré", "06 12 34 56 78", "device-4711", "account-4711")


def test_services_are_listed_alike_in_both_forms(app: App, rows_of: Rows) -> None:
    listed = app.get("services.json").json()
    assert {"eclairage_public", "voirie"} <= {row["service_code"] for row in listed}
    assert [row["service_code"] for row in rows_of(app.get("services.xml").content)] == [
        row["service_code"] for row in listed
    ]


def test_services_are_french_unless_an_app_asks_otherwise(app: App) -> None:
    french, english = app.get("services.json"), app.get("services.json", lang="en")
    assert french.json()[0]["service_name"] == "Éclairage public"
    assert french.headers["content-language"] == "fr"
    assert english.json()[0]["service_name"] == "Street lighting"
    assert app.get("services.json", {"Accept-Language": "en-GB"}).json() == english.json()


def test_a_service_asks_for_nothing_beyond_the_standard(app: App) -> None:
    assert app.get("services/voirie.json").json() == {"service_code": "voirie", "attributes": []}
    assert b"<service_code>voirie</service_code>" in app.get("services/voirie.xml").content


@pytest.mark.parametrize("ending", ["json", "xml"])
def test_a_request_gets_its_id_at_once_and_is_the_alert_of_that_id(
    app: App, service: Any, rows_of: Rows, ending: str
) -> None:
    answer = app.post(ending=ending)
    assert answer.status_code == 201
    [row] = answer.json() if ending == "json" else rows_of(answer.content)
    assert row.keys() == {"service_request_id", "service_notice", "account_id"}
    assert row["service_notice"] == "La demande a été classée « Éclairage public »."
    assert answer.headers["location"].endswith(f"/requests/{row['service_request_id']}.{ending}")
    alert = service.client.get(f"/v1/alerts/{row['service_request_id']}").json()
    assert (alert["text"], alert["lat"], alert["lon"]) == (LAMP["description"], 47.3216, 5.0415)
    assert (alert["channel"], alert["category"]) == ("application", "eclairage_public")


def test_a_request_shows_every_field_of_the_standard(app: App, rows_of: Rows) -> None:
    request_id = app.create(address_string="12 rue Monge")
    row = app.shown(request_id)
    assert row["status"] == "open"
    assert (row["service_code"], row["service_name"]) == ("eclairage_public", "Éclairage public")
    assert row["agency_responsible"] == "Service voirie"
    assert (row["address"], row["lat"], row["long"]) == ("12 rue Monge", 47.3216, 5.0415)
    hours = datetime.fromisoformat(row["expected_datetime"]) - datetime.fromisoformat(row["requested_datetime"])
    assert timedelta(hours=167) < hours < timedelta(hours=169)
    [in_xml] = rows_of(app.get(f"requests/{request_id}.xml").content)
    assert list(in_xml) == list(row)
    assert in_xml == {name: None if value is None else str(value) for name, value in row.items()}


def test_an_address_is_enough(app: App) -> None:
    form = {"description": "Trou profond", "address_string": "12 rue Monge\r\n21000 Dijon"}
    [row] = app.post(form).json()
    shown = app.shown(row["service_request_id"])
    assert (shown["address"], shown["lat"], shown["long"]) == ("12 rue Monge 21000 Dijon", None, None)


def test_a_choice_that_was_not_followed_stays_visible(app: App, service: Any) -> None:
    request_id = app.create(service_code="graffiti")
    row = app.shown(request_id)
    assert row["service_code"] == "eclairage_public"
    assert row["service_notice"] == (
        "Vous aviez choisi « Tags et affichage sauvage » ; la demande a été classée « Éclairage public »."
    )
    assert app.shown(request_id, lang="en")["service_notice"].startswith("You chose “Graffiti")
    assert service.client.get(f"/v1/alerts/{request_id}").json()["category_hint"] == "graffiti"
    assert app.shown(app.create(service_code="eclairage_public"))["service_notice"] is None


def test_a_request_that_staff_must_read_has_no_agency_yet(app: App) -> None:
    row = app.shown(app.create(description="Lampadaire éteint ?"))
    assert row["agency_responsible"] is None
    assert row["status_notes"] == "Les agents de la ville lisent la demande."
    assert row["service_notice"] is None
    chosen = app.shown(app.create(description="Lampadaire éteint ?", service_code="voirie"))
    assert chosen["service_notice"].endswith("« Éclairage public », les agents de la ville trancheront.")


def test_a_request_is_taken_in_while_no_model_answers(app: App, service: Any) -> None:
    service.model.error = RuntimeError("out of memory")
    answer = app.post(LAMP | {"service_code": "voirie"})
    assert answer.status_code == 201
    [receipt] = answer.json()
    assert receipt["service_notice"] == "Les agents de la ville lisent la demande."
    row = app.shown(receipt["service_request_id"])
    assert (row["status"], row["service_code"], row["agency_responsible"]) == ("open", "voirie", None)
    assert (row["service_notice"], row["expected_datetime"]) == (None, None)


def test_what_the_department_says_reaches_the_app(app: App, service: Any) -> None:
    request_id = app.create()
    said = {
        "status": "in_progress",
        "note": "Une équipe passe jeudi.",
        "department": "eclairage",
        "expected_at": "2026-12-03T10:00:00+01:00",
    }
    assert service.client.post(f"/v1/alerts/{request_id}/status", json=said).status_code == 200
    row = app.shown(request_id)
    assert (row["status"], row["status_notes"]) == ("open", "Une équipe passe jeudi.")
    assert row["expected_datetime"] == "2026-12-03T09:00:00Z"
    service.client.post(f"/v1/alerts/{request_id}/status", json={"status": "closed"})
    row = app.shown(request_id)
    assert (row["status"], row["status_notes"], row["expected_datetime"]) == ("closed", "Le problème est traité.", None)


def test_a_withdrawn_request_is_closed_and_says_so(app: App, service: Any) -> None:
    request_id = app.create()
    assert service.client.delete(f"/v1/alerts/{request_id}").status_code < 300
    row = app.shown(request_id)
    assert (row["status"], row["status_notes"]) == ("closed", "La demande a été retirée.")


def test_a_token_is_the_id(app: App) -> None:
    request_id = app.create()
    answer = app.get(f"tokens/{request_id}.json").json()
    assert answer == [{"service_request_id": request_id, "token": request_id}]


def test_a_repeat_with_the_same_key_is_the_same_request(app: App, stored: Store) -> None:
    key = {"Idempotency-Key": "form-1"}
    first, second = app.post(headers=key), app.post(headers=key)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert len(stored.alerts().alerts) == 1
    assert app.post(headers={"Idempotency-Key": "form-2"}).json() != first.json()


def test_a_key_is_its_callers_own(app: App, make_app: Callable[..., App]) -> None:
    key = {"Idempotency-Key": "form-1"}
    other = make_app(Scope.ALERTS)
    assert app.post(headers=key).json() != other.post(headers=key).json()


def test_contact_data_is_dropped_and_the_rest_is_masked(app: App, service: Any, stored: Store) -> None:
    request_id = app.create(**CONTACT, description="Lampadaire éteint, appelez le 06 12 34 56 78")
    assert app.shown(request_id)["description"] == "Lampadaire éteint, appelez le [téléphone masqué]"
    alert = stored.alert(request_id)
    assert alert is not None
    assert alert.text == "Lampadaire éteint, appelez le <TEL>"
    folder: Path = service.settings.state_dir
    with closing(sqlite3.connect(folder / "alerts.db")) as connection:
        connection.execute("PRAGMA wal_checkpoint(FULL)")
    for path in folder.rglob("*"):
        content = path.read_bytes() if path.is_file() else b""
        assert not [secret for secret in SECRETS if secret.encode() in content], path.name


def test_a_link_to_a_photo_is_kept_and_not_followed(app: App) -> None:
    link = "https://photos.example/trou.jpg"
    request_id = app.create(media_url=link)
    assert app.shown(request_id)["media_url"] == link
    [row] = app.get("requests.json").json()
    assert row["media_url"] == link


def test_a_photo_is_fetched_only_from_hosts_that_the_settings_allow(start: StartService, paint: Any) -> None:
    asked: list[str] = []

    def fetch(url: str) -> bytes:
        asked.append(url)
        stream = io.BytesIO()
        paint("gray").save(stream, "PNG")
        return stream.getvalue()

    hosts = frozenset({"photos.example"})
    with start(photo_hosts=hosts) as running:
        reader = AlertReader(Intake(running.model.prepare, fetch=fetch), hosts)
        running.runtime.engine = replace(running.engine, reader=reader)
        app, photos = App(running, Scope.ALERTS), {}
        for link in ("https://photos.example/a.png", "https://elsewhere.example/a.png", "http://photos.example/a.png"):
            request_id = app.create(media_url=link)
            assert app.shown(request_id)["media_url"] == link
            photos[link] = len(running.client.get(f"/v1/alerts/{request_id}").json()["photos"])
    assert asked == ["https://photos.example/a.png"]
    assert list(photos.values()) == [1, 0, 0]


def test_requests_are_found_by_status_code_and_id(app: App, service: Any) -> None:
    lamp, hole = app.create(), app.create(description="Trou profond", lat="47.33", long="5.05")
    closed = app.create(description="Trou comblé", lat="47.34", long="5.06")
    service.client.post(f"/v1/alerts/{closed}/close")

    def found(**query: str) -> list[str]:
        return [row["service_request_id"] for row in app.get("requests.json", **query).json()]

    assert found() == [closed, hole, lamp]
    assert found(status="open") == [hole, lamp]
    assert found(status="closed") == [closed]
    assert found(service_code="voirie") == [closed, hole]
    assert found(service_code="voirie,eclairage_public", status="open,closed") == [closed, hole, lamp]
    assert found(service_request_id=f"{lamp},{closed},nobody", status="open") == [lamp, closed]
    assert found(end_date="2020-01-01T00:00:00Z") == []


def test_pages_follow_one_another(app: App) -> None:
    made = [app.create(lat=f"47.3{number}", description=f"Trou {number}") for number in range(5)]
    seen, path, query = [], "requests.json", {"page_size": "2"}
    for _ in range(3):
        answer = app.get(path, **query)
        seen += [row["service_request_id"] for row in answer.json()]
        link = answer.headers.get("link")
        if link is None:
            break
        assert link.endswith('; rel="next"')
        query = dict(httpx.URL(link.partition(">")[0].removeprefix("<")).params)
    assert seen == made[::-1]
    assert link is None
