"""Denies every route by default; only health and the static API pages are open."""

from starlette.types import ASGIApp, Receive, Scope, Send

from serving.problems import Problem
from serving.runtime import Runtime

OPEN_PATHS = frozenset({"/", "/healthz", "/livez", "/readyz", "/docs", "/redoc", "/openapi.json"})
OPEN_PREFIX = "/static-offline-docs/"


class AuthenticationMiddleware:
    """Asks for an API key as `Authorization: Bearer …` or `X-API-Key: …`."""

    def __init__(self, app: ASGIApp, runtime: Runtime) -> None:
        self._app = app
        self._runtime = runtime

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is open or carries a known key."""
        if scope["type"] == "http" and not _is_open(scope["path"]) and not self._runtime.keys.owner(_key(scope)):
            raise Problem(
                401,
                "unauthenticated",
                "An API key is needed: send 'Authorization: Bearer KEY'. `triage key add NAME` makes one.",
                headers={"WWW-Authenticate": "Bearer"},
            )
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        await self._app(scope, receive, send)


def _is_open(path: str) -> bool:
    return path in OPEN_PATHS or path.startswith(OPEN_PREFIX)


def _key(scope: Scope) -> str:
    headers: dict[bytes, bytes] = dict(scope["headers"])
    scheme, _, token = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    if scheme.lower() == "bearer" and token:
        return token.strip()
    return headers.get(b"x-api-key", b"").decode("latin-1")
