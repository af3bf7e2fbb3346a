"""A closed-loop HTTP load: each client sends its next request when the last is answered."""

import asyncio
import itertools
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import aiohttp

# A 202 is an alert that is stored, and answered later.
GOOD = (200, 201, 202)
# A client comes back when it is told to; what was refused does not count.
REFUSED = (429, 503)


@dataclass(frozen=True, slots=True)
class LoadFigures:
    """Requests per second, and latencies in milliseconds."""

    requests_per_s: float
    p50_ms: float
    p95_ms: float
    p99_ms: float


async def closed_loop(
    url: str, key: str, bodies: Sequence[bytes] | Iterator[bytes], clients: int, seconds: float
) -> LoadFigures:
    """Send bodies in turn from some clients for some seconds; a sequence is sent again and again.

    Whoever is refused and told when to come back pauses for a second at most; what counts is what was done.

    Raises:
        RuntimeError: an answer is neither a success nor such a refusal, or all are refusals.
    """
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    supply = itertools.cycle(bodies) if isinstance(bodies, Sequence) else bodies
    latencies: list[float] = []
    connector = aiohttp.TCPConnector(limit=clients)
    async with aiohttp.ClientSession(connector=connector, headers=headers) as session:
        end = time.perf_counter() + seconds

        async def client() -> None:
            while time.perf_counter() < end:
                started = time.perf_counter()
                async with session.post(url, data=next(supply)) as answer:
                    content = await answer.read()
                if answer.status in REFUSED and "Retry-After" in answer.headers:
                    await asyncio.sleep(min(1.0, float(answer.headers["Retry-After"])))
                    continue
                if answer.status not in GOOD:
                    raise RuntimeError(f"{url} answered {answer.status}: {content[:200]!r}")
                latencies.append(time.perf_counter() - started)

        started = time.perf_counter()
        await asyncio.gather(*(client() for _ in range(clients)))
        elapsed = time.perf_counter() - started
    if not latencies:
        raise RuntimeError(f"{url} refused every request for {seconds:g} s.")
    ordered = sorted(latencies)
    p50, p95, p99 = (1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))] for share in (0.5, 0.95, 0.99))
    return LoadFigures(len(latencies) / elapsed, p50, p95, p99)
