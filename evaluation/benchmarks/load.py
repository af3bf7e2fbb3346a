"""A closed-loop HTTP load: each client sends its next request when the last is answered."""

import asyncio
import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass

import aiohttp


@dataclass(frozen=True, slots=True)
class LoadFigures:
    """Requests per second, and latencies in milliseconds."""

    requests_per_s: float
    p50_ms: float
    p95_ms: float
    p99_ms: float


async def closed_loop(url: str, key: str, bodies: Sequence[bytes], clients: int, seconds: float) -> LoadFigures:
    """Send bodies in turn from some clients for some seconds.

    Raises:
        RuntimeError: an answer is not a 200.
    """
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    supply = itertools.cycle(bodies)
    latencies: list[float] = []
    connector = aiohttp.TCPConnector(limit=clients)
    async with aiohttp.ClientSession(connector=connector, headers=headers) as session:
        end = time.perf_counter() + seconds

        async def client() -> None:
            while time.perf_counter() < end:
                started = time.perf_counter()
                async with session.post(url, data=next(supply)) as answer:
                    content = await answer.read()
                if answer.status != 200:
                    raise RuntimeError(f"{url} answered {answer.status}: {content[:200]!r}")
                latencies.append(time.perf_counter() - started)

        started = time.perf_counter()
        await asyncio.gather(*(client() for _ in range(clients)))
        elapsed = time.perf_counter() - started
    ordered = sorted(latencies)
    p50, p95, p99 = (1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))] for share in (0.5, 0.95, 0.99))
    return LoadFigures(len(latencies) / elapsed, p50, p95, p99)
