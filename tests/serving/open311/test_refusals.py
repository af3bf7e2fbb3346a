"""Errors: the standard's codes and form, whatever is wrong and wherever it is noticed."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as trying
from hypothesis import strategies as st

from serving.open311.forms import MAX_BYTES
from serving.scopes import Scope
from tests.serving.alerts.conftest import Service
from tests.serving.alerts.hand_made import HandMadeModel
from tests.serving.open311.conftest import LAMP, App
from triage.settings import Settings
from triage.store.personal import PersonalKeys

Rows = Callable[[bytes], list[dict[str, str | None]]]
REQUESTS = "/open311/v2/requests.json"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, keys: PersonalKeys) -> Iterator[Service]:
    """One service for all: what is refused changes nothing."""
    settings = Settings(state_dir=tmp_path_factory.mktemp("refusals") / "state")
    with Service(settings, keys, HandMadeModel(keys.plate_digest)).running() as running:
        yield running


@pytest.fixture
def errors(rows_of: Rows) -> Callable[..., list[str]]:
    """Checks that an answer is a list of errors in the form of its address; gives their descriptions."""

    def read(answer: httpx.Response, status: int, code: str | None = None) -> list[str]:
        assert answer.status_code == status, answer.text
        in_xml = answer.url.path.endswith(".xml")
        assert answer.headers["content-type"].startswith("text/xml" if in_xml else "application/json")
        rows: list[dict[str, Any]] = rows_of(answer.content) if in_xml else answer.json()
        assert rows
        assert all(row.keys() == {"code", "description"} for row in rows)
        assert {row["code"] for row in rows} == {code or str(status)}
        return [str(row["description"]) for row in rows]

    return read


@pytest.mark.parametrize("path", ["services", "services/voirie", "requests", "requests/a", "tokens/a"])
@pytest.mark.parametrize("ending", ["json", "xml"])
def test_every_address_needs_a_key(app: App, errors: Any, path: str, ending: str) -> None:
    for headers in ({}, {"X-API-Key": "wrong"}, {"Authorization": "Basic d3Jvbmc6"}):
        answer = app.session.get(f"/open311/v2/{path}.{ending}", headers=headers)
        assert "clé d’API" in errors(answer, 403)[0]


@pytest.mark.parametrize("ending", ["json", "xml"])
def test_a_form_needs_a_key_that_may_store_alerts(make_app: Callable[..., App], errors: Any, ending: str) -> None:
    narrow = make_app(Scope.PREDICT)
    errors(narrow.post(ending=ending), 403)
    for form in (LAMP, LAMP | {"api_key": "wrong"}, LAMP | {"api_key": "clé"}):
        errors(narrow.session.post(f"/open311/v2/requests.{ending}", data=form), 403)


def test_a_key_may_come_in_any_way_that_clients_have(app: App) -> None:
    ways: list[dict[str, Any]] = [
        {"data": LAMP | {"api_key": app.key}},
        {"data": LAMP, "headers": {"X-API-Key": app.key}},
        {"data": LAMP, "headers": {"Authorization": f"Bearer {app.key}"}},
        {"data": LAMP, "auth": (app.key, "")},
        {"data": LAMP, "auth": ("app", app.key)},
    ]
    for number, way in enumerate(ways):
        way["data"] = way["data"] | {"description": f"Trou {number}"}
        assert app.session.post(REQUESTS, **way).status_code == 201


def test_a_key_in_the_address_opens_no_other_route(app: App) -> None:
    assert app.session.get("/v1/alerts", auth=(app.key, "")).status_code == 401


def test_a_header_counts_more_than_a_form(app: App, errors: Any) -> None:
    errors(app.session.post(REQUESTS, data=LAMP | {"api_key": app.key}, headers={"X-API-Key": "wrong"}), 403)


@pytest.mark.parametrize("ending", ["json", "xml"])
def test_what_is_not_there_is_not_found(app: App, errors: Any, ending: str) -> None:
    assert "service_code" in errors(app.get(f"services/banana.{ending}"), 404)[0]
    assert "service_code" in errors(app.post(LAMP | {"service_code": "banana"}, ending), 404)[0]
    assert "service_request_id" in errors(app.get(f"requests/nobody.{ending}"), 404)[0]
    errors(app.get(f"tokens/nobody.{ending}"), 404)
    errors(app.get(f"banana.{ending}"), 404)


@pytest.mark.parametrize(
    "path", ["requests", "services.yaml", "requests.jsonx", "services/voirie", "requests/a.b/c.json"]
)
def test_an_address_of_no_form_is_not_found(app: App, errors: Any, path: str) -> None:
    errors(app.get(path), 404)


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"description": "trou"}, ["Indiquez le lieu : lat et long, address_string ou address_id."]),
        (LAMP | {"lat": "north"}, ["lat doit être un nombre de degrés (WGS84)"]),
        (
            LAMP | {"lat": "", "media_url": "x"},
            ["lat est nécessaire avec l’autre coordonnée", "media_url doit être un lien web"],
        ),
        (LAMP | {"description": ""}, ["description ne dit rien : décrivez le problème avec des mots"]),
        (LAMP | {"description": "a" * 5001}, ["description est trop long"]),
        (LAMP | {"description": "a\x00b"}, ["description contient des caractères illisibles"]),
    ],
)
@pytest.mark.parametrize("ending", ["json", "xml"])
def test_a_form_at_fault_is_a_400_that_names_each_field(
    app: App, errors: Any, form: dict[str, str], said: list[str], ending: str
) -> None:
    assert errors(app.post(form, ending), 400) == said


def test_errors_are_english_for_who_asks(app: App, errors: Any) -> None:
    answer = app.post({"description": "trou"}, headers={"Accept-Language": "en"})
    assert errors(answer, 400)[0].startswith("Say where")
    assert answer.headers["content-language"] == "en"


def test_other_content_is_refused(app: App, errors: Any) -> None:
    headers = {"X-API-Key": app.key}
    errors(app.session.post(REQUESTS, json=LAMP, headers=headers), 400, "415")
    errors(app.session.post(REQUESTS, content=b"", headers=headers), 400, "415")


def test_a_form_that_is_too_large_is_refused_before_it_is_parsed(app: App, errors: Any) -> None:
    errors(app.post(LAMP | {"description": "a" * MAX_BYTES}), 400, "413")


def test_another_method_is_refused(app: App, errors: Any) -> None:
    answer = app.session.put(REQUESTS, headers={"X-API-Key": app.key})
    errors(answer, 405, "405")
    assert answer.headers["allow"] == "GET, POST"


def test_a_key_that_was_used_for_other_content_is_refused(app: App, errors: Any) -> None:
    key = {"Idempotency-Key": "used"}
    app.post(headers=key)
    assert "Idempotency-Key" in errors(app.post(LAMP | {"description": "Trou"}, headers=key), 400, "409")[0]
    other_link = LAMP | {"media_url": "https://photos.example/a.jpg"}
    errors(app.post(other_link, headers=key), 400, "409")


def test_a_query_at_fault_is_named(app: App, errors: Any) -> None:
    assert errors(app.get("requests.json", status="broken", page="0"), 400) == [
        "status must be open or closed",
        "page must be a number from 1 to 10000",
    ]
    errors(app.get("requests.json", service_code="banana"), 404)
    errors(app.get("services.json", lang="de"), 400)


def test_a_service_that_is_not_ready_says_so_in_the_standards_form(app: App, service: Any, errors: Any) -> None:
    engine, service.runtime.engine = service.runtime.engine, None
    try:
        for ending in ("json", "xml"):
            answer = app.get(f"services.{ending}")
            errors(answer, 503)
            assert answer.headers["retry-after"] == "1"
    finally:
        service.runtime.engine = engine


# Each example takes one request of the same service, which changes nothing for the next.
@trying(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=300), ending=st.sampled_from(["json", "xml"]))
def test_no_form_whatever_breaks_the_service(app: App, errors: Any, body: bytes, ending: str) -> None:
    headers = {"X-API-Key": app.key, "Content-Type": "application/x-www-form-urlencoded"}
    answer = app.session.post(f"/open311/v2/requests.{ending}", content=body, headers=headers)
    if answer.status_code != 201:
        assert errors(answer, answer.status_code if answer.status_code == 404 else 400)
