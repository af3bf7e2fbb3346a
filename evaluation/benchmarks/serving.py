"""HTTP throughput, held against what no Python server can beat.

The limit is 1 ÷ (time of the bare session per alert, batched + time per request of an endpoint in
the same server that only parses and answers the same JSON).
"""

import asyncio
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from evaluation.benchmarks.load import LoadFigures, closed_loop
from evaluation.benchmarks.server import RunningServer, running_server
from models.bundle import load_bundle
from models.text import TextModel

CLIENTS = 16
BATCH_ALERTS = 64
ROUNDS = 3
PARTS = ("queue", "tokenize", "inference")


@dataclass(frozen=True, slots=True)
class ServingFigures:
    """What was measured; ratios are against the limit and against the bare session."""

    bare_alerts_per_s: float
    echo: LoadFigures
    single: LoadFigures
    single_ratio: float
    batch_alerts_per_s: float
    batch_ratio: float
    part_ms: dict[str, float]
    batch_sizes: dict[str, int]


def bench_serving(
    bundle: Path, texts: Sequence[str], seconds: float, advance: Callable[[str], None], max_batch_size: int
) -> ServingFigures:
    """Measure bare session, empty endpoint, single and batch endpoint in turn, three rounds.

    Args:
        bundle: the bundle to serve.
        texts: masked texts, the same for every measurement.
        seconds: length of each measurement.
        advance: called with a word before each measurement, for a progress bar.
        max_batch_size: alerts in one pass of the bare session, as in the service.
    """
    model = TextModel.from_bundle(load_bundle(bundle))
    rounds = []
    with running_server(bundle) as server:
        _load(server, "/v1/predict", _singles(texts), CLIENTS, 2)  # warm-up
        before = server.metrics()
        for _ in range(ROUNDS):
            advance("bare session")
            bare = _bare_alerts_per_s(model, texts, seconds, max_batch_size)
            advance("empty endpoint")
            echo = _load(server, "/v1/bench/echo", _singles(texts), CLIENTS, seconds)
            advance("16 clients")
            single = _load(server, "/v1/predict", _singles(texts), CLIENTS, seconds)
            rounds.append((bare, echo, single))
        after = server.metrics()
        advance("batches of 64")
        batch = _load(server, "/v1/predict/batch", _batches(texts), 1, seconds)
        bare_again = _bare_alerts_per_s(model, texts, seconds, max_batch_size)
    bare, echo, single = sorted(rounds, key=lambda item: _ratio(*item))[len(rounds) // 2]
    batch_alerts = batch.requests_per_s * BATCH_ALERTS
    return ServingFigures(
        bare_alerts_per_s=bare,
        echo=echo,
        single=single,
        single_ratio=_ratio(bare, echo, single),
        batch_alerts_per_s=batch_alerts,
        batch_ratio=batch_alerts / bare_again,
        part_ms=_part_milliseconds(before, after),
        batch_sizes=_batch_sizes(before, after),
    )


def bench_steps() -> int:
    """How often `bench_serving` advances."""
    return 3 * ROUNDS + 1


def _ratio(bare: float, echo: LoadFigures, single: LoadFigures) -> float:
    return single.requests_per_s * (1 / bare + 1 / echo.requests_per_s)


def _bare_alerts_per_s(model: TextModel, texts: Sequence[str], seconds: float, size: int) -> float:
    done = 0
    started = time.perf_counter()
    while (elapsed := time.perf_counter() - started) < seconds:
        start = done % len(texts)
        done += len(model.predict(texts[start : start + size]).embeddings)
    return done / elapsed


def _load(server: RunningServer, route: str, bodies: Sequence[bytes], clients: int, seconds: float) -> LoadFigures:
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
