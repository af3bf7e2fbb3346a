"""A gauge that forgets: what is gone is shown no more, and nobody is warned of it."""

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from serving.current_gauge import CurrentGauge


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


def lines(registry: CollectorRegistry) -> list[str]:
    return [line for line in generate_latest(registry).decode().splitlines() if not line.startswith("#")]


def test_samples_are_shown_with_their_labels_until_they_are_cleared(registry: CollectorRegistry) -> None:
    gauge = CurrentGauge("triage_made", "Made.", ["name", "version"], registry)
    assert lines(registry) == []
    gauge.labels("a", "2").set(1)
    gauge.labels("a", "1").set(0.5)
    gauge.labels("a", "2").set(True)
    assert lines(registry) == ['triage_made{name="a",version="1"} 0.5', 'triage_made{name="a",version="2"} 1.0']
    gauge.clear()
    assert lines(registry) == []


def test_two_gauges_of_one_name_are_refused(registry: CollectorRegistry) -> None:
    CurrentGauge("triage_made", "Made.", [], registry)
    with pytest.raises(ValueError, match="triage_made"):
        CurrentGauge("triage_made", "Made.", [], registry)
