"""What an operator may say of a webhook, and whether its receiver answers."""

import base64
import binascii
import re
import secrets
from collections.abc import Collection, Sequence

from serving.alerts.events import KINDS
from serving.outbound.addresses import AddressRefused, checked_url
from serving.outbound.cloud_event import source_of
from serving.outbound.guarded import guarded_client
from serving.outbound.targets import DeliveryFailed
from serving.outbound.webhook import WebhookTarget
from triage.errors import InvalidConfiguration, TriageError
from triage.settings import Settings
from triage.store.base import utc_now
from triage.store.delivery_records import Webhook
from triage.store.errors import UnknownWebhook
from triage.store.records import OutboxEvent

TEST_KIND = "webhook.test"
# More than any city needs; each has a worker and a connection.
MAX_WEBHOOKS = 100
_PREFIX = "whsec_"
_SECRET_BYTES = 32
# As Standard Webhooks has it.
_FEWEST_BYTES, _MOST_BYTES = 24, 64
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")


class WebhookFailed(TriageError):
    """The receiver of a webhook did not take an event."""

    code = "webhook_failed"


def new_secret() -> str:
    """A random secret, as Standard Webhooks writes them."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def checked_secret(secret: str) -> str:
    """The same secret.

    Raises:
        InvalidConfiguration: it is none.
    """
    try:
        size = len(base64.b64decode(secret.removeprefix(_PREFIX), validate=True))
    except (binascii.Error, ValueError):
        size = 0
    if not secret.startswith(_PREFIX) or not _FEWEST_BYTES <= size <= _MOST_BYTES:
        raise InvalidConfiguration(
            f"The secret cannot be used; write {_PREFIX} and {_FEWEST_BYTES} to {_MOST_BYTES} random bytes in base64."
        )
    return secret


def checked_name(name: str) -> str:
    """The same name.

    Raises:
        InvalidConfiguration: it is none.
    """
    if not _NAME.fullmatch(name):
        raise InvalidConfiguration(
            "The name cannot be used; write 1 to 63 of a-z, 0-9, '.', '_' and '-', such as residents-app."
        )
    return name


def checked_kinds(kinds: Collection[str]) -> frozenset[str]:
    """The same kinds.

    Raises:
        InvalidConfiguration: one of them does not exist.
    """
    unknown = sorted(set(kinds) - set(KINDS))
    if unknown:
        raise InvalidConfiguration(f"There is no kind of event '{unknown[0]}'; write one of {', '.join(KINDS)}.")
    return frozenset(kinds)


def refuse_one_more(webhooks: Sequence[Webhook]) -> None:
    """Refuse a webhook where there are as many as are ever asked.

    Raises:
        InvalidConfiguration: so it is.
    """
    if len(webhooks) >= MAX_WEBHOOKS:
        raise InvalidConfiguration(f"There are {MAX_WEBHOOKS} webhooks, and no more are told; remove one first.")


def checked_webhook_url(url: str, allowed: Collection[str]) -> None:
    """Refuse an address that nothing would ever be sent to; whether it is public is checked at each sending.

    Raises:
        InvalidConfiguration: it cannot be used.
    """
    try:
        checked_url(url, allowed)
    except AddressRefused as error:
        raise InvalidConfiguration(f"The address of the webhook cannot be used: {error}.") from None


async def try_webhook(name: str, webhooks: Sequence[Webhook], settings: Settings) -> str:
    """Send an event that tells of nothing, and say in a sentence that it was taken.

    Raises:
        UnknownWebhook: none has the name.
        WebhookFailed: it was not taken; the message says why.
    """
    found = next((webhook for webhook in webhooks if webhook.name == name), None)
    if found is None:
        raise UnknownWebhook(f"There is no webhook named '{name}'; `triage webhook list` names those that exist.")
    event = OutboxEvent(0, secrets.token_hex(16), "test", TEST_KIND, {}, utc_now())
    async with guarded_client(settings.webhook_hosts) as client:
        try:
            await WebhookTarget(found, source_of(settings), client, utc_now).deliver(event)
        except DeliveryFailed as failure:
            raise WebhookFailed(
                f"The receiver of '{name}' did not take the event: {failure.reason}. Check its address with"
                " `triage webhook list`, and that it verifies the signature with the secret of this webhook."
            ) from None
    return f"The receiver of '{name}' took the event."
