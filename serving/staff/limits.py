"""How often somebody may try to sign in: by name, and by address."""

import ipaddress
import time
import zlib
from collections.abc import Callable

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

WINDOW_MINUTES = 15
PER_NAME = RateLimitItemPerMinute(10, WINDOW_MINUTES)
# A whole office may come from one address.
PER_ADDRESS = RateLimitItemPerMinute(100, WINDOW_MINUTES)
_REPORTS = RateLimitItemPerMinute(1, WINDOW_MINUTES)
# Names and addresses share so many counters: strangers can make up any number of them, memory holds no more.
_COUNTERS = 65_536
_CLOCK_SLACK_S = 60.0
_IPV6_NETWORK = 64


class SignInLimits:
    """Counts attempts, right ones too: checks of many passwords at once cannot slip through before the first fails.

    Args:
        wall: the clock that the counters go by.
        steady: a clock that nobody can set, by which a change of the other is noticed.
    """

    def __init__(self, wall: Callable[[], float] = time.time, steady: Callable[[], float] = time.monotonic) -> None:
        self._storage = MemoryStorage()
        self._limiter = MovingWindowRateLimiter(self._storage)
        self._wall = wall
        self._steady = steady
        self._offset = wall() - steady()

    def admit(self, name: str, address: str, device: str | None = None) -> bool:
        """Count an attempt; whether it may go on.

        Args:
            name: that was typed.
            address: from which the attempt comes.
            device: the mark of a browser in which the owner of the name has signed in before: it has a counter of its
                own, so that nobody can lock the owner out by guessing from elsewhere.
        """
        self._forget_after_a_clock_set_back()
        if device is not None:
            return self._hit(PER_NAME, "device", device)
        # Both are counted, whichever refuses.
        results = [self._hit(PER_ADDRESS, "address", network_of(address)), self._hit(PER_NAME, "name", name)]
        return all(results)

    def first_refusal(self, name: str, address: str) -> bool:
        """Whether a refusal is the first in a while, and so worth an entry in a log."""
        return self._hit(_REPORTS, "report", f"{name} {network_of(address)}")

    def forgive(self, name: str, device: str | None = None) -> None:
        """Forget the attempts for a name: its owner has signed in. Those of others stay where a device was known."""
        kind, what = ("name", name) if device is None else ("device", device)
        self._limiter.clear(PER_NAME, kind, _counter(what))

    def _hit(self, limit: RateLimitItem, kind: str, what: str) -> bool:
        return self._limiter.hit(limit, kind, _counter(what))

    def _forget_after_a_clock_set_back(self) -> None:
        # Attempts would lie in the future, and go on to count until it comes.
        offset = self._wall() - self._steady()
        if offset < self._offset - _CLOCK_SLACK_S:
            self._storage.reset()
        self._offset = offset


def network_of(address: str) -> str:
    """What one person can be taken to have: an IPv4 address, or a network of IPv6 addresses."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((int(parsed), _IPV6_NETWORK), strict=False))
    return str(parsed)


def _counter(what: str) -> str:
    return str(zlib.crc32(what.encode("utf-8", "replace")) % _COUNTERS)
