"""What a webhook is told, what its answers mean, and what operators may say of it."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from serving.outbound.registering import (
    MAX_WEBHOOKS,
    checked_kinds,
    checked_name,
    checked_secret,
    checked_webhook_url,
    new_secret,
    refuse_one_more,
)
from serving.outbound.targets import DeliveryFailed
from serving.outbound.webhook import WebhookTarget, retry_after
from tests.faults.receivers import Receiver, Says, receiver
from triage.errors import InvalidConfiguration
from triage.store.delivery_records import Webhook
from triage.store.records import OutboxEvent

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
EVENT = OutboxEvent(7, "e7", "lampe/é", "alert.closed", {"note": "réparé"}, NOON)


def failures(answers: Sequence[Says], secret: str | None) -> list[DeliveryFailed]:
    """How deliveries failed that were answered so, one after the other."""
    found: list[DeliveryFailed] = []

    async def story(hook: Receiver) -> None:
        async with httpx.AsyncClient(trust_env=False) as client:
            target = WebhookTarget(
                Webhook("app", hook.url, (), secret, NOON), "urn:ondijon:triage", client, lambda: NOON
            )
            for answer in answers:
                hook.answer = lambda _, answer=answer: answer  # type: ignore[misc]
                with pytest.raises(DeliveryFailed) as caught:
                    await target.deliver(EVENT)
                found.append(caught.value)

    with receiver() as hook:
        asyncio.run(story(hook))
        assert len(hook.got) == (len(answers) if secret else 0)
    return found


def test_an_answer_about_the_event_blames_the_event() -> None:
    statuses = (400, 406, 409, 413, 415, 422)
    found = failures([Says(status) for status in statuses], new_secret())
    assert [failure.reason for failure in found] == [f"answered {status}" for status in statuses]
    assert all(failure.of_event and not failure.permanent for failure in found)


def test_any_other_answer_blames_the_receiver() -> None:
    statuses = (301, 302, 401, 403, 404, 410, 429, 500, 502, 503)
    elsewhere = {"Location": "https://elsewhere.example/"}
    found = failures([Says(status, elsewhere) for status in statuses], new_secret())
    assert [failure.reason.split(",")[0] for failure in found] == [f"answered {status}" for status in statuses]
    assert not any(failure.of_event for failure in found)
    assert {failure.retry_after_s for failure in found} == {None}


def test_what_the_receiver_asks_to_wait_is_heard() -> None:
    [failure] = failures([Says(503, {"Retry-After": "90"})], new_secret())
    assert failure.retry_after_s == 90


def test_a_secret_that_cannot_be_decrypted_says_so_and_sends_nothing() -> None:
    [failure] = failures([Says(200)], None)
    assert "secret cannot be decrypted" in failure.reason


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        *((None, None), ("", None), ("soon", None), ("-5", None), ("1e9", None), ("9" * 40, None), ("²", None)),
        *(("0", 0.0), ("120", 120.0), (" 7 ", 7.0)),
        ("Mon, 01 Jun 2026 12:02:00 GMT", 120.0),
        ("Mon, 01 Jun 2026 11:00:00 GMT", 0.0),
        ("Mon, 01 Jun 2026 12:02:00 -0000", 120.0),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: str | None, seconds: float | None) -> None:
    assert retry_after(value, NOON) == seconds


def test_a_webhook_hears_of_its_kinds_or_of_all() -> None:
    client: Any = None
    some = WebhookTarget(Webhook("a", "", ("alert.closed",), None, NOON), "", client, lambda: NOON)
    every = WebhookTarget(Webhook("b", "", (), None, NOON), "", client, lambda: NOON)
    other = OutboxEvent(8, "e8", "a", "alert.of_a_later_version", {}, NOON)
    assert [some.wants(EVENT), some.wants(other), every.wants(EVENT), every.wants(other)] == [True, False, True, True]
    assert (some.name, every.name) == ("webhook:a", "webhook:b")


def test_secrets_are_long_random_and_of_the_usual_form() -> None:
    made = {new_secret() for _ in range(50)}
    assert len(made) == 50
    assert all(checked_secret(secret) == secret for secret in made)


@pytest.mark.parametrize(
    "secret", ["", "whsec_", "whsec_c2hvcnQ=", "whsec_!" + "a" * 44, "a" * 44, "whsec_" + "A" * 200]
)
def test_a_weak_or_foreign_secret_is_refused_without_repeating_it(secret: str) -> None:
    with pytest.raises(InvalidConfiguration) as caught:
        checked_secret(secret)
    assert len(secret) < 10 or secret not in caught.value.message


def test_there_are_only_so_many_webhooks() -> None:
    webhook = Webhook("app", "https://app.example/h", (), None, NOON)
    refuse_one_more([webhook] * (MAX_WEBHOOKS - 1))
    with pytest.raises(InvalidConfiguration, match="remove one"):
        refuse_one_more([webhook] * MAX_WEBHOOKS)


def test_names_kinds_and_addresses_are_checked() -> None:
    assert checked_name("residents-app.2") == "residents-app.2"
    assert checked_kinds(["alert.closed"]) == {"alert.closed"}
    checked_webhook_url("https://app.example/h", ())
    for name in ("", "Two Words", "-a", "a" * 64, "a/b"):
        with pytest.raises(InvalidConfiguration, match="residents-app"):
            checked_name(name)
    with pytest.raises(InvalidConfiguration, match=r"alert\.colsed"):
        checked_kinds(["alert.colsed"])
    with pytest.raises(InvalidConfiguration, match="not https"):
        checked_webhook_url("http://app.example/h", ())
