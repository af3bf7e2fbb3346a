"""Signalen's route: its exact form, with a key in the address or from a network that the settings name."""

import json
from collections.abc import Callable
from ipaddress import ip_network
from typing import Any

import httpx
import pytest
import requests

from serving.scopes import Scope
from serving.signalen.places import PREDICT
from tests.serving.alerts.conftest import Service, StartService
from tests.serving.signalen.conftest import BASE, is_parallel

TEXT = {"text": "Lampadaire éteint devant le 12 rue Monge"}
LAMP = f"{BASE}/categories/wegen-verkeer-straatmeubilair/sub_categories/lantaarnpaal-straatverlichting"

ReadProblem = Callable[..., dict[str, Any]]


@pytest.fixture
def client(service: Service) -> httpx.Client:
    return service.client_for(Scope.PREDICT)


def test_the_answer_has_signalens_form(client: httpx.Client) -> None:
    answer = client.post(PREDICT, json=TEXT)
    assert answer.status_code == 200, answer.text
    document = answer.json()
    assert is_parallel(document)
    assert document["subrubriek"][0][0] == LAMP
    assert document["subrubriek"][1][0] == 0.9
    assert document["hoofdrubriek"][0][0] == f"{BASE}/categories/wegen-verkeer-straatmeubilair"


def test_json_is_read_whatever_the_header_says(client: httpx.Client) -> None:
    body = json.dumps(TEXT).encode()
    for headers in ({}, {"Content-Type": "text/plain"}, {"Content-Type": "application/x-www-form-urlencoded"}):
        assert client.post(PREDICT, content=body, headers=headers).status_code == 200


def test_its_client_brings_a_key_in_the_address(service: Service) -> None:
    key = service.client_for(Scope.PREDICT).headers["X-API-Key"]
    # As Signalen's backend asks: the address of its setting, and requests without any header of its own.
    endpoint = f"{service.base.replace('//', f'//signalen:{key}@')}{PREDICT}"
    answer = requests.post(endpoint, json=TEXT, timeout=(10.0, 10.0))
    assert answer.status_code == 200
    assert answer.json()["subrubriek"][0][0] == LAMP


@pytest.mark.parametrize("auth", [None, ("wrong", ""), ("", "wrong"), ("a", "b")])
def test_without_a_key_nothing_is_answered(service: Service, problem: ReadProblem, auth: Any) -> None:
    problem(httpx.post(service.base + PREDICT, json=TEXT, auth=auth, trust_env=False), 401)


def test_a_key_of_another_scope_is_refused(service: Service, problem: ReadProblem) -> None:
    problem(service.client_for(Scope.ALERTS).post(PREDICT, json=TEXT), 403)


def test_a_network_of_the_settings_needs_no_key_for_this_route_alone(start: StartService, problem: ReadProblem) -> None:
    networks = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
    with start(signalen_base=BASE, signalen_networks=networks) as running:
        assert httpx.post(running.base + PREDICT, json=TEXT, trust_env=False).status_code == 200
        problem(httpx.get(running.base + PREDICT, trust_env=False), 405)
        for path in ("/v1/alerts", "/metrics", "/open311/v2/services"):
            assert httpx.get(running.base + path, trust_env=False).status_code in {401, 403}


def test_another_network_opens_nothing(start: StartService, problem: ReadProblem) -> None:
    with start(signalen_base=BASE, signalen_networks=(ip_network("192.0.2.0/24"),)) as running:
        problem(httpx.post(running.base + PREDICT, json=TEXT, trust_env=False), 401)


def test_the_route_is_closed_until_a_setting_names_the_signalen(start: StartService, problem: ReadProblem) -> None:
    with start() as running:
        document = problem(running.client.post(PREDICT, json=TEXT), 404)
        assert "TRIAGE_SIGNALEN_BASE" in document["detail"]


@pytest.mark.parametrize(
    ("body", "status", "fields"),
    [
        (b"", 400, ["body"]),
        (b"[]", 422, ["body"]),
        (b"{}", 422, ["text"]),
        (b'{"text": 5}', 422, ["text"]),
        (b'{"text": "..."}', 422, ["text"]),
        (b'{"text": "' + b"a" * 5001 + b'"}', 422, ["text"]),
        (b'{"text": "' + b"a" * 70_000 + b'"}', 413, []),
        (b"\xff", 400, ["body"]),
    ],
)
def test_a_body_at_fault_is_a_problem(
    client: httpx.Client, problem: ReadProblem, body: bytes, status: int, fields: list[str]
) -> None:
    problem(client.post(PREDICT, content=body), status, *fields)


def test_nothing_is_stored(client: httpx.Client, service: Service) -> None:
    client.post(PREDICT, json=TEXT)
    assert service.client.get("/v1/alerts").json()["alerts"] == []
