"""What the API page says of Open311's routes and of Signalen's: complete, with examples that are answers."""

from typing import Any
from xml.etree import ElementTree

import pytest
from jsonschema import Draft202012Validator

from serving.app import create_app
from serving.open311.places import ROOT
from serving.runtime import Runtime
from serving.signalen.places import PREDICT
from serving.signalen.routes import SignalenAnswer

COMMON = {"400", "403", "429", "503"}
ROUTES = {
    ("get", f"{ROOT}/services.{{form}}"): {"200", "404"} | COMMON,
    ("get", f"{ROOT}/services/{{code}}.{{form}}"): {"200", "404"} | COMMON,
    ("get", f"{ROOT}/requests.{{form}}"): {"200", "404"} | COMMON,
    ("post", f"{ROOT}/requests.{{form}}"): {"200", "201", "404"} | COMMON,
    ("get", f"{ROOT}/requests/{{id}}.{{form}}"): {"200", "404"} | COMMON,
    ("get", f"{ROOT}/tokens/{{id}}.{{form}}"): {"200", "404"} | COMMON,
}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return create_app(Runtime()).openapi()


def test_every_route_is_described(document: dict[str, Any]) -> None:
    described = {(method, path) for path, each in document["paths"].items() if path.startswith(ROOT) for method in each}
    assert described == set(ROUTES)


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_every_answer_is_described_in_both_forms_with_examples(
    document: dict[str, Any], method: str, path: str
) -> None:
    operation = document["paths"][path][method]
    assert operation["summary"].startswith("Open311: ")
    assert set(operation["responses"]) == ROUTES[method, path]
    for answer in operation["responses"].values():
        assert set(answer["content"]) == {"application/json", "text/xml"}
        in_json, in_xml = answer["content"]["application/json"], answer["content"]["text/xml"]
        Draft202012Validator(in_json["schema"]).validate(in_json["example"])
        whole = ElementTree.fromstring(in_xml["example"].encode())  # noqa: S314 - of this project
        assert whole.tag in {"services", "service_definition", "service_requests", "errors"}
    named = {parameter["name"] for parameter in operation["parameters"] if parameter["in"] == "path"}
    assert all(f"{{{name}}}" in path for name in named)
    assert path.count("{") == len(named)


def test_the_form_names_every_field_of_the_standard(document: dict[str, Any]) -> None:
    [content] = document["paths"][f"{ROOT}/requests.{{form}}"]["post"]["requestBody"]["content"].values()
    standard = "api_key jurisdiction_id service_code lat long address_string address_id email device_id account_id"
    assert {*standard.split(), "first_name", "last_name", "phone", "description", "media_url"} == set(
        content["schema"]["properties"]
    )
    Draft202012Validator(content["schema"]).validate(content["example"])


def test_signalens_route_is_described(document: dict[str, Any]) -> None:
    operation = document["paths"][PREDICT]["post"]
    assert set(operation["responses"]) == {"200", "400", "401", "403", "404", "413", "422", "429", "503"}
    SignalenAnswer.model_validate(operation["responses"]["200"]["content"]["application/json"]["example"])
    body = operation["requestBody"]["content"]["application/json"]
    Draft202012Validator(body["schema"]).validate(body["example"])
