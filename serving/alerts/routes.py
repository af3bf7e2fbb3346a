"""The routes of stored alerts and clusters, as the API page shows them."""

from dataclasses import dataclass

from fastapi import FastAPI
from pydantic import BaseModel

from serving.alerts import openapi
from serving.alerts.documents import AlertPage, ClusterDocument, DuplicateList, OriginalDocument, WholeAlert
from serving.alerts.handlers import AlertHandlers
from serving.handling import Handler, timed
from serving.openapi import problems
from serving.runtime import Runtime
from triage.prediction import Prediction

ALERTS, ALERT, CLUSTER = "/v1/alerts", "/v1/alerts/{id}", "/v1/clusters/{id}"


@dataclass(frozen=True, slots=True)
class _Route:
    """One route; the first sentence of its handler says what it does."""

    method: str
    path: str
    handler: Handler
    model: type[BaseModel]
    request: openapi.Parts
    answers: openapi.Answers
    errors: tuple[int, ...]


def add_alert_routes(app: FastAPI, runtime: Runtime) -> openapi.Examples:
    """Add the routes to the application; returns the examples of their answers."""
    routes = _routes(AlertHandlers(runtime))
    for route in routes:
        app.add_api_route(
            route.path,
            timed(route.handler, route.path, runtime),
            methods=[route.method],
            status_code=201 if 201 in route.answers else 200,
            summary=(route.handler.__doc__ or "").partition(".")[0],
            response_model=route.model,
            responses=route.answers | problems(401, 403, *route.errors, 503),
            openapi_extra=route.request,
        )
    return {(route.path, route.method.lower()): route.answers for route in routes}


def _routes(handlers: AlertHandlers) -> tuple[_Route, ...]:
    of_alert, of_cluster = openapi.alert_request(), openapi.cluster_request()
    changed, shown = openapi.changed_answers(), openapi.alert_answers()
    listed, clustered = openapi.list_answers(), openapi.cluster_answers()
    tied, original = openapi.duplicates_answers(), openapi.original_answers()
    stored = openapi.receive_answers()
    new, query, purpose = openapi.receive_request(), openapi.list_request(), openapi.original_request()
    refused = (400, 409, 413, 415, 422)
    return (
        _Route("POST", ALERTS, handlers.receive, Prediction, new, stored, refused),
        _Route("GET", ALERTS, handlers.page, AlertPage, query, listed, (406, 422)),
        _Route("GET", ALERT, handlers.one, WholeAlert, of_alert, shown, (404, 406)),
        _Route("GET", f"{ALERT}/duplicates", handlers.duplicates, DuplicateList, of_alert, tied, (404,)),
        _Route("GET", f"{ALERT}/original", handlers.original, OriginalDocument, purpose, original, (404, 422)),
        _Route("POST", f"{ALERT}/close", handlers.close, WholeAlert, of_alert, changed, (404,)),
        _Route("POST", f"{ALERT}/reopen", handlers.reopen, WholeAlert, of_alert, changed, (404,)),
        _Route("GET", CLUSTER, handlers.cluster, ClusterDocument, of_cluster, clustered, (404, 406)),
    )
