"""Both clients at the real service: single alerts, photos, stored alerts, and errors in words."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from ondijon_triage_client import (
    Alert,
    AlertQuery,
    AsyncTriageClient,
    Conflict,
    InvalidPhoto,
    InvalidRequest,
    MissingKey,
    NotFound,
    NotSignedIn,
    TriageClient,
    UnexpectedAnswer,
)
from ondijon_triage_client.alerts import MAX_PHOTO_BYTES
from tests.browser.installation import Installation
from tests.clients.python.conftest import Ask
from tests.clients.python.scripted import Scripted, ScriptedService

LAMP = {"text": "Lampadaire éteint devant le 12 rue Monge", "lat": 47.3216, "lon": 5.0415}
AskAt = Callable[..., Any]


def test_an_alert_is_triaged(ask: Ask) -> None:
    prediction = ask(lambda client: client.predict(Alert(id="p", **LAMP)))
    assert (prediction.id, prediction.category.code) == ("p", "eclairage_public")
    assert 0 < prediction.category.alternatives[0].confidence < prediction.category.confidence <= 1
    assert prediction.decision in {"route", "review", "route_and_review"}
    assert len(prediction.model.bundle_sha256) == 64
    assert prediction.explanation is None


def test_an_explanation_comes_where_it_is_asked_for(ask: Ask) -> None:
    explanation = ask(lambda client: client.predict(Alert(**LAMP), explain=True)).explanation
    assert explanation is not None
    assert "Lampadaire" in {word.text for word in explanation.words}


def test_photos_come_from_paths_and_bytes(ask: Ask, draw: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "somebodys-name.png"
    draw("waste").save(path)
    alert = Alert(photos=[path, str(path), path.read_bytes()])
    assert len(ask(lambda client: client.predict(alert)).photos) == 3


def test_the_name_of_a_photos_file_stays_here(scripted: ScriptedService, ask_at: AskAt, tmp_path: Path) -> None:
    (tmp_path / "somebodys-name.jpg").write_bytes(b"picture")
    scripted.answers = [Scripted(404, b"")]
    with pytest.raises(UnexpectedAnswer):
        ask_at(scripted.base, lambda client: client.predict(Alert(photos=[tmp_path / "somebodys-name.jpg"])))
    assert b"picture" in scripted.asked[0].body
    assert b"somebodys-name" not in scripted.asked[0].body


def test_an_alert_is_stored_once_however_often_it_is_sent(ask: Ask) -> None:
    alert = Alert(created_at=datetime.now(UTC), **LAMP)
    first, second = (ask(lambda client: client.create_alert(alert)) for _ in range(2))
    assert (first.created, second.created) == (True, False)
    assert first.model_copy(update={"created": False}) == second
    stored = ask(lambda client: client.get_alert(alert.id))
    assert (stored.id, stored.state, stored.category) == (alert.id, "open", first.category.code)
    assert stored.prediction is not None
    with pytest.raises(Conflict) as raised:
        ask(lambda client: client.create_alert(alert.model_copy(update={"text": "Trou"})))
    assert raised.value.code == "id_taken"


@pytest.mark.parametrize("name", ["a/b c", "..", "é?#%2F", "a/close"])
def test_ids_may_hold_what_paths_do_not(ask: Ask, service: Installation, name: str) -> None:
    alert = Alert(id=f"{name}{service.number()}" if name != ".." else "..", text="Trou dans la chaussée")
    ask(lambda client: client.create_alert(alert))
    assert ask(lambda client: client.get_alert(alert.id)).id == alert.id


def test_pages_follow_one_another(ask: Ask) -> None:
    # A day of its own, so that nothing else is on it.
    day = datetime(2025, 3, 1, 12, tzinfo=UTC)
    names = {f"page-{number}" for number in range(5)}
    for number in range(5):
        alert = Alert(id=f"page-{number}", text="Trou dans la chaussée", created_at=day + timedelta(minutes=number))
        ask(lambda client, alert=alert: client.create_alert(alert))
    query = AlertQuery(since=day, until=day + timedelta(hours=1), bbox=None, state="open", page_size=2)
    found = ask(lambda client: client.list_alerts(query))
    assert [alert.id for alert in found] == sorted(names, reverse=True)


def test_duplicates_and_their_cluster_are_read(ask: Ask, service: Installation) -> None:
    at = datetime.now(UTC)
    place = {"lat": 47.34 + service.number() * 0.001, "lon": 5.05}
    names = [f"twin-{service.number()}" for _ in range(2)]
    for number, name in enumerate(names):
        text = "Lampadaire éteint devant le 12 rue Monge"
        alert = Alert(id=name, text=text, created_at=at + timedelta(minutes=number), **place)
        ask(lambda client, alert=alert: client.create_alert(alert))
    [twin] = ask(lambda client: client.duplicates(names[1]))
    assert twin.id == names[0]
    assert twin.evidence
    cluster = ask(lambda client: client.get_alert(names[1])).cluster
    assert [each.id for each in ask(lambda client: client.cluster(cluster)).alerts] == names


def test_a_fault_is_dealt_with_and_is_not_after_all(ask: Ask) -> None:
    alert = Alert(**LAMP)
    ask(lambda client: client.create_alert(alert))
    closed = ask(lambda client: client.close_alert(alert.id))
    assert (closed.state, closed.closed_at is not None) == ("closed", True)
    assert ask(lambda client: client.reopen_alert(alert.id)).state == "open"


def test_errors_name_the_field_and_what_to_do_next(ask: Ask, ask_at: AskAt, service: Installation) -> None:
    with pytest.raises(InvalidRequest, match=r"lat .*Mend the fields") as raised:
        ask(lambda client: client.predict(Alert(text="Trou", lat=95, lon=5)))
    assert ([fault.field for fault in raised.value.errors], raised.value.status) == (["lat"], 422)
    with pytest.raises(NotFound, match="No alert with this id"):
        ask(lambda client: client.get_alert("nobody's"))
    with pytest.raises(NotSignedIn, match="TRIAGE_KEY"):
        ask_at(service.base, lambda client: client.get_alert("a"), "wrong-key")


def test_what_is_no_service_is_told_apart(scripted: ScriptedService, ask_at: AskAt) -> None:
    for given in (
        Scripted(302, b"", {"Location": "http://127.0.0.1:1/"}),
        Scripted(200, b"<html>"),
        Scripted(502, b"x"),
    ):
        scripted.answers = [given]
        with pytest.raises(UnexpectedAnswer):
            ask_at(scripted.base, lambda client: client.get_alert("a"))


@pytest.mark.parametrize("kind", [TriageClient, AsyncTriageClient])
def test_the_key_comes_from_the_environment_and_is_shown_nowhere(
    kind: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delenv("TRIAGE_KEY", raising=False)
    for useless in (None, "", " ", "clé", "a\nb"):
        with pytest.raises(MissingKey, match="triage key add"):
            kind(key=useless)
    monkeypatch.setenv("TRIAGE_KEY", "secret-key\n")
    caplog.set_level(logging.DEBUG)
    client = kind("http://127.0.0.1:3000")
    assert "secret" not in f"{client!r} {client._connection!r} {client._http.headers!r} {caplog.text}"
    assert client._http.headers["Authorization"] == "Bearer secret-key"


def test_an_address_is_needed() -> None:
    with pytest.raises(ValueError, match="base_url must be an address"):
        TriageClient("127.0.0.1:3000", "key")


def test_photos_that_no_service_takes_are_not_sent(tmp_path: Path, ask_at: AskAt) -> None:
    (tmp_path / "large.jpg").write_bytes(b"x" * (MAX_PHOTO_BYTES + 1))
    for photo, words in ((tmp_path / "large.jpg", "smaller"), (tmp_path / "none.jpg", "path"), (b"", "empty")):
        with pytest.raises(InvalidPhoto, match=words) as raised:
            ask_at("http://127.0.0.1:1", lambda client, photo=photo: client.predict(Alert(photos=[photo])))
        assert str(tmp_path) not in str(raised.value)
    with pytest.raises(ValidationError):
        Alert(photos=[b"a", b"b", b"c", b"d"])
