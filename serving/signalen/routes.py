"""The one route that a Signalen installation needs."""

import json
from typing import Any
from uuid import uuid4

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from serving.alerts.openapi import Examples
from serving.handling import JSON, engine_of, timed
from serving.openapi import problems
from serving.openapi_alert import WORDS
from serving.problems import Problem, invalid
from serving.request_log import alert_facts, note
from serving.runtime import Runtime
from serving.signalen.places import PREDICT
from triage.alert import MAX_TEXT_CHARACTERS, field_errors
from triage.errors import InvalidAlert, InvalidJson

MAX_BYTES = 65_536
_BASE = "https://signalen.example/signals/v1/public/terms"


class SignalenText(BaseModel):
    """What Signalen asks about; it may send other fields beside."""

    model_config = ConfigDict(strict=True)

    text: str


class SignalenAnswer(BaseModel):
    """Main and sub categories: each a list of addresses and a list of their probabilities, the likeliest first."""

    hoofdrubriek: tuple[list[str], list[float]]
    subrubriek: tuple[list[str], list[float]]


def add_signalen_route(app: FastAPI, runtime: Runtime) -> Examples:
    """Add the route to the application; returns the example of its answer."""

    async def predict(request: Request) -> Response:
        base = runtime.settings.signalen_base
        if not base:
            detail = "This route is closed; TRIAGE_SIGNALEN_BASE opens it for the Signalen whose categories it names."
            raise Problem(404, "signalen_not_configured", detail)
        text = _text(await request.body())
        engine = engine_of(runtime)
        document = json.dumps({"id": f"signalen-{uuid4().hex}", "text": text})
        submission = await engine.reader.written(document, with_images=False)
        [answered] = await engine.batcher.submit([submission.item])
        answer = answered.prediction.model_dump(mode="json")
        note(request, lambda: alert_facts(engine, submission.item.alert, answer))
        main, sub = engine.signalen.ranked(answered.prediction.category, base)
        content = SignalenAnswer(hoofdrubriek=main, subrubriek=sub).model_dump_json()
        return Response(content, media_type=JSON)

    answers = _answers()
    app.post(
        PREDICT,
        summary="Classify a text for a Signalen installation",
        description="In the form of Signalen's own classifier: point its `ML_TOOL_ENDPOINT` here, with a key before the"
        " @ of the address.",
        response_model=SignalenAnswer,
        responses=answers | problems(400, 401, 403, 404, 413, 422, 429, 503),
        openapi_extra=_request(),
    )(timed(predict, PREDICT, runtime))
    return {(PREDICT, "post"): answers}


def _text(body: bytes) -> str:
    """The text of a body; older installations send JSON without saying so, thus no header is looked at."""
    if len(body) > MAX_BYTES:
        raise Problem(413, "body_too_large", f"The body has more than {MAX_BYTES} bytes; send the text alone.")
    try:
        return SignalenText.model_validate_json(body).text
    except ValidationError as error:
        faults = field_errors(error)
        broken = any(fault.code == "json_invalid" for fault in faults)
        raise invalid(InvalidJson(faults) if broken else InvalidAlert(faults)) from None


def _request() -> dict[str, Any]:
    schema = {
        "type": "object",
        "required": ["text"],
        "properties": {"text": {"type": "string", "minLength": 1, "maxLength": MAX_TEXT_CHARACTERS, "format": WORDS}},
    }
    example = {"text": "Lampadaire éteint devant le 12 rue Monge"}
    return {"requestBody": {"required": True, "content": {JSON: {"schema": schema, "example": example}}}}


def _answers() -> dict[int | str, dict[str, Any]]:
    main, sub = f"{_BASE}/categories/wegen-verkeer-straatmeubilair", "sub_categories"
    example = {
        "hoofdrubriek": [[main, f"{_BASE}/categories/afval"], [0.97, 0.02]],
        "subrubriek": [[f"{main}/{sub}/lantaarnpaal-straatverlichting", f"{main}/{sub}/verkeerslicht"], [0.93, 0.04]],
    }
    return {200: {"description": "The likeliest first.", "content": {JSON: {"example": example}}}}
