"""A gauge whose samples come and go."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector


@dataclass(frozen=True, slots=True)
class Sample:
    """The sample of some labels."""

    set: Callable[[float], None]


class CurrentGauge(Collector):
    """Shows the samples that were set since it was cleared.

    The library's own gauge cannot forget samples under BentoML, which runs it for several processes.

    Args:
        name: of the metric.
        documentation: what it says.
        labels: their names.
        registry: where it is shown.
    """

    def __init__(self, name: str, documentation: str, labels: Sequence[str], registry: CollectorRegistry) -> None:
        self._name = name
        self._documentation = documentation
        self._labels = tuple(labels)
        self._samples: dict[tuple[str, ...], float] = {}
        registry.register(self)

    def clear(self) -> None:
        """Forget all samples."""
        self._samples = {}

    def labels(self, *values: str) -> Sample:
        """The sample of these values of the labels."""
        samples = self._samples
        return Sample(lambda value: samples.__setitem__(values, float(value)))

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """The metric without its samples."""
        yield GaugeMetricFamily(self._name, self._documentation, labels=self._labels)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The metric as it is now."""
        [family] = self.describe()
        for values, value in sorted(self._samples.copy().items()):
            family.add_metric(values, value)
        yield family
