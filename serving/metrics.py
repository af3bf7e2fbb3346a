"""Prometheus metrics of one service process."""

import contextlib

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from serving.current_gauge import CurrentGauge

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
        self.model_failures = Counter(
            "triage_model_failures", "Passes in which the model failed.", registry=self._registry
        )
        self.unanswered = Counter(
            "triage_unanswered", "Alerts stored without an answer of the model.", registry=self._registry
        )
        self.untriaged = Gauge("triage_untriaged", "Stored alerts that wait for the model.", registry=self._registry)
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
        self.requests_refused = Counter(
            "triage_requests_refused", "Requests beyond the allowance of a key.", ["code"], registry=self._registry
        )
        self.deliveries = Counter(
            "triage_deliveries", "Attempts to send an event.", ["target", "result"], registry=self._registry
        )
        self.deliveries_waiting = Gauge(
            "triage_deliveries_waiting", "Events that a target has not taken yet.", ["target"], registry=self._registry
        )
        self.deliveries_lag = Gauge(
            "triage_deliveries_lag_seconds", "Age of the oldest of these.", ["target"], registry=self._registry
        )
        self.event_streams = Gauge("triage_event_streams", "Open streams of events.", registry=self._registry)
        self.duplicates_found = Counter(
            "triage_duplicates_found", "Duplicates named in answers.", registry=self._registry
        )
        self.model = CurrentGauge("triage_model_info", "The bundle that answers.", ["name", "version"], self._registry)
        self.model_swaps = Counter(
            "triage_model_swaps", "Times that another bundle took over.", registry=self._registry
        )
        self.model_refusals = Counter(
            "triage_model_refusals", "Bundles that could not be used.", ["role"], registry=self._registry
        )
        self.model_load_seconds = Gauge(
            "triage_model_load_seconds", "Time to load and prove the bundle that took over.", registry=self._registry
        )
        for role in ("champion", "challenger"):
            self.model_refusals.labels(role)
        self.challenger = CurrentGauge(
            "triage_challenger_info", "The bundle that answers unheard.", ["version"], self._registry
        )
        self.shadow_answers = Counter(
            "triage_shadow_answers", "Answers of the challenger.", ["differs"], registry=self._registry
        )
        self.shadow_dropped = Counter(
            "triage_shadow_dropped", "Alerts drawn for the challenger that it did not answer.", registry=self._registry
        )
        # What cannot be compared yet has no sample.
        self.drift = self._drift("value", "How far alerts lie from the bundle's reference.")
        self.drift_threshold = self._drift("threshold", "How far they may lie from it.")
        self.drift_detected = self._drift("detected", "1 where a measure lies beyond its threshold, else 0.")
        self.drift_alerts = self._drift("alerts", "How many alerts could be compared.")

    def show_model(self, name: str, version: str) -> None:
        """Say which bundle answers, and no other."""
        self.model.clear()
        self.model.labels(name, version).set(1)

    def show_challenger(self, version: str | None) -> None:
        """Say which bundle answers unheard, if one does."""
        self.challenger.clear()
        if version is not None:
            self.challenger.labels(version).set(1)

    def forget_target(self, name: str) -> None:
        """Show no longer what waits for a target that is gone."""
        for gauge in (self.deliveries_waiting, self.deliveries_lag):
            with contextlib.suppress(KeyError):
                gauge.remove(name)

    def render(self) -> bytes:
        """All metrics in Prometheus' text format."""
        return generate_latest(self._registry)

    def _histogram(self, name: str, documentation: str) -> Histogram:
        return Histogram(name, documentation, buckets=_SECONDS, registry=self._registry)

    def _drift(self, name: str, documentation: str) -> CurrentGauge:
        return CurrentGauge(f"triage_drift_{name}", documentation, ["code", "measure"], self._registry)
