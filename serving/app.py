"""The routes, mounted into the BentoML service."""

from collections.abc import Sequence

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline
from pydantic import TypeAdapter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from serving import openapi
from serving.alerts.openapi import show_examples
from serving.alerts.personal_data import add_personal_data_routes
from serving.alerts.routes import add_alert_routes
from serving.desk.routes import add_desk_routes
from serving.engine import Engine
from serving.handling import JSON, engine_of, timed
from serving.open311.routes import add_open311_routes
from serving.openapi_keys import describe_keys
from serving.outbound.routes import add_event_routes
from serving.problems import Problem
from serving.request_log import alert_facts, note
from serving.requests import Item, refuse_explanation, wants_explanation
from serving.runtime import Runtime
from serving.signalen.routes import add_signalen_route
from serving.staff.routes import add_staff_routes
from triage.intake import TakenIn
from triage.prediction import ExplainedPrediction, Prediction

API_VERSION = "1"

# A thousand alerts enter the queue in turns, so that single alerts pass between them.
BATCH_TURN = 64


def create_app(runtime: Runtime) -> FastAPI:
    """The application of one service process."""
    app: FastAPI = FastAPIOffline(
        title=openapi.TITLE, description=openapi.DESCRIPTION, version=API_VERSION, openapi_tags=[]
    )
    app.add_exception_handler(Problem, _answer_problem)
    app.add_exception_handler(HTTPException, _answer_http_exception)
    _add_prediction_routes(app, runtime)
    examples = add_alert_routes(app, runtime)
    examples |= add_personal_data_routes(app, runtime)
    examples |= add_open311_routes(app, runtime) | add_signalen_route(app, runtime)
    add_event_routes(app, runtime)
    _add_page_routes(app, runtime)
    add_staff_routes(app, runtime)
    add_desk_routes(app, runtime)
    document = app.openapi()  # FastAPI keeps the document that it makes first
    openapi.describe_errors_as_problems(document)
    describe_keys(document)
    show_examples(document, examples)
    return app


def _add_prediction_routes(app: FastAPI, runtime: Runtime) -> None:
    async def predict(request: Request) -> Response:
        explain = wants_explanation(request)
        engine = engine_of(runtime)
        item = await engine.reader.one(request)
        answers = [await engine.explainer.submit(item)] if explain else await engine.batcher.submit([item])
        [prediction] = await engine.duplicates.complete(answers)
        note(request, lambda: alert_facts(engine, item.alert, prediction.model_dump(mode="json")))
        return Response(prediction.model_dump_json(), media_type=JSON)

    async def predict_batch(request: Request) -> Response:
        refuse_explanation(request)
        engine = engine_of(runtime)
        items = await engine.reader.batch(request)
        note(request, lambda: {"alerts": len(items)})
        return Response(await _answer_batch(engine, items), media_type=JSON)

    async def echo(request: Request) -> Response:
        item = await engine_of(runtime).reader.one(request)
        canned = _CANNED.model_copy(update={"id": item.alert.id})
        return Response(_SERIALIZER.dump_json(canned), media_type=JSON)

    app.post(
        "/v1/predict",
        summary="Triage one alert",
        response_model=Prediction | ExplainedPrediction,
        responses=openapi.predict_answers() | openapi.problems(400, 401, 403, 413, 415, 422, 429, 503),
        openapi_extra=openapi.predict_request(runtime.settings.photo_hosts),
    )(timed(predict, "/v1/predict", runtime))
    app.post(
        "/v1/predict/batch",
        summary="Triage 1 to 1,000 alerts",
        response_model=openapi.BatchAnswer,
        responses=openapi.problems(400, 401, 403, 413, 415, 422, 429, 503),
        openapi_extra=openapi.batch_body(runtime.settings.photo_hosts),
    )(timed(predict_batch, "/v1/predict/batch", runtime))
    if runtime.settings.bench_routes:
        app.post("/v1/bench/echo", include_in_schema=False)(timed(echo, "/v1/bench/echo", runtime))


def _add_page_routes(app: FastAPI, runtime: Runtime) -> None:
    @app.api_route("/", methods=["GET", "HEAD"], include_in_schema=False)
    async def index() -> Response:
        return RedirectResponse("/docs")

    @app.get(
        "/metrics",
        summary="Prometheus metrics",
        response_class=PlainTextResponse,
        responses=openapi.problems(401, 403, 429, 503),
    )
    async def metrics() -> Response:
        return Response(runtime.metrics.render(), media_type="text/plain; version=0.0.4")


async def _answer_batch(engine: Engine, items: Sequence[Item]) -> bytes:
    good = [item for item in items if isinstance(item, TakenIn)]
    predictions: list[Prediction] = []
    for start in range(0, len(good), BATCH_TURN):
        answers = await engine.batcher.submit(good[start : start + BATCH_TURN])
        predictions += await engine.duplicates.complete(answers)
    ready = iter(predictions)
    parts = [_SERIALIZER.dump_json(next(ready)) if isinstance(item, TakenIn) else _item_error(item) for item in items]
    return b'{"results":[' + b",".join(parts) + b"]}"


def _item_error(item: Item) -> bytes:
    assert not isinstance(item, TakenIn)  # noqa: S101 - for the type checker
    name, error = item
    detail = openapi.ItemErrorDetail(code=error.code, message=error.message)
    return openapi.ItemError(id=name, error=detail).model_dump_json().encode()


async def _answer_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)  # noqa: S101 - registered for this class alone
    request.state.problem = error.code
    return error.response()


async def _answer_http_exception(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class alone
    # An empty body is enough: the middleware turns it into a problem document.
    return Response(status_code=error.status_code, headers=error.headers)


_SERIALIZER: TypeAdapter[Prediction] = TypeAdapter(Prediction)
_CANNED = Prediction.model_validate(
    {
        "id": "",
        **{
            head: {
                "code": "code",
                "confidence": 0.9,
                "alternatives": [{"code": f"code_{i}", "confidence": 0.01} for i in range(count)],
            }
            for head, count in (("category", 15), ("department", 12), ("priority", 3))
        },
        "decision": "route",
        "reasons": [],
        "model": {"name": "echo", "version": "0", "taxonomy": 1, "bundle_sha256": "0" * 64},
    }
)
