"""A department that runs this very service takes requests from it."""

import asyncio
from collections.abc import Callable

from serving.forwarding.config import Open311
from serving.forwarding.handover import Handover
from serving.forwarding.open311 import Open311Channel
from serving.forwarding.wording import Writer
from serving.outbound.guarded import guarded_client
from serving.scopes import Scope
from tests.serving.alerts.conftest import Service, keys, model, service, start

__all__ = ["keys", "model", "service", "start"]


def test_a_request_is_filed_once_however_often_it_is_sent(
    service: Service, writer: Callable[[str], Writer], handover: Callable[..., Handover]
) -> None:
    key = service.client_for(Scope.ALERTS).headers["X-API-Key"]
    entry = Open311.model_validate({"url": f"{service.base}/open311/v2", "services": {"proprete": "proprete"}})

    async def send() -> set[str]:
        async with guarded_client({"127.0.0.1"}) as client:
            channel = Open311Channel(entry, key, writer("fr"), client)
            return {await channel.send(handover("Des sacs sur le trottoir")) for _ in range(2)}

    [number] = asyncio.run(send())
    answer = service.client.get(f"/v1/alerts/{number}")
    assert answer.status_code == 200, answer.text
    assert answer.json()["text"].startswith("Des sacs sur le trottoir")
    assert (answer.json()["lat"], answer.json()["address"]) == (47.3216, "12 rue Verte, Dijon")
