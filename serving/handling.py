"""What every handler of a route shares: its time is measured, and what it needs is there or a 503 says so."""

import time
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from serving.engine import Engine
from serving.problems import Problem, overloaded
from serving.runtime import Runtime

JSON = "application/json"

Handler = Callable[[Request], Awaitable[Response]]


def timed(handler: Handler, route: str, runtime: Runtime) -> Handler:
    """Measure a handler under the route's template, so that no id of a caller becomes a label."""

    async def measured(request: Request) -> Response:
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

    return measured


def engine_of(runtime: Runtime) -> Engine:
    """The engine.

    Raises:
        Problem: 503 while it is being loaded.
    """
    if runtime.engine is None:
        raise overloaded("The service is not ready yet; try again in a second.")
    return runtime.engine
