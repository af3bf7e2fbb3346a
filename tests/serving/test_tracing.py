"""Traces: a span for each request with its steps below, and none of what a caller sent."""

import asyncio
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from threading import Thread

import httpx
import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode, get_current_span
from starlette.types import Receive, Scope, Send

from serving.span_export import exporting_provider
from serving.tracing import TracingMiddleware, span_provider, step

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = f"00-{TRACE}-00f067aa0ba902b7-01"


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    yield exporter
    exporter.clear()


@pytest.fixture
def collector() -> Iterator[tuple[str, "Queue[tuple[str, bytes]]"]]:
    """The address of a collector, and what it has received."""
    received: Queue[tuple[str, bytes]] = Queue()

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.put((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Collector) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", received
        server.shutdown()


def ask(spans: InMemorySpanExporter, path: str, status: int = 200, **headers: str) -> dict[str, ReadableSpan]:
    """Sends a request through the layer, to a route that looks into the store; returns the spans by their names."""
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))

    async def route(_: Scope, __: Receive, send: Send) -> None:
        with step("store read"):
            await asyncio.sleep(0)
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def run() -> None:
        transport = httpx.ASGITransport(TracingMiddleware(route, provider))
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            await client.get(path, headers=headers)

    asyncio.run(run())
    return {span.name: span for span in spans.get_finished_spans()}


def test_a_request_is_a_span_with_its_steps_below(spans: InMemorySpanExporter) -> None:
    found = ask(spans, "/v1/alerts/a-1")
    whole, part = found["GET /v1/alerts/{id}"], found["store read"]
    assert part.parent is not None
    assert whole.context is not None
    assert part.parent.span_id == whole.context.span_id
    assert dict(whole.attributes or {}) == {
        "http.request.method": "GET",
        "http.route": "/v1/alerts/{id}",
        "http.response.status_code": 200,
    }


def test_the_trace_of_the_caller_goes_on(spans: InMemorySpanExporter) -> None:
    [whole] = [span for span in ask(spans, "/healthz", traceparent=PARENT).values() if span.name != "store read"]
    assert whole.context is not None
    assert f"{whole.context.trace_id:032x}" == TRACE


def test_nothing_that_a_caller_wrote_is_in_a_span(spans: InMemorySpanExporter) -> None:
    found = ask(spans, "/v1/alerts/secret-name?purpose=secret", authorization="Bearer secret", user_agent="secret")
    assert all("secret" not in span.to_json() for span in found.values())


def test_a_path_that_no_route_has_is_unknown(spans: InMemorySpanExporter) -> None:
    assert "GET unknown" in ask(spans, "/nobody/knows/this")


def test_a_fault_of_the_service_is_marked(spans: InMemorySpanExporter) -> None:
    assert ask(spans, "/healthz", 503)["GET /healthz"].status.status_code is StatusCode.ERROR
    spans.clear()
    assert ask(spans, "/healthz", 422)["GET /healthz"].status.status_code is StatusCode.UNSET


def test_without_an_endpoint_nothing_is_traced(spans: InMemorySpanExporter) -> None:
    assert span_provider("") is None
    with step("store read"):
        assert not get_current_span().is_recording()
    assert spans.get_finished_spans() == ()


def test_spans_reach_a_collector(collector: tuple[str, "Queue[tuple[str, bytes]]"]) -> None:
    address, received = collector
    provider = exporting_provider("triage-test", f"{address}/v1/traces")
    with provider.get_tracer("test").start_as_current_span("GET /healthz"):
        pass
    provider.shutdown()
    path, body = received.get(timeout=10)
    assert path == "/v1/traces"
    assert b"triage-test" in body
    assert b"GET /healthz" in body
