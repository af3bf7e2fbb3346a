"""When a request is repeated, and after how long: pure functions, shared by both clients."""

from collections.abc import Callable
from dataclasses import dataclass

import httpx

from ondijon_triage_client.errors import retry_after_s

# No byte of the request has left: to send it is no repeat.
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
# What lies with this side is the same again.
_NEVER_REPEATED = (httpx.UnsupportedProtocol, httpx.LocalProtocolError)
_TOO_MANY, _UNAVAILABLE = 429, 503

Outcome = httpx.Response | httpx.TransportError


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How patient a client is.

    Attributes:
        attempts: most times that one request is sent.
        first_wait_s: upper end of the first wait; each further one is twice as high. The wait is drawn between
            nothing and it ("full jitter"), so that clients which failed together do not come back together.
        longest_wait_s: where that doubling ends.
        budget_s: seconds from the first attempt on, after which no further one begins.
    """

    attempts: int = 8
    first_wait_s: float = 0.25
    longest_wait_s: float = 15.0
    budget_s: float = 120.0

    def jittered(self, attempt: int, draw: Callable[[], float]) -> float:
        """Seconds to wait after an attempt, counted from one; `draw` gives a number from 0 to 1."""
        highest = min(self.longest_wait_s, self.first_wait_s * 2.0 ** min(attempt - 1, 60))
        return highest * draw()

    def wait_s(self, outcome: Outcome, attempt: int, spent_s: float, draw: Callable[[], float]) -> float | None:
        """Seconds until the next attempt; None where attempts or time are used up.

        Args:
            outcome: what became of the attempt; an answer's Retry-After is waited out, and the jitter comes on top.
            attempt: its number, counted from one.
            spent_s: seconds since the first attempt began.
            draw: gives a number from 0 to 1.
        """
        asked = retry_after_s(outcome) if isinstance(outcome, httpx.Response) else None
        wait = (asked or 0.0) + self.jittered(attempt, draw)
        is_over = attempt >= self.attempts or spent_s + wait >= self.budget_s
        return None if is_over else wait


def is_passing(outcome: Outcome, *, repeatable: bool) -> bool:
    """Whether the same request may be sent again, and may then succeed.

    Args:
        outcome: what became of it.
        repeatable: whether doing it twice is the same as doing it once. Where it is not, only what certainly was not
            done is sent again: no connection came about, or the service refused before it began (429).
    """
    if isinstance(outcome, httpx.Response):
        return outcome.status_code == _TOO_MANY or (repeatable and outcome.status_code == _UNAVAILABLE)
    if isinstance(outcome, _NEVER_REPEATED):
        return False
    return repeatable or isinstance(outcome, _NEVER_SENT)
