"""The webhooks of the store as targets, as they come and go."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from datetime import datetime

import httpx

from serving.outbound.guarded import guarded_client
from serving.outbound.targets import Target
from serving.outbound.webhook import WebhookTarget
from serving.storage import StoreDoor, Work
from triage.store.delivery_records import Webhook


class WebhookTargets:
    """Names the webhooks of the moment; one that has not changed stays the same target, with its connections.

    Args:
        door: to the store.
        source: who says what is sent.
        allowed: hosts that may be private.
        clock: the time that is signed.
        new_client: makes a guarded client.
    """

    def __init__(
        self,
        door: StoreDoor,
        source: str,
        allowed: Collection[str],
        clock: Callable[[], datetime],
        new_client: Callable[[Collection[str]], httpx.AsyncClient] = guarded_client,
    ) -> None:
        self._door = door
        self._source = source
        self._allowed = allowed
        self._clock = clock
        self._new_client = new_client
        self._targets: dict[Webhook, WebhookTarget] = {}

    async def __call__(self) -> Sequence[Target]:
        """The targets.

        Raises:
            Problem: the store cannot be read.
        """
        stored = await self._door.run(Work.READ, lambda store: store.webhooks())
        for gone in self._targets.keys() - set(stored):
            await self._targets.pop(gone).client.aclose()
        for webhook in stored:
            if webhook not in self._targets:
                client = await asyncio.to_thread(self._new_client, self._allowed)  # it reads certificates
                self._targets[webhook] = WebhookTarget(webhook, self._source, client, self._clock)
        return [self._targets[webhook] for webhook in stored]

    async def close(self) -> None:
        """Close every connection."""
        while self._targets:
            _, target = self._targets.popitem()
            await target.client.aclose()
