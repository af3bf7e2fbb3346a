"""Personal data: masked in every answer, in the database and in the log; the text as sent only for those who may."""

import hashlib
import json
import logging
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from serving.scopes import Scope
from triage.alert import parse_alert
from triage.content import canonical_content
from triage.store.personal import PersonalKeys
from triage.store.store import Store

MakeAlert = Callable[..., dict[str, Any]]
Post = Callable[..., dict[str, Any]]
ReadProblem = Callable[..., dict[str, Any]]

TEXT = "Voiture AB-123-CD devant le lampadaire éteint, tel 06 12 34 56 78 ou zebulon.dupre@exemple.fr"
MASKED = "Voiture <PLAQUE> devant le lampadaire éteint, tel <TEL> ou <EMAIL>"
SECRETS = ("AB-123-CD", "AB123CD", "06 12 34 56 78", "0612345678", "zebulon", "exemple.fr")
HINT = "appeler le 06 12 34 56 78"


@pytest.fixture
def secretive(post: Post, lamp: MakeAlert) -> dict[str, Any]:
    """The answer to the second of two alerts that are full of personal data."""
    post(lamp("first", text=TEXT, category_hint=HINT))
    return post(lamp("second", text=TEXT + " !", category_hint=HINT))


def test_no_answer_holds_personal_data(client: httpx.Client, secretive: dict[str, Any]) -> None:
    assert [found["id"] for found in secretive["duplicates"]] == ["first"]
    cluster = client.get("/v1/alerts/first").json()["cluster"]
    paths = ("", "/first", "/second", "/first/duplicates", "/second/duplicates")
    answers = [client.get(f"/v1/alerts{path}") for path in paths]
    answers += [client.get(f"/v1/{path}", headers={"Accept": "application/geo+json"}) for path in ("alerts",)]
    answers += [client.get(f"/v1/clusters/{cluster}"), client.post("/v1/alerts/first/close"), client.get("/metrics")]
    said = json.dumps(secretive) + "".join(answer.text for answer in answers)
    assert all(answer.status_code == 200 for answer in answers)
    assert not [secret for secret in SECRETS if secret in said]
    assert client.get("/v1/alerts/first").json()["text"] == MASKED


@pytest.mark.usefixtures("secretive")
def test_no_byte_of_the_database_holds_personal_data(service: Any) -> None:
    folder: Path = service.settings.state_dir
    with closing(sqlite3.connect(folder / "alerts.db")) as connection:
        connection.execute("PRAGMA wal_checkpoint(FULL)")
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert folder / "alerts.db" in files
    for path in files:
        content = path.read_bytes()
        assert not [secret for secret in SECRETS if secret.encode() in content], path.name
    assert b"<PLAQUE>" in (folder / "alerts.db").read_bytes()


@pytest.mark.usefixtures("secretive")
def test_the_digest_of_an_alert_cannot_be_guessed_without_the_key(service: Any, lamp: MakeAlert) -> None:
    content = canonical_content(parse_alert(json.dumps(lamp("first", text=TEXT, category_hint=HINT))))
    with Store.open(service.settings.store_url) as store:
        alert = store.alert("first")
    assert alert is not None
    assert alert.content_sha256 == service.personal_keys.content_digest(content)
    assert alert.content_sha256 != hashlib.sha256(content).hexdigest()


def test_the_log_holds_no_personal_data_even_where_things_go_wrong(
    service: Any, lamp: MakeAlert, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    client = service.client
    service.model.finder.error = ValueError(TEXT)
    answer = client.post("/v1/alerts", json=lamp("first", text=TEXT))
    assert answer.json()["reasons"] == ["duplicates_not_searched"]
    client.post("/v1/alerts", json=lamp("first", text=TEXT + "!"))
    client.get("/v1/alerts/first/original", params={"purpose": "test"})
    assert "ValueError" in caplog.text
    assert not [secret for secret in SECRETS if secret in caplog.text]


# The text as sent


def test_the_text_as_sent_is_read_with_its_scope_and_each_reading_is_logged(
    on_each: Any, lamp: MakeAlert, problem: ReadProblem
) -> None:
    on_each.client.post("/v1/alerts", json=lamp("a/b", text=TEXT))
    path = "/v1/alerts/a%2Fb/original"
    reader = on_each.client_for(Scope.PERSONAL, name="service voirie")
    answer = reader.get(path, params={"purpose": "rappeler l'habitant"})
    assert answer.json() == {"id": "a/b", "text": TEXT}
    assert answer.headers["cache-control"] == "no-store"
    problem(on_each.client_for(Scope.ALERTS, Scope.PREDICT, Scope.EVENTS).get(path, params={"purpose": "x"}), 403)
    problem(reader.get("/v1/alerts/a%2Fb"), 403)
    with Store.open(on_each.settings.store_url) as store:
        [reading] = store.readings("a/b")
    assert (reading.alert_id, reading.reader, reading.purpose) == ("a/b", "service voirie", "rappeler l'habitant")


@pytest.mark.parametrize("query", ["", "?purpose=", "?purpose=%20", "?purpose=a%00", "?purpose=a&purpose=b"])
def test_nobody_reads_a_text_without_saying_what_for(
    client: httpx.Client, stored: Store, post: Post, lamp: MakeAlert, problem: ReadProblem, query: str
) -> None:
    post(lamp(text=TEXT))
    problem(client.get(f"/v1/alerts/lamp-1/original{query}"), 422, "purpose")
    problem(client.get(f"/v1/alerts/lamp-1/original?purpose={'x' * 201}"), 422, "purpose")
    assert stored.readings("lamp-1") == ()


def test_a_text_without_personal_data_has_no_original(
    client: httpx.Client, post: Post, lamp: MakeAlert, problem: ReadProblem
) -> None:
    post(lamp())
    document = problem(client.get("/v1/alerts/lamp-1/original?purpose=test"), 404)
    assert document["type"] == "urn:triage:problem:no_original"


def test_a_text_whose_key_is_gone_is_an_error_that_says_so(
    start: Callable[..., Any], lamp: MakeAlert, problem: ReadProblem
) -> None:
    with start() as before:
        before.client.post("/v1/alerts", json=lamp(text=TEXT))
    with start(personal_keys=(PersonalKeys.new_key(),)) as after:
        document = problem(after.client.get("/v1/alerts/lamp-1/original?purpose=test"), 500)
    assert document["type"] == "urn:triage:problem:original_unreadable"
