"""A line of log for each request: what was asked of which route, and what became of the alert, without its text."""

import logging
import time
from collections.abc import Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.access import template_of
from serving.engine import Engine
from serving.runtime import Runtime
from triage.alert import Alert
from triage.redaction import redact
from triage.settings import LogFormat
from triage.taxonomy import HEADS

_DIGITS = 16
logger = logging.getLogger("triage.requests")


class RequestLogMiddleware:
    """The outermost layer: sees the status that the caller sees. Silent where the log is for eyes."""

    def __init__(self, app: ASGIApp, runtime: Runtime) -> None:
        self._app = app
        self._silent = runtime.settings.log_format is not LogFormat.JSON

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and log it when it is answered."""
        if self._silent or scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        status, sent, started = 0, 0, time.perf_counter()

        async def counted(message: Message) -> None:
            nonlocal status, sent
            status = message.get("status", status)
            sent += len(message.get("body", b""))
            await send(message)

        try:
            await self._app(scope, receive, counted)
        finally:
            line = {
                "method": scope["method"],
                # The template: an id in a path may be a name.
                "route": template_of(scope["path"]),
                "status": status,
                "milliseconds": round((time.perf_counter() - started) * 1_000, 1),
                "bytes": sent,
                "key": state.get("key"),
                "problem": state.get("problem"),
                "trace": state.get("trace"),
                **state.get("noted", dict)(),
            }
            logger.info("request", extra={name: value for name, value in line.items() if value is not None})


def note(request: Request, facts: Callable[[], Mapping[str, Any]]) -> None:
    """Add facts to the line of a request; they are worked out after the answer, and only where lines are written."""
    request.state.noted = facts


def alert_facts(engine: Engine, alert: Alert, answer: Mapping[str, Any]) -> Mapping[str, Any]:
    """What tells an alert from others and what was answered; nothing from which a text can be read.

    Args:
        engine: knows the keys of digests and the languages.
        alert: as it was sent.
        answer: as it is answered.
    """
    masked = redact(alert.text or "").text
    return {
        "alert": engine.keys.content_digest(alert.id.encode("utf-8", "surrogatepass"))[:_DIGITS],
        "text": engine.keys.content_digest(masked.encode("utf-8", "surrogatepass"))[:_DIGITS],
        "characters": len(masked),
        "language": engine.receiver.sorter.language(masked) if masked else None,
        "photos": len(answer.get("photos", ())),
        "decision": answer.get("decision"),
        "reasons": answer.get("reasons"),
        **{head: (answer.get(head) or {}).get("code") for head in HEADS},
        "model": (answer.get("model") or {}).get("version"),
    }
