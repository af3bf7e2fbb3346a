"""The routes, mounted into the BentoML service."""

import time
from collections.abc import Awaitable, Callable, Sequence

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline
from pydantic import TypeAdapter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from serving import openapi
from serving.batching import Batcher
from serving.explaining import Explainer
from serving.problems import Problem, overloaded
from serving.requests import AlertReader, Item, refuse_explanation, wants_explanation
from serving.runtime import Runtime
from triage.intake import TakenIn
from triage.prediction import ExplainedPrediction, Prediction

API_VERSION = "1"
JSON = "application/json"

# A thousand alerts enter the queue in turns, so that single alerts pass between them.
BATCH_TURN = 64

Handler = Callable[[Request], Awaitable[Response]]


def create_app(runtime: Runtime) -> FastAPI:
    """The application of one service process."""
    app: FastAPI = FastAPIOffline(
        title=openapi.TITLE, description=openapi.DESCRIPTION, version=API_VERSION, openapi_tags=[]
    )
    app.add_exception_handler(Problem, _answer_problem)
    app.add_exception_handler(HTTPException, _answer_http_exception)
    _add_prediction_routes(app, runtime)
    _add_page_routes(app, runtime)
    openapi.describe_errors_as_problems(app.openapi())  # FastAPI keeps the document that it makes first
    return app


def _add_prediction_routes(app: FastAPI, runtime: Runtime) -> None:
    async def predict(request: Request) -> Response:
        explain = wants_explanation(request)
        item = await _reader(runtime).one(request)
        if explain:
            explained = await _explainer(runtime).submit(item)
            return Response(explained.model_dump_json(), media_type=JSON)
        [prediction] = await _batcher(runtime).submit([item])
        return Response(_SERIALIZER.dump_json(prediction), media_type=JSON)

    async def predict_batch(request: Request) -> Response:
        refuse_explanation(request)
        items = await _reader(runtime).batch(request)
        return Response(await _answer_batch(_batcher(runtime), items), media_type=JSON)

    async def echo(request: Request) -> Response:
        item = await _reader(runtime).one(request)
        canned = _CANNED.model_copy(update={"id": item.alert.id})
        return Response(_SERIALIZER.dump_json(canned), media_type=JSON)

    app.post(
        "/v1/predict",
        summary="Triage one alert",
        response_model=Prediction | ExplainedPrediction,
        responses=openapi.predict_answers() | openapi.problems(400, 401, 413, 415, 422, 503),
        openapi_extra=openapi.predict_request(),
    )(_timed(predict, "/v1/predict", runtime))
    app.post(
        "/v1/predict/batch",
        summary="Triage 1 to 1,000 alerts",
        response_model=openapi.BatchAnswer,
        responses=openapi.problems(400, 401, 413, 415, 422, 503),
        openapi_extra=openapi.batch_body(),
    )(_timed(predict_batch, "/v1/predict/batch", runtime))
    if runtime.settings.bench_routes:
        app.post("/v1/bench/echo", include_in_schema=False)(_timed(echo, "/v1/bench/echo", runtime))


def _add_page_routes(app: FastAPI, runtime: Runtime) -> None:
    @app.api_route("/", methods=["GET", "HEAD"], include_in_schema=False)
    async def index() -> Response:
        return RedirectResponse("/docs")

    @app.get("/metrics", summary="Prometheus metrics", responses=openapi.problems(401))
    async def metrics() -> Response:
        return Response(runtime.metrics.render(), media_type="text/plain; version=0.0.4")


def _timed(handler: Handler, route: str, runtime: Runtime) -> Handler:
    async def timed(request: Request) -> Response:
        started = time.perf_counter()
        status = 500
        try:
            response = await handler(request)
            status = response.status_code
        except Problem as problem:
            status = problem.status
            raise
        finally:
            elapsed = time.perf_counter() - started
            runtime.metrics.request_seconds.labels(route, str(status)).observe(elapsed)
        return response

    return timed


def _batcher(runtime: Runtime) -> Batcher:
    if runtime.batcher is None or not runtime.ready:
        raise overloaded("The service is not ready yet; try again in a second.")
    return runtime.batcher


def _reader(runtime: Runtime) -> AlertReader:
    if runtime.reader is None or not runtime.ready:
        raise overloaded("The service is not ready yet; try again in a second.")
    return runtime.reader


def _explainer(runtime: Runtime) -> Explainer:
    if runtime.explainer is None or not runtime.ready:
        raise overloaded("The service is not ready yet; try again in a second.")
    return runtime.explainer


async def _answer_batch(batcher: Batcher, items: Sequence[Item]) -> bytes:
    good = [item for item in items if isinstance(item, TakenIn)]
    predictions: list[Prediction] = []
    for start in range(0, len(good), BATCH_TURN):
        predictions += await batcher.submit(good[start : start + BATCH_TURN])
    answers = iter(predictions)
    parts = [_SERIALIZER.dump_json(next(answers)) if isinstance(item, TakenIn) else _item_error(item) for item in items]
    return b'{"results":[' + b",".join(parts) + b"]}"


def _item_error(item: Item) -> bytes:
    assert not isinstance(item, TakenIn)  # noqa: S101 - for the type checker
    name, error = item
    detail = openapi.ItemErrorDetail(code=error.code, message=error.message)
    return openapi.ItemError(id=name, error=detail).model_dump_json().encode()


async def _answer_problem(_: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)  # noqa: S101 - registered for this class alone
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
