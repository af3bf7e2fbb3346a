"""The body-size limit: BentoML has none, so bytes are counted before anything reads them."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.problems import Problem
from serving.runtime import Runtime
from triage.errors import FieldError


class BodyLimitMiddleware:
    """Refuses bodies over the limit, by their declared length or by counting."""

    def __init__(self, app: ASGIApp, runtime: Runtime) -> None:
        self._app = app
        self._runtime = runtime

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count the bytes of the body as they arrive."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._runtime.settings.max_body_bytes
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if not declared.isdigit() or int(declared) > limit:
            raise _too_large(limit)
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                raise _too_large(limit)
            return message

        await self._app(scope, counted, send)


def _too_large(limit: int) -> Problem:
    fault = FieldError("body", "too_large", f"has more than {limit} bytes")
    return Problem(
        413, "body_too_large", f"The body is larger than {limit} bytes; send fewer alerts or smaller photos.", (fault,)
    )
