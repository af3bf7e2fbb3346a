"""What the API page shows of the routes of stored alerts."""

from collections.abc import Collection
from typing import Any, get_args

from serving.alerts.arriving import MODEL_UNAVAILABLE
from serving.alerts.idempotency import HEADER, MAX_CHARACTERS
from serving.alerts.queries import MAX_PURPOSE, USUAL_PAGE
from serving.alerts.unanswered import UnansweredAlert
from serving.openapi import EXAMPLE_ALERT, EXAMPLE_DUPLICATE, alert_body, example_prediction
from serving.openapi_alert import BOX, CATEGORY, PRINTABLE
from triage.alert import MAX_ID_CHARACTERS
from triage.store.pages import MAX_PAGE
from triage.store.records import State

Parts = dict[str, Any]
Answers = dict[int | str, Parts]
# The answers of routes by path and method.
Examples = dict[tuple[str, str], Answers]

_TIME = {"type": "string", "format": "date-time"}
_CLUSTER = "5f0c9a52c7d14f0e8f6b1c2d3e4f5a6b"
_CURSOR = "WyIyMDI2LTExLTIyVDE3OjMwOjAwKzAwOjAwIiw3XQ"
ALERT_EXAMPLE: Parts = {
    **EXAMPLE_ALERT,
    "created_at": "2026-11-22T17:30:00Z",
    "received_at": "2026-11-22T17:30:04Z",
    "updated_at": "2026-11-22T17:30:04Z",
    "state": "open",
    "closed_at": None,
    "expected_at": None,
    "status_note": None,
    "status_department": None,
    "version": 1,
    "category_hint": None,
    "category": "eclairage_public",
    "department": "eclairage",
    "priority": "normale",
    "decision": "route",
    "reasons": [],
    "cluster": _CLUSTER,
    "covered_by": None,
    "recurrence_of": None,
    "photos": [],
}
_DUPLICATE: Parts = {
    **EXAMPLE_DUPLICATE,
    "kind": "duplicate",
    "evidence": ["within 25 m", "text very similar"],
    "waterfall": [
        {"measures": ["distance"], "values": [14.2], "contribution": 1.31},
        {"measures": ["meaning"], "values": [2.4], "contribution": 1.72},
        {"measures": ["shortest", "letters"], "values": [6, 0.4], "contribution": -0.12},
    ],
    "state": "open",
}
_WAITING: Parts = UnansweredAlert.model_json_schema(mode="serialization")
_WAITS: Parts = UnansweredAlert(id=EXAMPLE_ALERT["id"], reasons=(MODEL_UNAVAILABLE,)).model_dump(mode="json")
_CLUSTER_EXAMPLE: Parts = {
    "id": _CLUSTER,
    "state": "open",
    "first_at": "2026-11-21T11:00:00Z",
    "last_at": "2026-11-22T17:30:00Z",
    "alerts": [ALERT_EXAMPLE],
}


def receive_request(hosts: Collection[str]) -> Parts:
    """The body of a new alert and its header; links to photos may lead to these hosts."""
    return {"parameters": [key_header("alert", "by the alert's own id")], "requestBody": alert_body(hosts)}


def key_header(what: str, without: str) -> Parts:
    """The header that makes a repeat of something harmless; what does so without it."""
    return {
        "name": HEADER,
        "in": "header",
        "description": f"One key stands for one {what}: used for another, it is a 409. A repeat is harmless without "
        f"it, {without}. The latest keys since the start are remembered. 1 to {MAX_CHARACTERS} characters.",
        "schema": {"type": "string", "minLength": 1, "maxLength": MAX_CHARACTERS, "format": PRINTABLE},
    }


def receive_answers() -> Answers:
    """Stored, or a repeat, both in the form of a prediction; or stored without one."""
    location = {"Location": {"description": "Where the alert is.", "schema": {"type": "string"}}}
    schema = {"$ref": "#/components/schemas/Prediction"}
    content = {"application/json": {"schema": schema, "example": example_prediction()}}
    return {
        201: {"description": "Stored.", "headers": location, "content": content},
        200: {"description": "Stored before; the answer is the first one.", "headers": location, "content": content},
        202: {
            "description": "Stored, but no model can answer now: staff see it, and a model answers it by itself later. "
            "Sent again, or read, it shows the answer once there is one.",
            "headers": location,
            "content": {"application/json": {"schema": _WAITING, "example": _WAITS}},
        },
    }


def alert_request() -> Parts:
    """The id of an alert in the path."""
    return {"parameters": [_id("An alert's id, percent-encoded: a slash in it is %2F.", MAX_ID_CHARACTERS)]}


def cluster_request() -> Parts:
    """The id of a cluster in the path."""
    return {"parameters": [_id("A cluster's id; that of one which became part of another leads to that one.", 32)]}


def original_request() -> Parts:
    """The id of an alert, and what its text is read for."""
    purpose = _query(
        "purpose",
        "What the text is read for; logged with the key's name.",
        minLength=1,
        maxLength=MAX_PURPOSE,
        format=PRINTABLE,
    )
    return {"parameters": [*alert_request()["parameters"], purpose | {"required": True}]}


def list_request() -> Parts:
    """The query of a list."""
    return {
        "parameters": [
            _query(
                "bbox",
                "west,south,east,north in degrees; west may lie east of east, across the antimeridian.",
                format=BOX,
            ),
            _query("since", "Created then or later; with a time zone.", **_TIME),
            _query("until", "Created before.", **_TIME),
            _query("category", "A code of the taxonomy.", format=CATEGORY),
            _query("state", "", enum=list(get_args(State))),
            _query("cursor", "`cursor` of the page before, with the same query."),
            _query("limit", "Most alerts on a page.", type="integer", minimum=1, maximum=MAX_PAGE, default=USUAL_PAGE),
        ]
    }


def alert_answers() -> Answers:
    """One alert, as JSON or GeoJSON."""
    return _both(ALERT_EXAMPLE | {"prediction": example_prediction(), "earlier_predictions": []}, _feature())


def list_answers() -> Answers:
    """A page of alerts, as JSON or GeoJSON."""
    answers = _both({"alerts": [ALERT_EXAMPLE], "cursor": _CURSOR}, _collection() | {"cursor": _CURSOR})
    answers[200]["headers"] = {
        "Link": {"description": 'The next page, `rel="next"`; absent on the last.', "schema": {"type": "string"}}
    }
    return answers


def cluster_answers() -> Answers:
    """A cluster, as JSON or GeoJSON."""
    fields = {name: value for name, value in _CLUSTER_EXAMPLE.items() if name != "alerts"}
    return _both(_CLUSTER_EXAMPLE, _collection() | fields)


def duplicates_answers() -> Answers:
    """What ties an alert to others."""
    return {200: {"content": {"application/json": {"example": {"duplicates": [_DUPLICATE]}}}}}


def original_answers() -> Answers:
    """A text as sent."""
    example = {"id": "demo-1", "text": "Voiture AB-123-CD sur le trottoir, appelez-moi au 06 12 34 56 78"}
    return {200: {"content": {"application/json": {"example": example}}}}


def show_examples(document: Parts, examples: Examples) -> None:
    """Put examples into the document once more: FastAPI leaves out every null of theirs."""
    for (path, method), answers in examples.items():
        responses = document["paths"][path][method]["responses"]
        for status, answer in answers.items():
            for media_type, form in answer["content"].items():
                responses[str(status)]["content"][media_type]["example"] = form["example"]


def _both(document: Parts, geojson: Parts) -> Answers:
    schema = {"type": "object", "description": "GeoJSON, RFC 7946."}
    return {
        200: {
            "description": "JSON, or GeoJSON where the header Accept prefers it.",
            "content": {
                "application/json": {"example": document},
                "application/geo+json": {"schema": schema, "example": geojson},
            },
        }
    }


def _feature() -> Parts:
    properties = {name: value for name, value in ALERT_EXAMPLE.items() if name not in {"lat", "lon"}}
    point = {"type": "Point", "coordinates": [ALERT_EXAMPLE["lon"], ALERT_EXAMPLE["lat"]]}
    return {"type": "Feature", "id": ALERT_EXAMPLE["id"], "geometry": point, "properties": properties}


def _collection() -> Parts:
    return {"type": "FeatureCollection", "features": [_feature()]}


def _id(description: str, most: int) -> Parts:
    schema = {"type": "string", "minLength": 1, "maxLength": most}
    return {"name": "id", "in": "path", "required": True, "description": description, "schema": schema}


def _query(name: str, description: str, **schema: Any) -> Parts:
    return {"name": name, "in": "query", "description": description, "schema": {"type": "string"} | schema}
