"""Prometheus metrics of one service process."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_SIZES = (1, 2, 4, 8, 16, 32, 64, 128)


class Metrics:
    """Instruments with a registry of their own, so that two services in one process never mix."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.queue_seconds = self._histogram("triage_queue_seconds", "Time an alert waited for its batch.")
        self.tokenize_seconds = self._histogram("triage_tokenize_seconds", "Time to tokenise a batch.")
        self.inference_seconds = self._histogram("triage_inference_seconds", "Time of the model on a batch.")
        self.explain_seconds = self._histogram("triage_explain_seconds", "Time of the model on an explanation.")
        self.batch_size = Histogram(
            "triage_batch_size", "Alerts in one batch.", buckets=_SIZES, registry=self._registry
        )
        self.queue_length = Gauge("triage_queue_length", "Alerts waiting for a batch.", registry=self._registry)
        self.request_seconds = Histogram(
            "triage_request_seconds",
            "Time to answer a request.",
            ["route", "status"],
            buckets=_SECONDS,
            registry=self._registry,
        )
        self.decisions = Counter("triage_decisions", "Decisions answered.", ["decision"], registry=self._registry)
        self.store_seconds = Histogram(
            "triage_store_seconds",
            "Time of the alert store, waiting for its turn included.",
            ["work"],
            buckets=_SECONDS,
            registry=self._registry,
        )
        self.store_failures = Counter(
            "triage_store_failures", "Times that the alert store could not be used.", registry=self._registry
        )
        self.duplicates_found = Counter(
            "triage_duplicates_found", "Duplicates named in answers.", registry=self._registry
        )
        self.model = Gauge(
            "triage_model_info", "The bundle that answers.", ["name", "version"], registry=self._registry
        )

    def render(self) -> bytes:
        """All metrics in Prometheus' text format."""
        return generate_latest(self._registry)

    def _histogram(self, name: str, documentation: str) -> Histogram:
        return Histogram(name, documentation, buckets=_SECONDS, registry=self._registry)
