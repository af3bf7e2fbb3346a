"""Denies every route by default; health and the static API pages are open, and sessions guard the review desk."""

from starlette.types import ASGIApp, Receive, Scope, Send

from serving.access import is_open, needed_scope
from serving.keys import StoredKey
from serving.problems import Problem
from serving.runtime import Runtime
from serving.signalen.neighbours import neighbour_key
from serving.staff.places import is_page


class AuthenticationMiddleware:
    """Asks for an API key as `Authorization: Bearer …` or `X-API-Key: …`, with the scope of the route."""

    def __init__(self, app: ASGIApp, runtime: Runtime) -> None:
        self._app = app
        self._runtime = runtime

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is open, or carries a known key that may be used for it."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] == "http" and not (is_open(scope["path"]) or is_page(scope["path"])):
            key = self._admit(scope)
            scope.setdefault("state", {}).update(key=key.name, stored_key=key)
        await self._app(scope, receive, send)

    def _admit(self, scope: Scope) -> StoredKey:
        networks = self._runtime.settings.signalen_networks
        key = self._runtime.keys.find(presented_key(scope)) or neighbour_key(scope, networks)
        if key is None:
            raise Problem(
                401,
                "unauthenticated",
                "An API key is needed: send 'Authorization: Bearer KEY'. `triage key add NAME` makes one.",
                headers={"WWW-Authenticate": "Bearer"},
            )
        needed = needed_scope(scope["method"], scope["path"])
        if not key.may(needed):
            raise Problem(
                403,
                "scope_missing",
                f"This key lacks the scope '{needed}'; make one with `triage key add NAME --scope {needed}`.",
            )
        return key


def presented_key(scope: Scope) -> str:
    """The key that a request brings; empty where it brings none."""
    headers: dict[bytes, bytes] = dict(scope["headers"])
    scheme, _, token = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    if scheme.lower() == "bearer" and token:
        return token.strip()
    return headers.get(b"x-api-key", b"").decode("latin-1")
