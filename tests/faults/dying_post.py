"""A process that sends one event to a webhook and is killed before it can note it; its key comes on stdin."""

import os
import signal
import sys
from collections.abc import Awaitable
from dataclasses import dataclass

from serving.outbound.targets import Sent, Target
from tests.faults.simulated import post_office, run
from triage.store.personal import PersonalKeys
from triage.store.records import OutboxEvent


@dataclass(frozen=True)
class _DiesAfterSending:
    inner: Target

    @property
    def name(self) -> str:
        return self.inner.name

    def wants(self, event: OutboxEvent) -> bool:
        return self.inner.wants(event)

    async def deliver(self, event: OutboxEvent) -> Sent:
        await self.inner.deliver(event)
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError("unreachable")


async def send(url: str, hook: str, key: str) -> None:
    """Send what is due."""
    async with post_office(url, hook, PersonalKeys([key]), wrap=_DiesAfterSending) as post:
        await post.send()


if __name__ == "__main__":
    work: Awaitable[None] = send(*sys.argv[1:3], sys.stdin.read().strip())
    run(work)
