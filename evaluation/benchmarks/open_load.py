"""An open-loop HTTP load: requests leave on time, whether or not those before are answered."""

import asyncio
import math
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import aiohttp

# More connections than this say nothing about a server any more; what is not sent for that is counted.
MOST_OPEN = 2_000
TIMEOUT_S = 90.0
_REFUSED = (429, 503)


@dataclass(frozen=True, slots=True)
class Sent:
    """One request: when it left, in seconds since the beginning, how long its answer took, and what it was.

    `fault` says why the answer is one that must not be: another 5xx, a refusal that does not say when to come back, or
    none at all; empty for all others.
    """

    at_s: float
    took_s: float
    status: int
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Phase:
    """What came of one phase of a load.

    Attributes:
        seconds: how long it was.
        sent: every request.
        unsent: requests that were due while too many were open.
    """

    seconds: float
    sent: tuple[Sent, ...]
    unsent: int

    @property
    def statuses(self) -> dict[str, int]:
        """How many answers had which status; 0 stands for none."""
        return {str(status): count for status, count in sorted(Counter(one.status for one in self.sent).items())}

    @property
    def offered_per_s(self) -> float:
        """Requests that left in a second."""
        return len(self.sent) / self.seconds

    @property
    def faults(self) -> dict[str, int]:
        """What must not be, and how often it was."""
        return dict(Counter(one.fault for one in self.sent if one.fault))

    def p_ms(self, share: float, since: float = 0.0, until: float = math.inf) -> float:
        """A quantile of the time to an answer that is no refusal, in milliseconds, of what left between two moments.

        Infinite where nothing was answered.
        """
        times = sorted(one.took_s for one in self.sent if since <= one.at_s < until and _is_answer(one))
        return 1000 * times[min(len(times) - 1, int(share * len(times)))] if times else math.inf


async def open_loop(
    url: str,
    key: str,
    bodies: Iterator[bytes],
    phases: Sequence[tuple[float, float]],
    tick: Callable[[float], None] = lambda _: None,
) -> list[Phase]:
    """Send bodies at a rate for some seconds, then at the next one, without a pause between.

    Args:
        url: where to.
        key: sent with each.
        bodies: each is sent once.
        phases: requests a second, and seconds.
        tick: called with the seconds that passed, about twice a second.
    """
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    # A server closes connections that nobody used for five seconds; one that is just about to is not used again.
    connector, timeout = aiohttp.TCPConnector(limit=0, keepalive_timeout=2), aiohttp.ClientTimeout(total=TIMEOUT_S)
    async with aiohttp.ClientSession(connector=connector, headers=headers, timeout=timeout) as session:
        runs = []
        for rate, seconds in phases:
            run = _Run(session, url, bodies)
            await run.send(rate, seconds, tick)
            runs.append((run, seconds))
        return [Phase(seconds, tuple(await run.answers()), run.unsent) for run, seconds in runs]


class _Run:
    """One phase while it runs; its last answers may come while the next one is sent."""

    def __init__(self, session: aiohttp.ClientSession, url: str, bodies: Iterator[bytes]) -> None:
        self._session = session
        self._url = url
        self._bodies = bodies
        self._tasks: list[asyncio.Task[Sent]] = []
        self._open = 0
        self.unsent = 0

    async def send(self, rate: float, seconds: float, tick: Callable[[float], None]) -> None:
        started = last = time.perf_counter()
        due = 0
        while (now := time.perf_counter()) - started < seconds:
            while due <= (now - started) * rate:
                due += 1
                if self._open >= MOST_OPEN:
                    self.unsent += 1
                else:
                    self._open += 1
                    self._tasks.append(asyncio.create_task(self._one(now - started, next(self._bodies))))
            if now - last >= 0.5:
                tick(now - last)
                last = now
            await asyncio.sleep(min(0.02, 1 / rate))

    async def answers(self) -> list[Sent]:
        return list(await asyncio.gather(*self._tasks))

    async def _one(self, at: float, body: bytes) -> Sent:
        started = time.perf_counter()
        try:
            async with self._session.post(self._url, data=body) as answer:
                await answer.read()
                took, status = time.perf_counter() - started, answer.status
                return Sent(at, took, status, refusal_fault(status, answer.headers.get("Retry-After")))
        except (aiohttp.ClientError, TimeoutError) as error:
            return Sent(at, time.perf_counter() - started, 0, f"no answer ({type(error).__name__})")
        finally:
            self._open -= 1


def refusal_fault(status: int, retry_after: str | None) -> str:
    """What is wrong with an answer: nothing with a refusal that says when to come back."""
    if status in _REFUSED:
        return "" if retry_after else f"{status} without Retry-After"
    return str(status) if status >= 400 else ""


def _is_answer(one: Sent) -> bool:
    return 200 <= one.status < 300
