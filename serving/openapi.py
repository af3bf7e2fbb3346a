"""What the API page shows of bodies that the routes read themselves."""

from collections.abc import Collection
from typing import Any

from pydantic import BaseModel

from serving.openapi_alert import alert_in_parts, alert_schema, multipart
from serving.problems import MEDIA_TYPE, ProblemDocument
from serving.requests import MAX_BATCH_ALERTS
from triage.prediction import Prediction

TITLE = "OnDijon triage"
DESCRIPTION = (
    "Reads a resident's alert and answers category, department and priority with calibrated confidence, "
    "a decision (route, review, or both), the reasons, and the stored alerts that are about the same fault. Every "
    "error is a problem document (RFC 9457). Texts are shown without personal data."
)

EXAMPLE_ALERT: dict[str, Any] = {
    "id": "demo-1",
    "text": "Lampadaire éteint depuis trois jours devant le 12 rue Monge, on ne voit plus rien le soir",
    "lat": 47.3216,
    "lon": 5.0415,
    "address": "12 rue Monge",
    "commune": "Dijon",
    "channel": "application",
    "created_at": "2026-11-22T18:30:00+01:00",
}

EXAMPLE_DUPLICATE: dict[str, Any] = {
    "id": "demo-0",
    "probability": 0.91,
    "distance_m": 14.2,
    "age_hours": 30.5,
    "evidence": ["same category", "within 25 m", "text very similar"],
}


class ItemErrorDetail(BaseModel):
    """What is wrong with one alert of a batch."""

    code: str
    message: str


class ItemError(BaseModel):
    """Stands in a batch's results where an alert is at fault; `id` is null if it had none."""

    id: str | None
    error: ItemErrorDetail


class BatchAnswer(BaseModel):
    """One result for each alert, in order."""

    results: list[Prediction | ItemError]


EXPLAIN_PARAMETER: dict[str, Any] = {
    "name": "explain",
    "in": "query",
    "description": "Also answer which words spoke for each code, and which rules give the department. Costs as much as "
    "dozens of alerts, so only a few may wait: the next one is answered 503.",
    "schema": {"type": "boolean", "default": False},
}


def predict_request(hosts: Collection[str]) -> dict[str, Any]:
    """The query and the body of a single prediction; links to photos may lead to these hosts."""
    return {"parameters": [EXPLAIN_PARAMETER], "requestBody": alert_body(hosts)}


def alert_body(hosts: Collection[str]) -> dict[str, Any]:
    """The body of a single alert, in JSON or multipart; links to photos may lead to these hosts."""
    return json_or_multipart(alert_schema(hosts), alert_in_parts(), EXAMPLE_ALERT)


def json_or_multipart(schema: dict[str, Any], part: dict[str, Any], example: dict[str, Any]) -> dict[str, Any]:
    """A body in JSON, or in multipart with its photos as parts.

    Args:
        schema: of the JSON.
        part: of the JSON in multipart.
        example: fits both.
    """
    form = multipart(part) | {"example": {"alert": example}}
    return {
        "required": True,
        "content": {"application/json": {"schema": schema, "example": example}, "multipart/form-data": form},
    }


def example_prediction() -> dict[str, Any]:
    """A prediction; its codes are those of the taxonomy that ships."""
    heads = {
        head: {"code": code, "confidence": 0.93, "alternatives": [{"code": other, "confidence": 0.04}]}
        for head, code, other in (
            ("category", "eclairage_public", "feux_tricolores"),
            ("department", "eclairage", "voirie"),
            ("priority", "normale", "haute"),
        )
    }
    answer = {"id": EXAMPLE_ALERT["id"], **heads, "decision": "route", "reasons": [], "photos": []}
    model = {"name": "text", "version": "1", "taxonomy": 1, "bundle_sha256": "0" * 64}
    return answer | {"duplicates": [EXAMPLE_DUPLICATE], "model": model}


def predict_answers() -> dict[int | str, dict[str, Any]]:
    """The two forms of a good answer, each with an example."""
    plain = example_prediction()
    text = "Lampadaire éteint rue Monge"
    words = [
        {"text": word, "start": text.index(word), "end": text.index(word) + len(word), "weights": weights}
        for word, weights in (
            ("Lampadaire", {"category": 1.84, "department": 1.52, "priority": 0.03}),
            ("éteint", {"category": 0.41, "department": 0.37, "priority": 0.22}),
            ("rue", {"category": 0.01, "department": 0.0, "priority": -0.02}),
            ("Monge", {"category": 0.0, "department": 0.01, "priority": 0.0}),
        )
    ]
    explained = plain | {"explanation": {"text": text, "words": words, "department_rules": []}}
    examples = {
        "prediction": {"summary": "A prediction", "value": plain},
        "explained": {"summary": "With explain=true", "value": explained},
    }
    return {200: {"content": {"application/json": {"examples": examples}}}}


def batch_body(hosts: Collection[str]) -> dict[str, Any]:
    """The request body of a batch; links to photos may lead to these hosts."""
    other = {"type": "object", "description": "Whatever is no alert is answered with an error in its place."}
    item = {"anyOf": [alert_schema(hosts), other]}
    schema = {
        "type": "object",
        "additionalProperties": False,
        "required": ["alerts"],
        "properties": {"alerts": {"type": "array", "items": item, "minItems": 1, "maxItems": MAX_BATCH_ALERTS}},
    }
    second = {"id": "demo-2", "text": "nid de poule profond rue de Longvic, j'ai crevé"}
    example = {"alerts": [EXAMPLE_ALERT, second]}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema, "example": example}}}}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The documented errors of a route."""
    return {status: {"model": ProblemDocument, "description": _MEANING[status]} for status in statuses}


def describe_errors_as_problems(document: dict[str, Any]) -> None:
    """Put errors under their own media type, and what their headers say.

    FastAPI describes them under the media type of the route's answers.
    """
    for path in document["paths"].values():
        for operation in path.values():
            for status, answer in operation["responses"].items():
                if status in _HEADERS:
                    answer["headers"] = _HEADERS[status]
                # Open311 has errors of its own, in two forms.
                if status >= "400" and "text/xml" not in answer["content"]:
                    [form] = answer["content"].values()
                    answer["content"] = {MEDIA_TYPE: form}


_RETRY = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}}}
_HEADERS: dict[str, dict[str, Any]] = {
    "401": {"WWW-Authenticate": {"description": "How a key is sent.", "schema": {"type": "string"}}},
    "429": _RETRY,
    "503": _RETRY,
}
_MEANING = {
    400: "Not JSON, not UTF-8, or a broken multipart body.",
    401: "No API key, or one that the service does not know.",
    403: "The API key lacks the scope of this route.",
    404: "No alert or cluster has this id, or there is no such text.",
    406: "The header Accept allows neither JSON nor GeoJSON.",
    409: "The id, or the Idempotency-Key, stands for other content; or the alert was withdrawn, or has changed since.",
    413: "The body, a photo or the batch is too large.",
    415: "Neither JSON nor multipart.",
    422: "A field, parameter or header breaks the contract; `errors` names it.",
    429: "More than the key may send in a minute, or at the same time; `Retry-After` says when to come back.",
    500: "The text is kept, but not under the key that the service has now.",
    503: "Overloaded, not ready, or the alert store cannot be used; `Retry-After` says when to come back.",
}
