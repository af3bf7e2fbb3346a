"""The routes of the supervisor's page."""

from fastapi import FastAPI

from serving.desk.supervisor.handlers import PATH, SupervisorHandlers
from serving.handling import timed
from serving.runtime import Runtime


def add_supervisor_routes(app: FastAPI, runtime: Runtime) -> None:
    """Add the page and its part for htmx."""
    handlers = SupervisorHandlers(runtime)
    for path, handler in ((PATH, handlers.page), (f"{PATH}/simulator", handlers.simulator)):
        app.add_api_route(path, timed(handler, path, runtime), methods=["GET"], include_in_schema=False)
