"""What the README shows to receivers, run on a request that was really sent."""

import asyncio
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from serving.outbound.registering import new_secret
from serving.outbound.webhook import WebhookTarget
from tests.faults.receivers import Got, receiver
from triage.settings import PROJECT_ROOT
from triage.store.delivery_records import Webhook
from triage.store.records import OutboxEvent

SECRET = new_secret()
Verify = Callable[[bytes, dict[str, str], str], dict[str, Any]]


@pytest.fixture(scope="module")
def verify() -> Verify:
    text = (PROJECT_ROOT / "serving" / "outbound" / "README.md").read_text(encoding="utf-8")
    [code] = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102 - the README's own words
    found: Verify = names["verified_event"]
    return found


def sent(at: datetime) -> Got:
    """A request as a receiver gets it."""
    event = OutboxEvent(7, "e7", "lampe/é", "alert.closed", {"note": "réparé"}, at)

    async def story(url: str) -> None:
        async with httpx.AsyncClient(trust_env=False) as client:
            webhook = Webhook("app", url, (), SECRET, at)
            await WebhookTarget(webhook, "urn:ondijon:triage", client, lambda: at).deliver(event)

    with receiver() as hook:
        asyncio.run(story(hook.url))
        return hook.got[0]


def test_the_receiver_of_the_readme_takes_what_is_sent_and_nothing_else(verify: Verify) -> None:
    got = sent(datetime.now(UTC))
    headers = dict(got.headers)
    assert verify(got.body, headers, SECRET)["data"] == {"note": "réparé"}
    rotated = headers | {"webhook-signature": f"v1,AAAA {headers['webhook-signature']}"}
    assert verify(got.body, rotated, SECRET)["subject"] == "lampe/é"
    for body, changed, secret in (
        (got.body + b" ", headers, SECRET),
        (got.body, headers | {"webhook-id": "e8"}, SECRET),
        (got.body, headers, new_secret()),
    ):
        with pytest.raises(ValueError, match="not signed with this secret"):
            verify(body, changed, secret)


def test_the_receiver_of_the_readme_refuses_what_is_old(verify: Verify) -> None:
    got = sent(datetime.now(UTC) - timedelta(minutes=6))
    with pytest.raises(ValueError, match="too old"):
        verify(got.body, dict(got.headers), SECRET)
