"""Sends spans over OTLP/HTTP; imported only where traces are wanted."""

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor


def exporting_provider(service: str, endpoint: str) -> TracerProvider:
    """What makes spans and sends them in batches, from a thread of its own; what cannot be sent is dropped.

    Args:
        service: the name that spans carry.
        endpoint: the whole address of a collector's traces.
    """
    provider = TracerProvider(resource=Resource.create({"service.name": service}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint, timeout=5)))
    return provider
