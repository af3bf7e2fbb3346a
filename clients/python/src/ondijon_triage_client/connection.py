"""What both clients are made with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from ondijon_triage_client.calls import headers_of
from ondijon_triage_client.retrying import RetryPolicy

LOCAL = "http://127.0.0.1:3000"


@dataclass(frozen=True, slots=True)
class Connection:
    """Where the service is, and how patient its client is.

    Attributes:
        base_url: the service's address.
        timeout_s: longest silence of the service in one attempt.
        retry: when and how often a request is repeated.
        headers: those of every request; they hold the key, so they are shown nowhere.
    """

    base_url: str
    timeout_s: float
    retry: RetryPolicy
    headers: Mapping[str, str] = field(repr=False)

    def options(self) -> dict[str, Any]:
        """The arguments of httpx's clients. A redirect is never followed: it would carry the key elsewhere."""
        return {"base_url": self.base_url, "headers": dict(self.headers), "follow_redirects": False}


def connection(base_url: str, key: str | None, timeout_s: float, retry: RetryPolicy | None) -> Connection:
    """What a client is made with.

    Raises:
        ValueError: `base_url` is no address.
        MissingKey: there is no key.
    """
    address = httpx.URL(base_url)
    if address.scheme not in {"http", "https"} or not address.host:
        raise ValueError(f"base_url must be an address such as {LOCAL}.")
    return Connection(base_url, timeout_s, retry or RetryPolicy(), headers_of(key))
