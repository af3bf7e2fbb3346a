"""The API pages: complete, with examples that work, and nothing fetched from elsewhere."""

import json
import re
from html.parser import HTMLParser
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator

from serving.access import needed_scope
from triage.prediction import ExplainedPrediction, Prediction

pytestmark = pytest.mark.xdist_group("server")

ROUTES = ("/v1/predict", "/v1/predict/batch")
_ANY = {"401", "403", "429", "503"}
_CHANGED = {*_ANY, "400", "404", "409", "413", "415", "422"}
ALERT_ROUTES = {
    ("post", "/v1/alerts"): _CHANGED - {"404"},
    ("get", "/v1/alerts"): {*_ANY, "406", "422"},
    ("get", "/v1/alerts/{id}"): {*_ANY, "404", "406"},
    ("patch", "/v1/alerts/{id}"): _CHANGED,
    ("delete", "/v1/alerts/{id}"): {*_ANY, "404"},
    ("get", "/v1/alerts/{id}/duplicates"): {*_ANY, "404"},
    ("get", "/v1/alerts/{id}/original"): {*_ANY, "404", "422", "500"},
    ("get", "/v1/alerts/{id}/personal-data"): {*_ANY, "404", "422", "500"},
    ("delete", "/v1/alerts/{id}/personal-data"): {*_ANY, "404"},
    ("post", "/v1/alerts/{id}/status"): _CHANGED,
    ("post", "/v1/alerts/{id}/return"): _CHANGED,
    ("post", "/v1/alerts/{id}/close"): {*_ANY, "404", "409"},
    ("post", "/v1/alerts/{id}/reopen"): {*_ANY, "404", "409"},
    ("get", "/v1/clusters/{id}"): {*_ANY, "404", "406"},
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
    # What is offered to other systems' clients has tests of its own.
    own = {path: each for path, each in document["paths"].items() if not path.startswith(("/open311/", "/signals_"))}
    described = {(method, path) for path, operations in own.items() for method in operations}
    others = {("get", "/metrics"), ("get", "/v1/events")}
    assert described == {*(("post", route) for route in ROUTES), *ALERT_ROUTES, *others}
    assert document["info"]["title"]


@pytest.mark.parametrize("route", ROUTES)
def test_every_error_of_a_route_is_described_as_a_problem(document: dict[str, Any], route: str) -> None:
    answers = document["paths"][route]["post"]["responses"]
    assert set(answers) == {"200", *_ANY, "400", "413", "415", "422"}
    for status in set(answers) - {"200"}:
        [content] = answers[status]["content"].values()
        assert content["schema"]["$ref"].endswith("/ProblemDocument")


@pytest.mark.parametrize("route", ROUTES)
def test_errors_are_described_under_the_type_that_they_come_in(document: dict[str, Any], route: str) -> None:
    answers = document["paths"][route]["post"]["responses"]
    for status, answer in answers.items():
        assert list(answer["content"]) == ["application/json" if status == "200" else "application/problem+json"]


def test_every_route_may_be_too_much_or_too_early_and_says_when_to_come_back(document: dict[str, Any]) -> None:
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            for status in ("429", "503"):
                assert "Retry-After" in operation["responses"][status]["headers"], (method, path)


def test_every_route_needs_a_key_and_says_with_which_scope(document: dict[str, Any]) -> None:
    assert set(document["components"]["securitySchemes"]) == {"bearer", "header"}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            assert operation["security"] == [{"bearer": []}, {"header": []}], (method, path)
            scope = re.search(r"Scope: `(\w+)`\.$", operation["description"])
            assert scope is not None, (method, path)
            assert scope[1] == needed_scope(method.upper(), path)
            refusals = {"403"} if path.startswith("/open311/") else {"401", "403"}
            assert refusals <= set(operation["responses"])


@pytest.mark.parametrize(("method", "route"), ALERT_ROUTES)
def test_every_answer_of_an_alert_route_is_described(document: dict[str, Any], method: str, route: str) -> None:
    operation = document["paths"][route][method]
    answers = operation["responses"]
    good = {status for status in answers if status < "300"}
    assert good == ({"200", "201", "202"} if (method, route) == ("post", "/v1/alerts") else {"200"})
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
    operation = document["paths"][route][method]
    for answer in (operation.get("requestBody", {"content": {}}), *operation["responses"].values()):
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
    where = {"lat", "lon", "address", "commune"}
    assert set(schema["properties"]) == where | {"id", "text", "photo", "created_at", "category_hint", "channel"}
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
        # The stream of events has no end, and is not read.
        with client.stream("GET", path, follow_redirects=True) as answer:
            if "html" not in answer.headers.get("content-type", ""):
                continue
            page = answer.read().decode()
        pages += 1
        assert "googletagmanager" not in page
        assert not re.search(r"https?://|[\"'(]//", page), path
    assert pages >= 2  # the two API pages


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
def test_what_an_api_page_needs_is_served_here_without_a_key(stranger: httpx.Client, path: str) -> None:
    page = stranger.get(path).text
    needed = links(page)
    assert any(link.endswith(".js") for link in needed)
    for link in needed:
        assert stranger.get(link).status_code == 200, link
