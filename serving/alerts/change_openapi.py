"""What the API page shows of the routes that change stored alerts."""

from collections.abc import Collection
from typing import Any

from pydantic import BaseModel

from serving.alerts.changes import ReturnBody, StatusBody
from serving.alerts.openapi import ALERT_EXAMPLE, Answers, Parts, alert_request, key_header
from serving.openapi import example_prediction, json_or_multipart
from serving.openapi_alert import addition_in_parts, addition_schema

_ADDED = "La nuit tombe et le lampadaire ne s'allume toujours pas"


def status_request() -> Parts:
    """What a department says of an alert."""
    example = {
        "status": "in_progress",
        "note": "Une équipe passe jeudi.",
        "department": "eclairage",
        "expected_at": "2026-11-26T17:00:00+01:00",
    }
    return _with_body(StatusBody, example)


def return_request() -> Parts:
    """An alert that comes back."""
    reason = "Ce feu tricolore n'est pas de l'éclairage public."
    example = {"department": "eclairage", "reason": reason, "proposed": "voirie"}
    return _with_body(ReturnBody, example)


def add_request(hosts: Collection[str]) -> Parts:
    """What is added to an alert; links to photos may lead to these hosts."""
    key = key_header("addition", "by what it says; a new key makes the same words another addition")
    example = {"text": _ADDED, "version": 1}
    return {
        "parameters": [*alert_request()["parameters"], key],
        "requestBody": json_or_multipart(addition_schema(hosts), addition_in_parts(), example),
    }


def closed_answers() -> Answers:
    """An alert that is dealt with."""
    return _changed(state="closed", closed_at="2026-11-23T09:00:00Z")


def reopened_answers() -> Answers:
    """An alert that is not dealt with after all."""
    return _changed()


def status_answers() -> Answers:
    """An alert on which somebody works."""
    said = {"status_note": "Une équipe passe jeudi.", "status_department": "eclairage"}
    return _changed(state="in_progress", expected_at="2026-11-26T16:00:00Z", **said)


def added_answers() -> Answers:
    """An alert with what was added, and its earlier answer."""
    earlier = {"version": 1, "created_at": "2026-11-22T17:30:04Z", "prediction": example_prediction()}
    return _changed(version=2, text=f"{ALERT_EXAMPLE['text']}\n{_ADDED}", earlier_predictions=[earlier])


def withdrawn_answers() -> Answers:
    """An alert that should not have been sent."""
    return _changed(state="withdrawn")


def _with_body(kind: type[BaseModel], example: Parts) -> Parts:
    content = {"application/json": {"schema": kind.model_json_schema(), "example": example}}
    return {**alert_request(), "requestBody": {"required": True, "content": content}}


def _changed(**fields: Any) -> Answers:
    whole = {"prediction": example_prediction(), "earlier_predictions": []}
    return {200: {"content": {"application/json": {"example": ALERT_EXAMPLE | whole | fields}}}}
