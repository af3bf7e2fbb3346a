"""What every request passes first, and what every answer carries."""

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Three photos of 10 MB and a text.
MAX_BODY_BYTES = 31_000_000
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' blob:; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "Permissions-Policy": "geolocation=(self), camera=(self), microphone=()",
    # The address of a follow-up page is its key: no other site learns it.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class TooLarge(Exception):
    """A body has more bytes than a form may have."""


class Guard:
    """Counts the bytes of bodies before anything reads them, and adds the headers of all answers."""

    def __init__(self, app: ASGIApp, max_body_bytes: int = MAX_BODY_BYTES) -> None:
        self._app = app
        self._most = max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        received, started = 0, False

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._most:
                raise TooLarge
            return message

        async def dressed(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                if not scope["path"].startswith("/static/"):
                    headers["Cache-Control"] = "no-store"
            await send(message)

        declared = dict(scope["headers"]).get(b"content-length", b"0")
        try:
            if not declared.isdigit() or int(declared) > self._most:
                raise TooLarge
            await self._app(scope, counted, dressed)
        except TooLarge:
            if not started:
                await PlainTextResponse(_TOO_LARGE, 413)(scope, receive, dressed)


_TOO_LARGE = (
    "Vos photos sont trop lourdes : revenez en arrière et envoyez-en moins, ou de plus petites.\n"
    "Your photos are too large: go back and send fewer or smaller ones.\n"
)


class SendingLimit:
    """How many reports one address may send.

    Args:
        allowed: such as `10 per 10 minutes`.
    """

    def __init__(self, allowed: str) -> None:
        self._item: RateLimitItem = parse(allowed)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def admits(self, request: Request) -> bool:
        """Count a report, unless there were too many."""
        address = request.client.host if request.client else ""
        return self._limiter.hit(self._item, address)


def is_from_here(request: Request) -> bool:
    """Whether a form comes from a page of this site, as far as browsers say."""
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site")
    own = f"{request.url.scheme}://{request.headers.get('host', '')}"
    return origin in {None, own} and site in {None, "same-origin", "none"}
