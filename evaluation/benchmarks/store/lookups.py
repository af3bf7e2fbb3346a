"""Look-ups by place and time among a few alerts and among many, measured in turn so that noise hits both alike."""

import itertools
import random
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from evaluation.benchmarks.store.alerts import past_alerts, search_in_district
from triage.store.records import NewAlert, Search
from triage.store.store import Store

Advance = Callable[[str, int], None]

SMALL = 10_000
_CHUNK = 5_000
_ROUNDS = 5
_LOOKUPS = 1_000
_WARM_UP = 100
_STEP = 100  # look-ups for which the progress bar moves


@dataclass(frozen=True, slots=True)
class LookupTimes:
    """One store: its alerts, how many it took a second when filled, milliseconds of a look-up and what they found."""

    alerts: int
    filled_per_s: float
    p50_ms: float
    p99_ms: float
    neighbours: float


@dataclass(frozen=True, slots=True)
class LookupFigures:
    """The round whose ratio of the slowest hundredth, many against few, is the median of all rounds."""

    few: LookupTimes
    many: LookupTimes

    @property
    def ratio(self) -> float:
        """The 99th percentile among many alerts against that among few."""
        return self.many.p99_ms / self.few.p99_ms


def bench_lookups(
    folder: Path, alerts: int, in_district: int, advance: Advance, few: int = SMALL, lookups: int = _LOOKUPS
) -> LookupFigures:
    """Fill two SQLite stores and look for neighbours in a district that holds the same alerts in both.

    Args:
        folder: an empty folder with room for 3 GB a million alerts.
        alerts: how many the larger store holds.
        in_district: how many of them lie in one square kilometre.
        advance: called with what is being done and the steps gained, for a progress bar.
        few: how many the smaller store holds.
        lookups: how many in each round.
    """
    counts = (few, alerts)
    speeds = [_fill(_url(folder, count), count, in_district, advance) for count in counts]
    with Store.open(_url(folder, few)) as small, Store.open(_url(folder, alerts)) as large:
        rounds = [_round((small, large), number, lookups, advance) for number in range(_ROUNDS)]
    figures = [
        LookupFigures(*(
            LookupTimes(count, speed, *found) for count, speed, found in zip(counts, speeds, pair, strict=True)
        ))
        for pair in rounds
    ]  # fmt: skip
    return sorted(figures, key=lambda item: item.ratio)[len(figures) // 2]


def bench_steps(alerts: int, few: int = SMALL, lookups: int = _LOOKUPS) -> int:
    """How many steps `bench_lookups` advances in all."""
    return sum(-(-count // _CHUNK) for count in (few, alerts)) + _ROUNDS * (lookups // _STEP)


def _url(folder: Path, count: int) -> str:
    return f"sqlite:///{folder / f'{count}.db'}"


def _fill(url: str, count: int, in_district: int, advance: Advance) -> float:
    """Fill a store; how many alerts it took a second, the making of them not counted."""
    seconds = 0.0
    with Store.open(url) as store:
        for chunk in _chunks(past_alerts(count, in_district)):
            started = time.perf_counter()
            store.import_many(chunk)
            seconds += time.perf_counter() - started
            advance(f"filling a store with {count:,} alerts", 1)
    return count / seconds


def _chunks(alerts: Iterable[NewAlert]) -> Iterator[list[NewAlert]]:
    supply = iter(alerts)
    while chunk := list(itertools.islice(supply, _CHUNK)):
        yield chunk


def _round(stores: Sequence[Store], number: int, lookups: int, advance: Advance) -> list[tuple[float, float, float]]:
    """For each store p50 and p99 in milliseconds, and neighbours found by a look-up."""
    generator = random.Random(number)
    searches = [search_in_district(generator) for _ in range(_WARM_UP + lookups)]
    for search in searches[:_WARM_UP]:
        for store in stores:
            store.near(search)
    times: list[list[float]] = [[] for _ in stores]
    found = [0 for _ in stores]
    for turn, search in enumerate(searches[_WARM_UP:], 1):
        order = range(len(stores)) if turn % 2 else reversed(range(len(stores)))
        for index in order:
            seconds, neighbours = _look_up(stores[index], search)
            times[index].append(seconds)
            found[index] += neighbours
        if turn % _STEP == 0:
            advance("looking up", 1)
    return [(*_percentiles(each), total / lookups) for each, total in zip(times, found, strict=True)]


def _look_up(store: Store, search: Search) -> tuple[float, int]:
    started = time.perf_counter()
    neighbours = store.near(search)
    return time.perf_counter() - started, len(neighbours)


def _percentiles(seconds: Sequence[float]) -> tuple[float, float]:
    ordered = sorted(seconds)
    p50, p99 = (1000 * ordered[int(share * len(ordered))] for share in (0.5, 0.99))
    return p50, p99
