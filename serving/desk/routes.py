"""The routes of the review desk; `serving/access.py` says who may use them."""

from fastapi import FastAPI

from serving.desk.actions import DeskActions
from serving.desk.assets import static_file
from serving.desk.handlers import DeskPages
from serving.desk.map.backdrop import Backdrop
from serving.desk.map.routes import add_tile_route
from serving.desk.preferences import Preferences
from serving.desk.supervisor.routes import add_supervisor_routes
from serving.handling import Handler, timed
from serving.runtime import Runtime

_ALERT = "/review/alerts/{id}"


def add_desk_routes(app: FastAPI, runtime: Runtime) -> None:
    """Add the pages and what they do."""
    backdrop = Backdrop.from_settings(runtime.settings)
    pages = DeskPages(runtime, backdrop)
    for method, path, handler in _routes(pages, DeskActions(pages), Preferences(runtime)):
        app.add_api_route(path, timed(handler, path, runtime), methods=[method], include_in_schema=False)
    add_supervisor_routes(app, runtime)
    add_tile_route(app, backdrop, runtime)


def _routes(pages: DeskPages, actions: DeskActions, preferences: Preferences) -> tuple[tuple[str, str, Handler], ...]:
    return (
        ("GET", "/review", pages.queue),
        ("GET", "/review/suspects", pages.suspects),
        ("GET", _ALERT, pages.alert),
        ("GET", f"{_ALERT}/words", pages.words),
        ("GET", f"{_ALERT}/photos/{{number}}", pages.photo),
        ("GET", f"{_ALERT}/heat/{{number}}", pages.heat),
        ("GET", "/review/help", pages.help),
        ("GET", "/review/static/{name}", static_file),
        ("GET", "/review/language/{code}", preferences.language),
        ("POST", "/review/keys", preferences.keys),
        ("POST", f"{_ALERT}/decide", actions.decide),
        ("POST", f"{_ALERT}/duplicate", actions.duplicate),
        ("POST", f"{_ALERT}/not-duplicate", actions.not_duplicate),
        ("POST", f"{_ALERT}/unlink", actions.unlink),
        ("POST", f"{_ALERT}/skip", actions.skip),
        ("POST", f"{_ALERT}/undo", actions.undo),
        ("POST", f"{_ALERT}/note", actions.note),
        ("POST", f"{_ALERT}/unmask", actions.unmask),
        ("POST", f"{_ALERT}/forward", actions.forward),
    )
