"""What a real server does, held against what no Python server can beat.

The limit is 1 ÷ (time of the bare session per alert, batched + time per request of an endpoint in
the same server that only parses and answers the same JSON).
"""

import asyncio
import json
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from evaluation.benchmarks.load import LoadFigures, closed_loop
from evaluation.benchmarks.made_alerts import alerts_to_store
from evaluation.benchmarks.server import RunningServer, running_server
from evaluation.benchmarks.starting import imports_and_load_s
from models.bundle import load_bundle
from models.text import TextModel

CLIENTS = 32
BATCH_ALERTS = 64
ROUNDS = 3
PARTS = ("queue", "tokenize", "inference")
STORE_ROUTE = "/v1/alerts"


@dataclass(frozen=True, slots=True)
class ServingFigures:
    """What was measured.

    Attributes:
        bare_alerts_per_s: of the bare session, batched.
        echo, single, stored: the empty endpoint, predictions, and alerts that are stored, at many clients.
        single_ratio, stored_ratio: against the limit.
        batch_ratio: batches of 64 against the bare session.
        alone_ms, alone_ratio: median of one client, and against the bare session at one alert plus the empty endpoint.
        part_ms: mean time of each part of a prediction.
        batch_sizes: how many batches had which size.
        start_s, start_ratio: from the command to ready, and against imports and loading alone.
        memory_mb: resident, of the process that answers, after all of this.
    """

    bare_alerts_per_s: float
    echo: LoadFigures
    single: LoadFigures
    single_ratio: float
    stored: LoadFigures
    stored_ratio: float
    batch_alerts_per_s: float
    batch_ratio: float
    alone_ms: float
    alone_ratio: float
    part_ms: dict[str, float]
    batch_sizes: dict[str, int]
    start_s: float
    start_ratio: float
    memory_mb: float


@dataclass(frozen=True, slots=True)
class _Round:
    bare: float
    echo: LoadFigures
    single: LoadFigures
    stored: LoadFigures

    def of_limit(self, figures: LoadFigures) -> float:
        return figures.requests_per_s * (1 / self.bare + 1 / self.echo.requests_per_s)


@dataclass(frozen=True, slots=True)
class _Bench:
    server: RunningServer
    model: TextModel
    texts: Sequence[str]
    seconds: float
    max_batch_size: int
    advance: Callable[[str], None]

    def warm_up(self) -> None:
        _load(self.server, "/v1/predict", _singles(self.texts), CLIENTS, 2)
        _load(self.server, STORE_ROUTE, alerts_to_store(self.texts, "warm"), CLIENTS, 1)

    def rounds(self) -> tuple[list[_Round], dict[str, float], dict[str, int]]:
        """What was measured in turn, and the parts and batches of the predictions."""
        server, seconds, singles = self.server, self.seconds, _singles(self.texts)
        before, found = server.metrics(), []
        for _ in range(ROUNDS):
            bare = self._bare()
            self.advance("empty endpoint")
            echo = _load(server, "/v1/bench/echo", singles, CLIENTS, seconds)
            self.advance(f"{CLIENTS} clients")
            found.append((bare, echo, _load(server, "/v1/predict", singles, CLIENTS, seconds)))
        after, supply, whole = server.metrics(), alerts_to_store(self.texts), []
        for bare, echo, single in found:
            self.advance("storing alerts")
            whole.append(_Round(bare, echo, single, _load(server, STORE_ROUTE, supply, CLIENTS, seconds)))
        return whole, _part_milliseconds(before, after), _batch_sizes(before, after)

    def batches(self) -> tuple[float, float]:
        """Alerts a second in batches of 64, and against the bare session just after."""
        self.advance("batches of 64")
        batch = _load(self.server, "/v1/predict/batch", _batches(self.texts), 1, self.seconds)
        alerts = batch.requests_per_s * BATCH_ALERTS
        return alerts, alerts / self._bare()

    def alone(self) -> tuple[float, float]:
        """The median of one client in milliseconds, and how many times bare session and empty endpoint it is."""
        self.advance("one client")
        seconds = self.seconds / 2
        bare_ms = _bare_median_ms(self.model, self.texts, seconds)
        echo = _load(self.server, "/v1/bench/echo", _singles(self.texts), 1, seconds)
        alone = _load(self.server, "/v1/predict", _singles(self.texts), 1, seconds)
        return alone.p50_ms, alone.p50_ms / (bare_ms + echo.p50_ms)

    def _bare(self) -> float:
        self.advance("bare session")
        return _bare_alerts_per_s(self.model, self.texts, self.seconds, self.max_batch_size)


def bench_serving(
    bundle: Path, texts: Sequence[str], seconds: float, advance: Callable[[str], None], max_batch_size: int
) -> ServingFigures:
    """Measure bare session, empty endpoint, predictions and stored alerts in turn, three rounds; then the rest.

    Args:
        bundle: the bundle to serve.
        texts: masked texts, the same for every measurement.
        seconds: length of each measurement.
        advance: called with a word before each measurement, for a progress bar.
        max_batch_size: alerts in one pass of the bare session, as in the service.
    """
    model = TextModel.from_bundle(load_bundle(bundle))
    advance("imports and loading")
    loading = imports_and_load_s(bundle)
    with running_server(bundle) as server:
        bench = _Bench(server, model, texts, seconds, max_batch_size, advance)
        bench.warm_up()
        whole, part_ms, batch_sizes = bench.rounds()
        batch_alerts, batch_ratio = bench.batches()
        alone_ms, alone_ratio = bench.alone()
        memory_mb, start_s = server.memory_mb(), server.start_s
    middle = sorted(whole, key=lambda item: item.of_limit(item.single))[len(whole) // 2]
    return ServingFigures(
        bare_alerts_per_s=middle.bare,
        echo=middle.echo,
        single=middle.single,
        single_ratio=middle.of_limit(middle.single),
        stored=middle.stored,
        stored_ratio=statistics.median(item.of_limit(item.stored) for item in whole),
        batch_alerts_per_s=batch_alerts,
        batch_ratio=batch_ratio,
        alone_ms=alone_ms,
        alone_ratio=alone_ratio,
        part_ms=part_ms,
        batch_sizes=batch_sizes,
        start_s=start_s,
        start_ratio=start_s / loading,
        memory_mb=memory_mb,
    )


def bench_steps() -> int:
    """How often `bench_serving` advances."""
    return 4 * ROUNDS + 4


def _bare_median_ms(model: TextModel, texts: Sequence[str], seconds: float) -> float:
    times: list[float] = []
    end = time.perf_counter() + seconds
    while (started := time.perf_counter()) < end:
        model.predict([texts[len(times) % len(texts)]])
        times.append(time.perf_counter() - started)
    return 1000 * statistics.median(times)


def _bare_alerts_per_s(model: TextModel, texts: Sequence[str], seconds: float, size: int) -> float:
    done = 0
    started = time.perf_counter()
    while (elapsed := time.perf_counter() - started) < seconds:
        start = done % len(texts)
        done += len(model.predict(texts[start : start + size]).embeddings)
    return done / elapsed


def _load(
    server: RunningServer, route: str, bodies: Sequence[bytes] | Iterator[bytes], clients: int, seconds: float
) -> LoadFigures:
    return asyncio.run(closed_loop(f"{server.base}{route}", server.key, bodies, clients, seconds))


def _singles(texts: Sequence[str]) -> list[bytes]:
    return [json.dumps({"id": f"bench-{number}", "text": text}).encode() for number, text in enumerate(texts)]


def _batches(texts: Sequence[str]) -> list[bytes]:
    alerts = [{"id": f"bench-{number}", "text": text} for number, text in enumerate(texts)]
    return [
        json.dumps({"alerts": alerts[start : start + BATCH_ALERTS]}).encode()
        for start in range(0, len(alerts), BATCH_ALERTS)
    ]


def _part_milliseconds(before: dict[str, float], after: dict[str, float]) -> dict[str, float]:
    milliseconds = {}
    for part in PARTS:
        total, count = f"triage_{part}_seconds_sum", f"triage_{part}_seconds_count"
        calls = after[count] - before[count]
        milliseconds[part] = 1000 * (after[total] - before[total]) / max(calls, 1)
    return milliseconds


def _batch_sizes(before: dict[str, float], after: dict[str, float]) -> dict[str, int]:
    sizes, below = {}, 0
    for name, value in after.items():
        if name.startswith("triage_batch_size_bucket"):
            total = int(value - before[name])
            sizes["≤ " + name.split('"')[1]] = total - below
            below = total
    return sizes
