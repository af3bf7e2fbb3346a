"""What the API page shows of bodies that the routes read themselves."""

from typing import Any

from pydantic import BaseModel

from serving.problems import MEDIA_TYPE, ProblemDocument
from serving.requests import MAX_BATCH_ALERTS
from triage.alert import MAX_PHOTOS, MAX_TEXT_CHARACTERS
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
    "created_at": "2026-11-22T18:30:00+01:00",
}

EXAMPLE_DUPLICATE: dict[str, Any] = {
    "id": "demo-0",
    "probability": 0.91,
    "distance_m": 14.2,
    "age_hours": 30.5,
    "evidence": ["same category", "within 25 m", "text very similar"],
}

_PHOTO = {
    "type": "object",
    "oneOf": [
        {"properties": {"base64": {"type": "string"}}, "required": ["base64"]},
        {"properties": {"url": {"type": "string", "format": "uri"}}, "required": ["url"]},
    ],
}
ALERT_SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["id"],
    "properties": {
        "id": {"type": "string", "minLength": 1, "maxLength": 200, "description": "Printable characters."},
        "text": {"type": ["string", "null"], "maxLength": MAX_TEXT_CHARACTERS},
        "photo": {
            "anyOf": [_PHOTO, {"type": "array", "items": _PHOTO, "maxItems": MAX_PHOTOS}, {"type": "null"}],
            "description": "JPEG, PNG, WebP or HEIC in base64, or an https link to a host that the settings allow.",
        },
        "lat": {"type": ["number", "null"], "minimum": -90, "maximum": 90, "description": "WGS84 degrees."},
        "lon": {"type": ["number", "null"], "minimum": -180, "maximum": 180, "description": "WGS84 degrees."},
        "created_at": {"type": ["string", "null"], "format": "date-time", "description": "With a time zone."},
        "category_hint": {"type": ["string", "null"], "maxLength": 200},
    },
    "description": "At least one of `text` and `photo` must say something.",
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


def predict_request() -> dict[str, Any]:
    """The query and the body of a single prediction."""
    return {"parameters": [EXPLAIN_PARAMETER], "requestBody": alert_body()}


def alert_body() -> dict[str, Any]:
    """The body of a single alert, in JSON or multipart."""
    multipart = {
        "type": "object",
        "required": ["alert"],
        "properties": {
            "alert": {"type": "string", "contentMediaType": "application/json"},
            "photo": {"type": "array", "items": {"type": "string", "format": "binary"}, "maxItems": MAX_PHOTOS},
        },
    }
    content = {
        "application/json": {"schema": ALERT_SCHEMA, "example": EXAMPLE_ALERT},
        "multipart/form-data": {"schema": multipart},
    }
    return {"required": True, "content": content}


def example_prediction() -> dict[str, Any]:
    """A prediction; its codes stand for those of the city's taxonomy."""
    heads = {
        head: {"code": code, "confidence": 0.93, "alternatives": [{"code": other, "confidence": 0.04}]}
        for head, code, other in (
            ("category", "street_lights", "traffic_signals"),
            ("department", "lighting_service", "roads_service"),
            ("priority", "normal", "high"),
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


def batch_body() -> dict[str, Any]:
    """The request body of a batch."""
    schema = {
        "type": "object",
        "additionalProperties": False,
        "required": ["alerts"],
        "properties": {"alerts": {"type": "array", "items": ALERT_SCHEMA, "minItems": 1, "maxItems": MAX_BATCH_ALERTS}},
    }
    second = {"id": "demo-2", "text": "nid de poule profond rue de Longvic, j'ai crevé"}
    example = {"alerts": [EXAMPLE_ALERT, second]}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema, "example": example}}}}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The documented errors of a route."""
    return {status: {"model": ProblemDocument, "description": _MEANING[status]} for status in statuses}


def describe_errors_as_problems(document: dict[str, Any]) -> None:
    """Put errors under their own media type; FastAPI describes them under that of the route's answers."""
    for path in document["paths"].values():
        for operation in path.values():
            for status, answer in operation["responses"].items():
                if status >= "400":
                    answer["content"] = {MEDIA_TYPE: answer["content"]["application/json"]}


_MEANING = {
    400: "Not JSON, not UTF-8, or a broken multipart body.",
    401: "No API key, or one that the service does not know.",
    403: "The API key lacks the scope of this route.",
    404: "No alert or cluster has this id, or there is no such text.",
    406: "The header Accept allows neither JSON nor GeoJSON.",
    409: "The id, or the Idempotency-Key, is that of an alert with other content.",
    413: "The body, a photo or the batch is too large.",
    415: "Neither JSON nor multipart.",
    422: "A field, parameter or header breaks the contract; `errors` names it.",
    503: "Overloaded, not ready, or the alert store cannot be used; `Retry-After` says when to come back.",
}
