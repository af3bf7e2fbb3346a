"""The routes of Open311, as the API page shows them; each address ends in `.json` or `.xml`."""

from dataclasses import dataclass

from fastapi import FastAPI

from serving.alerts.openapi import Answers, Examples, Parts
from serving.desk.languages import read_languages
from serving.handling import Handler, timed
from serving.open311 import openapi
from serving.open311.handlers import Open311Handlers
from serving.open311.languages import LanguageChoice
from serving.open311.places import ROOT
from serving.runtime import Runtime

SERVICES, SERVICE = f"{ROOT}/services.{{form}}", f"{ROOT}/services/{{code}}.{{form}}"
REQUESTS, REQUEST = f"{ROOT}/requests.{{form}}", f"{ROOT}/requests/{{id}}.{{form}}"
TOKEN = f"{ROOT}/tokens/{{id}}.{{form}}"


@dataclass(frozen=True, slots=True)
class _Route:
    """One route; the first sentence of its handler says what it does."""

    method: str
    path: str
    handler: Handler
    request: Parts
    answers: Answers
    errors: tuple[int, ...] = ()


def add_open311_routes(app: FastAPI, runtime: Runtime) -> Examples:
    """Add the routes to the application; returns the examples of their answers."""
    languages = LanguageChoice(read_languages(runtime.settings.time_zone))
    examples: Examples = {}
    for route in _routes(Open311Handlers(runtime, languages)):
        answers = route.answers | openapi.errors(400, 403, *route.errors, 429, 503)
        examples[route.path, route.method.lower()] = answers
        app.add_api_route(
            route.path,
            timed(route.handler, route.path, runtime),
            methods=[route.method],
            summary=f"Open311: {(route.handler.__doc__ or '').partition('.')[0]}",
            # The handlers write both forms themselves.
            response_model=None,
            status_code=201 if 201 in route.answers else 200,
            responses=answers,
            openapi_extra=route.request,
        )
    return examples


def _routes(handlers: Open311Handlers) -> tuple[_Route, ...]:
    listed, defined = openapi.service_answers(), openapi.definition_answers()
    found, made, resolved = openapi.request_answers(), openapi.receipt_answers(), openapi.token_answers()
    return (
        _Route("GET", SERVICES, handlers.services, openapi.common(), listed, (404,)),
        _Route("GET", SERVICE, handlers.service, openapi.common("code"), defined, (404,)),
        _Route("POST", REQUESTS, handlers.create, openapi.form_request(), made, (404,)),
        _Route("GET", REQUESTS, handlers.page, openapi.list_request(), found, (404,)),
        _Route("GET", REQUEST, handlers.one, openapi.common("id"), found, (404,)),
        _Route("GET", TOKEN, handlers.token, openapi.common("id"), resolved, (404,)),
    )
