"""The API pages: complete, with examples that work, and nothing fetched from elsewhere."""

import json
import re
from html.parser import HTMLParser
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator

from triage.prediction import ExplainedPrediction, Prediction

pytestmark = pytest.mark.xdist_group("server")

ROUTES = ("/v1/predict", "/v1/predict/batch")
ALERT_ROUTES = {
    ("post", "/v1/alerts"): {"400", "401", "403", "409", "413", "415", "422", "503"},
    ("get", "/v1/alerts"): {"401", "403", "406", "422", "503"},
    ("get", "/v1/alerts/{id}"): {"401", "403", "404", "406", "503"},
    ("get", "/v1/alerts/{id}/duplicates"): {"401", "403", "404", "503"},
    ("get", "/v1/alerts/{id}/original"): {"401", "403", "404", "422", "503"},
    ("post", "/v1/alerts/{id}/close"): {"401", "403", "404", "503"},
    ("post", "/v1/alerts/{id}/reopen"): {"401", "403", "404", "503"},
    ("get", "/v1/clusters/{id}"): {"401", "403", "404", "406", "503"},
}


@pytest.fixture(scope="session")
def document(stranger: httpx.Client) -> dict[str, Any]:
    answer = stranger.get("/openapi.json")
    assert answer.status_code == 200
    return answer.json()


class _Links(HTMLParser):
    """Collects the addresses that a page loads or links to."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        self.found += [value or "" for name, value in attrs if name in {"href", "src", "action", "data", "spec-url"}]


def links(page: str) -> list[str]:
    parser = _Links()
    parser.feed(page)
    return parser.found


def test_every_route_is_described(document: dict[str, Any]) -> None:
    described = {(method, path) for path, operations in document["paths"].items() for method in operations}
    assert described == {*(("post", route) for route in ROUTES), *ALERT_ROUTES, ("get", "/metrics")}
    assert document["info"]["title"]


@pytest.mark.parametrize("route", ROUTES)
def test_every_error_of_a_route_is_described_as_a_problem(document: dict[str, Any], route: str) -> None:
    answers = document["paths"][route]["post"]["responses"]
    assert set(answers) == {"200", "400", "401", "403", "413", "415", "422", "503"}
    for status in set(answers) - {"200"}:
        [content] = answers[status]["content"].values()
        assert content["schema"]["$ref"].endswith("/ProblemDocument")


@pytest.mark.parametrize("route", ROUTES)
def test_errors_are_described_under_the_type_that_they_come_in(document: dict[str, Any], route: str) -> None:
    answers = document["paths"][route]["post"]["responses"]
    for status, answer in answers.items():
        assert list(answer["content"]) == ["application/json" if status == "200" else "application/problem+json"]


@pytest.mark.parametrize(("method", "route"), ALERT_ROUTES)
def test_every_answer_of_an_alert_route_is_described(document: dict[str, Any], method: str, route: str) -> None:
    operation = document["paths"][route][method]
    answers = operation["responses"]
    good = {status for status in answers if status < "300"}
    assert good == ({"200", "201"} if (method, route) == ("post", "/v1/alerts") else {"200"})
    assert set(answers) - good == ALERT_ROUTES[method, route]
    for status in set(answers) - good:
        assert list(answers[status]["content"]) == ["application/problem+json"]
    geojson = "406" in answers
    for status in good:
        content = answers[status]["content"]
        assert set(content) == ({"application/json", "application/geo+json"} if geojson else {"application/json"})
        assert all("example" in form and "schema" in form for form in content.values())
    named = {parameter["name"] for parameter in operation.get("parameters", ()) if parameter["in"] == "path"}
    assert named == ({"id"} if "{id}" in route else set())
    assert operation["summary"]


@pytest.mark.parametrize(("method", "route"), ALERT_ROUTES)
def test_the_examples_of_alert_routes_fit_their_schemas(document: dict[str, Any], method: str, route: str) -> None:
    for answer in document["paths"][route][method]["responses"].values():
        form = answer["content"].get("application/json")
        if form and "example" in form:
            schema = form["schema"] | {"components": document["components"]}
            Draft202012Validator(schema).validate(form["example"])


@pytest.mark.parametrize("route", ROUTES)
def test_the_example_of_a_route_gets_a_200(client: httpx.Client, document: dict[str, Any], route: str) -> None:
    body = document["paths"][route]["post"]["requestBody"]["content"]["application/json"]
    answer = client.post(route, json=body["example"])
    assert answer.status_code == 200, answer.text
    assert "error" not in answer.text


def test_the_request_schema_names_every_field_of_an_alert(document: dict[str, Any]) -> None:
    content = document["paths"]["/v1/predict"]["post"]["requestBody"]["content"]
    schema = content["application/json"]["schema"]
    assert set(schema["properties"]) == {"id", "text", "photo", "lat", "lon", "created_at", "category_hint"}
    assert schema["required"] == ["id"]
    assert set(content["multipart/form-data"]["schema"]["properties"]) == {"alert", "photo"}


def test_the_answer_schema_names_every_field_of_an_answer(client: httpx.Client, document: dict[str, Any]) -> None:
    content = document["paths"]["/v1/predict"]["post"]["responses"]["200"]["content"]["application/json"]
    forms = [document["components"]["schemas"][form["$ref"].rpartition("/")[2]] for form in content["schema"]["anyOf"]]
    for route, form in zip(("/v1/predict", "/v1/predict?explain=true"), forms, strict=True):
        answer = client.post(route, json={"id": "schema-1", "text": "banc cassé"}).json()
        assert set(answer) == set(form["properties"])
        assert set(form["required"]) <= set(answer)


def test_the_query_parameter_is_described_where_it_is_offered(document: dict[str, Any]) -> None:
    [parameter] = document["paths"]["/v1/predict"]["post"]["parameters"]
    assert (parameter["name"], parameter["in"], parameter["schema"]["type"]) == ("explain", "query", "boolean")
    assert "parameters" not in document["paths"]["/v1/predict/batch"]["post"]


def test_the_examples_of_an_answer_are_answers(document: dict[str, Any]) -> None:
    examples = document["paths"]["/v1/predict"]["post"]["responses"]["200"]["content"]["application/json"]["examples"]
    Prediction.model_validate_json(json.dumps(examples["prediction"]["value"]))
    explanation = ExplainedPrediction.model_validate_json(json.dumps(examples["explained"]["value"])).explanation
    assert [word.text for word in explanation.words] == explanation.text.split()
    assert all(explanation.text[word.start : word.end] == word.text for word in explanation.words)


def test_the_root_leads_to_the_api_page(stranger: httpx.Client) -> None:
    for method in ("GET", "HEAD"):
        answer = stranger.request(method, "/")
        assert answer.status_code == 307
        assert answer.headers["location"] == "/docs"


def test_no_page_loads_anything_from_another_host(client: httpx.Client) -> None:
    paths = ["/", *client.get("/schema.json").json()["paths"], "/nope", "/index.html", "/static_content/index.html"]
    pages = 0
    for path in dict.fromkeys(paths):
        answer = client.get(path, follow_redirects=True)
        if "html" not in answer.headers.get("content-type", ""):
            continue
        pages += 1
        assert "googletagmanager" not in answer.text
        assert not re.search(r"https?://|[\"'(]//", answer.text), path
    assert pages >= 2  # the two API pages


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
def test_what_an_api_page_needs_is_served_here_without_a_key(stranger: httpx.Client, path: str) -> None:
    page = stranger.get(path).text
    needed = links(page)
    assert any(link.endswith(".js") for link in needed)
    for link in needed:
        assert stranger.get(link).status_code == 200, link
