"""One request and its repeats, as steps that a client takes: the sync and the async client share them."""

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Generic, TypeVar

import httpx

from ondijon_triage_client.errors import ServiceUnreachable
from ondijon_triage_client.retrying import Outcome, RetryPolicy, is_passing

Answer = TypeVar("Answer")
Files = tuple[tuple[str, tuple[str, bytes, str]], ...]


@dataclass(frozen=True, slots=True)
class Call(Generic[Answer]):
    """A request, ready to be sent as often as needed.

    Attributes:
        method: of HTTP.
        path: from the service's address on.
        read: makes the typed answer from one of success; raises for others.
        params: the query.
        headers: beside those of every request.
        content: the body in JSON.
        files: the body as multipart, in its place.
        repeatable: whether doing it twice is the same as doing it once.
        is_long: whether the answer may take as long as the whole time budget.
    """

    method: str
    path: str
    read: Callable[[httpx.Response], Answer]
    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes | None = None
    files: Files | None = None
    repeatable: bool = True
    is_long: bool = False

    def request(self, timeout_s: float) -> dict[str, Any]:
        """The arguments of `request` of httpx's clients."""
        return {
            "method": self.method,
            "url": self.path,
            "params": dict(self.params),
            "headers": dict(self.headers),
            "content": self.content,
            "files": self.files,
            "timeout": timeout_s,
        }


@dataclass(frozen=True, slots=True)
class Send:
    """Send the request now; what becomes of it is told in return."""

    timeout_s: float


@dataclass(frozen=True, slots=True)
class Wait:
    """Wait, then go on."""

    seconds: float


Steps = Generator[Send | Wait, Outcome | None, httpx.Response]


def exchange(
    call: Call[Any], policy: RetryPolicy, timeout_s: float, clock: Callable[[], float], draw: Callable[[], float]
) -> Steps:
    """The steps of a call, up to the answer that counts, which may be one of failure.

    Args:
        call: what is asked for.
        policy: how patient to be.
        timeout_s: longest silence of the service in one attempt.
        clock: seconds from any point in time.
        draw: gives a number from 0 to 1.

    Raises:
        ServiceUnreachable: no answer came.
    """
    began = clock()
    for attempt in count(1):
        left = max(policy.budget_s - (clock() - began), 1.0)
        outcome = yield Send(left if call.is_long else min(timeout_s, left))
        assert outcome is not None  # noqa: S101 - for the type checker; an attempt has an outcome
        wait = None
        if is_passing(outcome, repeatable=call.repeatable):
            wait = policy.wait_s(outcome, attempt, clock() - began, draw)
        if wait is not None:
            yield Wait(wait)
        elif isinstance(outcome, httpx.Response):
            return outcome
        else:
            raise unreachable(call.method, call.path, attempt, outcome, repeatable=call.repeatable) from outcome
    raise AssertionError  # the count has no end


def unreachable(
    method: str, path: str, attempts: int, error: Exception, *, repeatable: bool = True
) -> ServiceUnreachable:
    """The error of a request that nobody answered."""
    advice = "Send the same again later: a repeat is harmless." if repeatable else "Look first whether it was done."
    return ServiceUnreachable(
        f"{method} {path} got no answer in {attempts} attempts ({type(error).__name__}: {error})."
        f" Check that the service runs at base_url. {advice}"
    )
