"""How much one key may ask for: so many requests a minute, and so many at the same time."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from math import ceil

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from starlette.types import ASGIApp, Receive, Scope, Send

from serving.keys import StoredKey
from serving.problems import Problem
from serving.runtime import Runtime

# What waits for another request of the same key to end is soon over.
_BUSY_RETRY_S = 1


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a key may ask for where nothing else was said when it was made."""

    per_minute: int
    at_once: int


class KeyLimits:
    """Counts the requests of known keys in one process; memory grows with the number of keys alone.

    Args:
        usual: the allowance of keys that have none of their own.
    """

    def __init__(self, usual: Allowance) -> None:
        self._usual = usual
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._open: Counter[str] = Counter()

    @contextmanager
    def admitted(self, key: StoredKey) -> Iterator[None]:
        """Count a request for as long as it is answered.

        Raises:
            Problem: 429 with `Retry-After`; a request that is refused for its company does not count for its minute.
        """
        allowance = self.allowance(key)
        if self._open[key.name] >= allowance.at_once:
            detail = f"This key has {allowance.at_once} requests under way; wait until one of them is answered."
            raise _refusal("too_many_at_once", detail, _BUSY_RETRY_S)
        self._count(key.name, allowance.per_minute)
        self._open[key.name] += 1
        try:
            yield
        finally:
            self._open[key.name] -= 1
            if not self._open[key.name]:
                del self._open[key.name]

    def allowance(self, key: StoredKey) -> Allowance:
        """What the key may ask for."""
        return Allowance(key.per_minute or self._usual.per_minute, key.at_once or self._usual.at_once)

    def _count(self, name: str, per_minute: int) -> None:
        item = RateLimitItemPerMinute(per_minute)
        if not self._limiter.hit(item, name):
            wait = self._limiter.get_window_stats(item, name).reset_time - time.time()
            detail = (
                f"This key may send {per_minute} requests a minute; send fewer, or ask for a key that may send more."
            )
            raise _refusal("rate_limited", detail, max(1, ceil(wait)))


class KeyLimitMiddleware:
    """Refuses what goes beyond the allowance of a key, before the body is read."""

    def __init__(self, app: ASGIApp, runtime: Runtime) -> None:
        settings = runtime.settings
        self._app = app
        self._limits = KeyLimits(Allowance(settings.key_requests_per_minute, settings.key_requests_at_once))
        self._refused = runtime.metrics.requests_refused

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count the request, if a key brought it."""
        key: StoredKey | None = scope.get("state", {}).get("stored_key")
        if key is None:
            await self._app(scope, receive, send)
            return
        with ExitStack() as stack:
            try:
                stack.enter_context(self._limits.admitted(key))
            except Problem as problem:
                self._refused.labels(problem.code).inc()
                raise
            await self._app(scope, receive, send)


def _refusal(code: str, detail: str, retry_after_s: int) -> Problem:
    return Problem(429, code, detail, headers={"Retry-After": str(retry_after_s)})
