"""The routes of stored alerts and clusters, as the API page shows them."""

from collections.abc import Collection
from dataclasses import dataclass

from fastapi import FastAPI
from pydantic import BaseModel

from serving.alerts import change_openapi as changes
from serving.alerts import openapi
from serving.alerts.changing import ChangeHandlers
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
    hosts = runtime.settings.photo_hosts
    routes = (*_reading(AlertHandlers(runtime), hosts), *_changing(ChangeHandlers(runtime), hosts))
    for route in routes:
        app.add_api_route(
            route.path,
            timed(route.handler, route.path, runtime),
            methods=[route.method],
            status_code=201 if 201 in route.answers else 200,
            summary=(route.handler.__doc__ or "").partition(".")[0],
            response_model=route.model,
            responses=route.answers | problems(401, 403, *route.errors, 429, 503),
            openapi_extra=route.request,
        )
    return {(route.path, route.method.lower()): route.answers for route in routes}


def _reading(handlers: AlertHandlers, hosts: Collection[str]) -> tuple[_Route, ...]:
    of_alert, of_cluster = openapi.alert_request(), openapi.cluster_request()
    shown, listed, clustered = openapi.alert_answers(), openapi.list_answers(), openapi.cluster_answers()
    tied, original = openapi.duplicates_answers(), openapi.original_answers()
    stored = openapi.receive_answers()
    new, query, purpose = openapi.receive_request(hosts), openapi.list_request(), openapi.original_request()
    refused = (400, 409, 413, 415, 422)
    return (
        _Route("POST", ALERTS, handlers.receive, Prediction, new, stored, refused),
        _Route("GET", ALERTS, handlers.page, AlertPage, query, listed, (406, 422)),
        _Route("GET", ALERT, handlers.one, WholeAlert, of_alert, shown, (404, 406)),
        _Route("GET", f"{ALERT}/duplicates", handlers.duplicates, DuplicateList, of_alert, tied, (404,)),
        _Route("GET", f"{ALERT}/original", handlers.original, OriginalDocument, purpose, original, (404, 422, 500)),
        _Route("GET", CLUSTER, handlers.cluster, ClusterDocument, of_cluster, clustered, (404, 406)),
    )


def _changing(handlers: ChangeHandlers, hosts: Collection[str]) -> tuple[_Route, ...]:
    of_alert, status, back, addition = (
        openapi.alert_request(),
        changes.status_request(),
        changes.return_request(),
        changes.add_request(hosts),
    )
    closed, reopened, gone = changes.closed_answers(), changes.reopened_answers(), changes.withdrawn_answers()
    said, added = changes.status_answers(), changes.added_answers()
    one, refused = (404, 409), (400, 404, 409, 413, 415, 422)
    return (
        _Route("PATCH", ALERT, handlers.add, WholeAlert, addition, added, refused),
        _Route("DELETE", ALERT, handlers.withdraw, WholeAlert, of_alert, gone, (404,)),
        _Route("POST", f"{ALERT}/status", handlers.status, WholeAlert, status, said, refused),
        _Route("POST", f"{ALERT}/return", handlers.give_back, WholeAlert, back, reopened, refused),
        _Route("POST", f"{ALERT}/close", handlers.close, WholeAlert, of_alert, closed, one),
        _Route("POST", f"{ALERT}/reopen", handlers.reopen, WholeAlert, of_alert, reopened, one),
    )
