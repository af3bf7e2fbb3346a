"""What a challenger costs: time and megabytes."""

import statistics
import time
from collections.abc import Callable, Sequence
from typing import ClassVar

from evaluation.targets import MEGABYTES
from models.bundle import Manifest
from models.predictor import Predictor
from training.promotion.contest import Contest
from training.promotion.gate import Finding, Measure, at_most
from triage.alert import Alert

_SINGLE = 32
_BATCH = 32
_ROUNDS = 5  # the best of so many; whatever else the machine does makes a time longer, never shorter

Clock = Callable[[], float]


class NotSlower:
    """Each alert is answered while its sender waits."""

    code: ClassVar[str] = "GAT010"
    title: ClassVar[str] = "not slower"
    may_be_forced: ClassVar[bool] = True
    most: ClassVar[float] = 1.25

    def __init__(self, clock: Clock = time.perf_counter) -> None:
        self._clock = clock

    def judge(self, contest: Contest) -> Finding:
        """Time both in turn on the same alerts, one by one and as a batch, so that a busy machine slows both."""
        step = max(1, len(contest.test) // _SINGLE)
        alerts = [Alert(id=row.id, text=row.text) for row in contest.test[::step][:_SINGLE]]
        single = [self._both(contest, [alert]) for alert in alerts]
        batch = [self._both(contest, alerts[:_BATCH])]
        measures = (
            at_most("time_ratio_single", _median_ratio(single), self.most),
            at_most("time_ratio_batch", _median_ratio(batch), self.most),
            Measure("champion_ms", 1000 * statistics.median(before for before, _ in single)),
            Measure("challenger_ms", 1000 * statistics.median(after for _, after in single)),
        )
        return Finding(
            f"One alert takes {measures[0].value:.2f} times as long ({measures[2].value:.1f} → {measures[3].value:.1f}"
            f" ms on one thread), a batch of {len(alerts)} {measures[1].value:.2f} times.",
            measures,
        )

    def _both(self, contest: Contest, alerts: Sequence[Alert]) -> tuple[float, float]:
        times = [(self._time(contest.champion, alerts), self._time(contest.challenger, alerts)) for _ in range(_ROUNDS)]
        return min(before for before, _ in times), min(after for _, after in times)

    def _time(self, model: Predictor, alerts: Sequence[Alert]) -> float:
        started = self._clock()
        model.predict(alerts)
        return self._clock() - started


class NotLarger:
    """A bundle is copied to every place that serves, and held in memory twice while one takes over."""

    code: ClassVar[str] = "GAT011"
    title: ClassVar[str] = "not larger"
    may_be_forced: ClassVar[bool] = True
    most: ClassVar[float] = 1.10

    def judge(self, contest: Contest) -> Finding:
        """Compare the bytes of both bundles."""
        before, after = _bytes(contest.champion.bundle.manifest), _bytes(contest.challenger.bundle.manifest)
        measures = (at_most("size_ratio", after / before, self.most), at_most("megabytes", after / 1e6, MEGABYTES))
        return Finding(f"{after / 1e6:.1f} MB instead of {before / 1e6:.1f}; {MEGABYTES} at most.", measures)


def _median_ratio(times: Sequence[tuple[float, float]]) -> float:
    return statistics.median(after / before for before, after in times)


def _bytes(manifest: Manifest) -> int:
    return sum(entry.bytes for entry in manifest.files.values())
