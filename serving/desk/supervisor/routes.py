"""The routes of the supervisor's page."""

from fastapi import FastAPI

from serving.desk.supervisor.forwarding import ForwardingHandlers
from serving.desk.supervisor.handlers import PATH, SupervisorHandlers
from serving.handling import timed
from serving.runtime import Runtime


def add_supervisor_routes(app: FastAPI, runtime: Runtime) -> None:
    """Add the page, its part for htmx, and what it does."""
    handlers = SupervisorHandlers(runtime)
    for path, handler in ((PATH, handlers.page), (f"{PATH}/simulator", handlers.simulator)):
        app.add_api_route(path, timed(handler, path, runtime), methods=["GET"], include_in_schema=False)
    path, forward = f"{PATH}/forward", ForwardingHandlers(runtime).try_now
    app.add_api_route(path, timed(forward, path, runtime), methods=["POST"], include_in_schema=False)
