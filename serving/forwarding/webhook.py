"""A department with a webhook: the whole handover in JSON, as a CloudEvent, signed as Standard Webhooks has it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import httpx
from standardwebhooks import Webhook as Signer

from serving.forwarding.handover import Handover, Words, document
from serving.forwarding.http import TIMEOUT_S, as_json, as_reference, post
from serving.outbound.cloud_event import MEDIA_TYPE, cloud_event_json
from triage.store.records import OutboxEvent

KIND = "alert.handed_over"


@dataclass(frozen=True, slots=True)
class WebhookChannel:
    """Posts handovers. Whatever the department answers with 200 to 299 counts.

    Attributes:
        url: where to.
        secret: signs; `whsec_` and base64.
        source: who says it, see `cloud_event`.
        words: what the city calls codes.
        client: asks; see `http.post`.
        clock: the time that is signed.
        timeout_s: longest time for an answer.
    """

    url: str
    secret: str = field(repr=False)
    source: str
    words: Words
    client: httpx.AsyncClient
    clock: Callable[[], datetime]
    timeout_s: float = TIMEOUT_S

    async def send(self, handover: Handover) -> str | None:
        """Post it; the `reference` of the answer, where that is JSON and has one.

        Raises:
            DeliveryFailed: the department did not take it, or may not have.
        """
        told = OutboxEvent(
            seq=0,
            id=handover.id,
            alert_id=handover.alert.id,
            kind=KIND,
            body=document(handover, self.words),
            created_at=handover.at,
        )
        body, now = cloud_event_json(told, self.source), self.clock()
        headers = {
            "Content-Type": MEDIA_TYPE,
            "Accept": "application/json",
            "User-Agent": "ondijon-triage",
            "webhook-id": handover.id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Signer(self.secret).sign(handover.id, now, body),
        }
        answer = as_json(await post(self.client, self.url, body.encode(), headers, self.timeout_s))
        return as_reference(answer.get("reference")) if isinstance(answer, dict) else None
