"""A service under load for long: at four fifths of what it can do, then at five times that, then as before.

Alerts are stored, which takes more than predicting them. Capacity is what 32 clients get that send their next alert
when the last is answered.
"""

import asyncio
import math
import statistics
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from evaluation.benchmarks.load import closed_loop
from evaluation.benchmarks.made_alerts import alerts_to_store
from evaluation.benchmarks.open_load import Phase, open_loop
from evaluation.benchmarks.server import RunningServer, running_server

CLIENTS = 32
SHARE, TIMES = 0.8, 5
RECOVERED_WITHIN_S = 10.0
MOST_GROWTH = 0.02
# Until then caches fill; shorter runs say nothing about memory.
WARM_S = 120.0
ROUTE = "/v1/alerts"
# One key stands for all senders here: its own limits would hide those of the service.
_SETTINGS = {"TRIAGE_KEY_REQUESTS_PER_MINUTE": "100000000", "TRIAGE_KEY_REQUESTS_AT_ONCE": "1000000"}
# The p99 of a window is its slowest answers; a second of a few answers says little.
_WINDOW_S = 2.0
# Back to normal: at most so many times the p99 of before, or so quick that nobody minds.
_TIMES_P99, _ALWAYS_FINE_MS = 2.0, 500.0


@dataclass(frozen=True, slots=True)
class PhaseFigures:
    """One phase.

    Attributes:
        offered_per_s: requests that left in a second.
        statuses, faults: answers by status, and what must not be by kind.
        p50_ms, p99_ms: time to an answer, refusals left out; None where nothing was answered.
        unsent: requests that were due while too many were open already.
    """

    offered_per_s: float
    seconds: float
    statuses: dict[str, int]
    faults: dict[str, int]
    p50_ms: float | None
    p99_ms: float | None
    unsent: int


@dataclass(frozen=True, slots=True)
class SoakFigures:
    """What was measured.

    Attributes:
        capacity_per_s: alerts that are stored in a second, at most.
        steady, burst, after: the three phases.
        recovered_s: seconds from the end of the burst until answers are as quick as before; None where they never were.
        memory_mb: resident memory after the warm-up and at the end of the steady phase; None in a short run.
        growth: of the memory between the two.
    """

    capacity_per_s: float
    steady: PhaseFigures
    burst: PhaseFigures
    after: PhaseFigures
    recovered_s: float | None
    memory_mb: tuple[float, float] | None
    growth: float | None

    @property
    def failures(self) -> list[str]:
        """What does not hold, in sentences."""
        found = [
            f"{name}: {count} times {fault}"
            for name, phase in (("steady", self.steady), ("burst", self.burst), ("after", self.after))
            for fault, count in phase.faults.items()
        ]
        if self.recovered_s is None or self.recovered_s > RECOVERED_WITHIN_S:
            found.append(f"the p99 did not recover within {RECOVERED_WITHIN_S:g} s of the burst's end")
        if self.growth is not None and self.growth >= MOST_GROWTH:
            found.append(f"memory grew by {100 * self.growth:.1f} % after the warm-up")
        return found


@dataclass(frozen=True, slots=True)
class Lengths:
    """Seconds of each part of a run."""

    capacity: float = 20
    steady: float = 600
    burst: float = 20
    after: float = 30

    @property
    def whole(self) -> float:
        """Seconds in all."""
        return self.capacity + self.steady + self.burst + self.after


def bench_soak(bundle: Path, texts: Sequence[str], lengths: Lengths, tick: Callable[[str, float], None]) -> SoakFigures:
    """Put a service of its own under load.

    Args:
        bundle: what it serves.
        texts: masked texts.
        lengths: of the phases.
        tick: called with what is going on and the seconds that passed, for a progress bar.
    """
    with running_server(bundle, _SETTINGS) as server:
        supply = alerts_to_store(texts, "soak")
        url = f"{server.base}{ROUTE}"
        tick("measuring capacity", 0)
        asyncio.run(closed_loop(url, server.key, supply, CLIENTS, lengths.capacity / 4))  # warm-up
        measured = asyncio.run(closed_loop(url, server.key, supply, CLIENTS, lengths.capacity * 3 / 4))
        tick("measuring capacity", lengths.capacity)
        capacity = measured.requests_per_s
        rates = (SHARE * capacity, TIMES * capacity, SHARE * capacity)
        parts = tuple(zip(rates, (lengths.steady, lengths.burst, lengths.after), strict=True))
        with _Memory(server) as memory:
            phases = asyncio.run(open_loop(url, server.key, supply, parts, lambda s: tick("under load", s)))
    steady, burst, after = phases
    kept = memory.before_and_after(lengths.steady)
    return SoakFigures(
        capacity_per_s=capacity,
        steady=_figures(steady),
        burst=_figures(burst),
        after=_figures(after),
        recovered_s=recovered_s(steady, after),
        memory_mb=kept,
        growth=kept[1] / kept[0] - 1 if kept else None,
    )


def recovered_s(before: Phase, after: Phase) -> float | None:
    """When the p99 is what it was, for good; counted from the beginning of the phase after the burst."""
    fine_ms = max(_TIMES_P99 * before.p_ms(0.99), _ALWAYS_FINE_MS)
    windows = [_WINDOW_S * number for number in range(int(after.seconds / _WINDOW_S))]
    slow = [since for since in windows if after.p_ms(0.99, since, since + _WINDOW_S) > fine_ms]
    if not slow:
        return 0.0
    return None if slow[-1] == windows[-1] else slow[-1] + _WINDOW_S


def _figures(phase: Phase) -> PhaseFigures:
    return PhaseFigures(
        offered_per_s=phase.offered_per_s,
        seconds=phase.seconds,
        statuses=phase.statuses,
        faults=phase.faults,
        p50_ms=_if_any(phase.p_ms(0.5)),
        p99_ms=_if_any(phase.p_ms(0.99)),
        unsent=phase.unsent,
    )


def _if_any(milliseconds: float) -> float | None:
    return milliseconds if math.isfinite(milliseconds) else None


class _Memory:
    """Looks at a server's memory every second."""

    def __init__(self, server: RunningServer) -> None:
        self._server = server
        self._seen: list[tuple[float, float]] = []
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, name="memory")
        self._started = time.perf_counter()

    def __enter__(self) -> "_Memory":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def before_and_after(self, steady_s: float) -> tuple[float, float] | None:
        """Megabytes after the warm-up, and at the end of the steady phase; each the median of a tenth of it."""
        if steady_s < 2 * WARM_S:
            return None
        tenth = steady_s / 10
        between = [(WARM_S, WARM_S + tenth), (steady_s - tenth, steady_s)]
        first, last = (
            statistics.median(size for at, size in self._seen if since <= at < until) for since, until in between
        )
        return first, last

    def _look(self) -> None:
        while not self._ended.wait(1.0):
            self._seen.append((time.perf_counter() - self._started, self._server.memory_mb()))
