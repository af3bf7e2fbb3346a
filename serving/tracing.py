"""Traces of requests over OTLP: how long each took, and how much of it the models and the store.

The instrumentation for ASGI that OpenTelemetry offers notes addresses, clients and whole paths; ids in paths may be
names. So a span here holds a route's template, a status and times, and nothing else.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from opentelemetry.propagate import extract
from opentelemetry.trace import SpanKind, StatusCode, Tracer, TracerProvider, format_trace_id
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.access import template_of

SERVICE = "ondijon-triage"
_tracer: ContextVar[Tracer | None] = ContextVar("tracer", default=None)


def span_provider(endpoint: str) -> TracerProvider | None:
    """What makes spans and sends them away; None without an endpoint."""
    if not endpoint:
        return None
    from serving.span_export import exporting_provider  # noqa: PLC0415 - half as large as the rest of the service

    return exporting_provider(SERVICE, endpoint)


@contextmanager
def step(name: str) -> Iterator[None]:
    """Measure a part of the request that runs; nothing happens where nothing is traced."""
    tracer = _tracer.get()
    if tracer is None:
        yield
        return
    with tracer.start_as_current_span(name, record_exception=False, set_status_on_exception=False):
        yield


class TracingMiddleware:
    """A span for each request, below that of the caller where `traceparent` names one."""

    def __init__(self, app: ASGIApp, provider: TracerProvider | None) -> None:
        self._app = app
        self._tracer = provider.get_tracer(SERVICE) if provider else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on within a span."""
        if self._tracer is None or scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        route = template_of(scope["path"])
        attributes = {"http.request.method": scope["method"], "http.route": route}
        with self._tracer.start_as_current_span(
            f"{scope['method']} {route}",
            extract(headers),
            SpanKind.SERVER,
            attributes,
            record_exception=False,  # its message may quote what was sent
            set_status_on_exception=False,
        ) as span:

            async def noted(message: Message) -> None:
                if message["type"] == "http.response.start":
                    span.set_attribute("http.response.status_code", message["status"])
                    if message["status"] >= 500:
                        span.set_status(StatusCode.ERROR)
                await send(message)

            scope.setdefault("state", {})["trace"] = format_trace_id(span.get_span_context().trace_id)
            _tracer.set(self._tracer)
            await self._app(scope, receive, noted)
