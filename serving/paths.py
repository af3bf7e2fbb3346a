"""Ids in paths: an id may hold a slash, which stays apart from those of the path while it is percent-encoded."""

from urllib.parse import quote, unquote

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from serving.problems import Problem
from triage.alert import MAX_ID_CHARACTERS

_WITH_IDS = ("/v1/alerts/", "/v1/clusters/", "/review/alerts/", "/open311/v2/requests/", "/open311/v2/tokens/")


class PathMiddleware:
    """Gives routes with an id their path as it came, where servers decode it: there `a%2Fclose` is one id."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Write each part of such a path in one way, so that the table of scopes and the router see the same."""
        if scope["type"] == "http" and scope["path"].startswith(_WITH_IDS) and scope.get("raw_path"):
            raw = scope["raw_path"].decode("latin-1").partition("?")[0]
            scope = {**scope, "path": "/".join(_encoded(unquote(part)) for part in raw.split("/"))}
        await self._app(scope, receive, send)


def id_of(request: Request) -> str:
    """The id in the path of a request.

    Raises:
        Problem: 404 for what can be nobody's id; no database is asked for it.
    """
    given = unquote(request.path_params["id"])
    if len(given) > MAX_ID_CHARACTERS or not given.isprintable():
        raise unknown("alert or cluster")
    return given


def unknown(what: str) -> Problem:
    """The answer where nothing has the id."""
    detail = f"No {what} with this id is stored. An id in a path is percent-encoded, a slash in it as %2F."
    return Problem(404, "unknown_id", detail)


def alert_path(alert_id: str) -> str:
    """Where an alert is found."""
    return f"/v1/alerts/{_encoded(alert_id)}"


def _encoded(part: str) -> str:
    # Clients take "." and ".." for steps in the path.
    return part.replace(".", "%2E") if part in {".", ".."} else quote(part, safe="")
