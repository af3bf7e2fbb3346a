"""POST requests to departments: bounded in time and size, never redirected, and failures in a few words."""

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import httpx

from serving.forwarding import reasons
from serving.outbound.targets import DeliveryFailed
from serving.outbound.webhook import retry_after

# Less than the deliverer lets an attempt last.
TIMEOUT_S = 10.0
# Answers that say that the same request will never be taken.
_NEVER = frozenset({400, 413, 422})
_MOST_BYTES = 65_536
_MOST_CHARACTERS = 200


async def post(
    client: httpx.AsyncClient,
    url: str,
    body: Mapping[str, str] | bytes,
    headers: Mapping[str, str],
    timeout_s: float = TIMEOUT_S,
) -> bytes:
    """The body of a good answer, as far as it goes.

    Args:
        client: asks; it follows no redirect and reaches no address that may not be reached.
        url: where to.
        body: a form, or bytes as they are.
        headers: of the request.
        timeout_s: longest time for the whole answer.

    Raises:
        DeliveryFailed: the other side did not take it, or may not have.
    """
    sent: dict[str, Any] = {"content": body} if isinstance(body, bytes) else {"data": dict(body)}
    try:
        async with (
            asyncio.timeout(timeout_s),
            client.stream("POST", url, headers=dict(headers), follow_redirects=False, **sent) as answer,
        ):
            if not answer.is_success:
                raise _refused(answer)
            content = bytearray()
            async for chunk in answer.aiter_bytes():
                content += chunk
                if len(content) > _MOST_BYTES:
                    break
            return bytes(content[:_MOST_BYTES])
    except (TimeoutError, httpx.TimeoutException):
        raise DeliveryFailed(reasons.NO_ANSWER) from None
    except httpx.UnsupportedProtocol as error:  # the guard's, in words of this project
        raise DeliveryFailed(str(error)) from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise DeliveryFailed(reasons.UNREACHABLE % {"kind": type(error).__name__}) from None


def as_json(content: bytes) -> Any:
    """What an answer says in JSON; None where it is none."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def as_reference(value: Any) -> str | None:
    """What the other side calls an alert; None where that is no word to remember."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    good = isinstance(value, str) and 0 < len(value) <= _MOST_CHARACTERS and value.isprintable()
    return value.strip() or None if good else None


def _refused(answer: httpx.Response) -> DeliveryFailed:
    if answer.has_redirect_location:
        return DeliveryFailed(reasons.REDIRECTS % {"status": answer.status_code})
    return DeliveryFailed(
        reasons.ANSWERS % {"status": answer.status_code},
        retry_after_s=retry_after(answer.headers.get("Retry-After"), datetime.now(UTC)),
        permanent=answer.status_code in _NEVER,
    )
