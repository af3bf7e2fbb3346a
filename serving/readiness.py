"""`/readyz`: whether to send requests here, and which.

A service without a model still stores alerts, so by default it counts as ready: were all replicas taken out of rotation
because no bundle loads, alerts would be refused for nothing. Whoever wants to know about one kind of request asks with
`?for=predict` or `?for=intake`.
"""

import json
from urllib.parse import parse_qs

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from serving.problems import Problem, overloaded
from serving.runtime import Runtime
from triage.errors import FieldError

PATH = "/readyz"
PREDICT, INTAKE = "predict", "intake"


class ReadinessMiddleware:
    """Answers `/readyz` in place of BentoML, which knows yes and no alone."""

    def __init__(self, app: ASGIApp, runtime: Runtime) -> None:
        self._app = app
        self._runtime = runtime

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass the request on."""
        if scope["type"] != "http" or scope["path"] != PATH or scope["method"] not in {"GET", "HEAD"}:
            await self._app(scope, receive, send)
            return
        asked = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("for", [])
        await _answer(self._ready(), asked)(scope, receive, send)

    def _ready(self) -> dict[str, bool]:
        engine = self._runtime.engine
        if engine is None:
            raise overloaded("The service is not ready yet; try again in a second.")
        return {PREDICT: engine.has_model and engine.patience.is_answered, INTAKE: engine.door.is_usable}


def _answer(ready: dict[str, bool], asked: list[str]) -> Response:
    if len(asked) > 1 or any(name not in ready for name in asked):
        fault = FieldError("for", "invalid_query", f"must be {PREDICT} or {INTAKE}, given once")
        raise Problem(422, "invalid_query", "The query cannot be used.", (fault,))
    is_ready = ready[asked[0]] if asked else any(ready.values())
    headers = {"Cache-Control": "no-store"} | ({} if is_ready else {"Retry-After": "5"})
    if is_ready:
        return Response(json.dumps(ready), 200, headers, "application/json")
    what = {PREDICT: "No model answers at the moment", INTAKE: "The alert store cannot be used at the moment"}
    detail = what[asked[0]] if asked else " and ".join(what.values()).replace(" and The", " and the")
    return Problem(503, "not_ready", f"{detail}.", headers=headers).response()
