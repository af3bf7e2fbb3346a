"""A webhook as a target: the event as a CloudEvent, signed as Standard Webhooks has it."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx
from standardwebhooks import Webhook as Signer

from serving.outbound.cloud_event import MEDIA_TYPE, cloud_event_json
from serving.outbound.targets import DeliveryFailed, Sent
from triage.store.delivery_records import Webhook
from triage.store.records import OutboxEvent

# What a receiver answers says nothing; so much of it is read that the connection can be used again.
MAX_ANSWER_BYTES = 65_536
# Statuses that say something about the receiver or the moment, not about this event.
_OF_THE_RECEIVER = frozenset({401, 403, 404, 405, 407, 408, 410, 421, 425, 426, 429})

logger = logging.getLogger("triage.serving")


@dataclass(frozen=True, slots=True)
class WebhookTarget:
    """Sends each event that the webhook wants.

    Attributes:
        webhook: as it is stored.
        source: who says it, see `cloud_event`.
        client: guarded; it is closed by whoever made it.
        clock: the time that is signed.
    """

    webhook: Webhook
    source: str
    client: httpx.AsyncClient
    clock: Callable[[], datetime]

    @property
    def name(self) -> str:
        """Under which its deliveries are noted."""
        return self.webhook.target

    def wants(self, event: OutboxEvent) -> bool:
        """Whether it is told of events of this kind."""
        return not self.webhook.kinds or event.kind in self.webhook.kinds

    async def deliver(self, event: OutboxEvent) -> Sent:
        """Send it; only an answer of 200 to 299 counts, whatever its body.

        Raises:
            DeliveryFailed: it was not taken, or may not have been.
        """
        if self.webhook.secret is None:
            raise DeliveryFailed("its secret cannot be decrypted; add the webhook anew")
        body = cloud_event_json(event, self.source)
        now = self.clock()
        headers = {
            "Content-Type": MEDIA_TYPE,
            "Accept-Encoding": "identity",
            "User-Agent": "ondijon-triage",
            "webhook-id": event.id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Signer(self.webhook.secret).sign(event.id, now, body),
        }
        try:
            async with self.client.stream("POST", self.webhook.url, content=body.encode(), headers=headers) as answer:
                await _read_some(answer)
        except httpx.UnsupportedProtocol as error:  # the guard's, in words of this project
            raise DeliveryFailed(f"not sent: {error}") from None
        except httpx.TimeoutException:
            raise DeliveryFailed("no answer in time") from None
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise DeliveryFailed(f"no connection ({type(error).__name__})") from None
        if not answer.is_success:
            raise _refused(answer, now)
        return Sent()


async def _read_some(answer: httpx.Response) -> None:
    read = 0
    async for chunk in answer.aiter_raw():
        read += len(chunk)
        if read > MAX_ANSWER_BYTES:
            return


def _refused(answer: httpx.Response, now: datetime) -> DeliveryFailed:
    status = answer.status_code
    reason = (
        f"answered {status}, a redirect, which is not followed"
        if answer.has_redirect_location
        else (f"answered {status}")
    )
    of_event = 400 <= status < 500 and status not in _OF_THE_RECEIVER
    return DeliveryFailed(reason, retry_after_s=retry_after(answer.headers.get("retry-after"), now), of_event=of_event)


def retry_after(value: str | None, now: datetime) -> float | None:
    """The seconds that a header `Retry-After` asks to wait, as a number or a date; None where it says nothing."""
    text = (value or "").strip()
    if text.isascii() and text.isdigit() and len(text) < 10:
        return float(text)
    try:
        at = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max((at - now).total_seconds(), 0.0)
