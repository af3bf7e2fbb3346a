"""Webhooks: addresses that events are sent to, each with a secret that signs what is sent."""

from collections.abc import Collection

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.engine import Connection

from triage.store.base import StoreBase
from triage.store.deliveries import add_target
from triage.store.delivery_records import Webhook
from triage.store.delivery_tables import delivery_targets, webhooks
from triage.store.errors import OriginalUnreadable, UnknownWebhook, WebhookTaken
from triage.store.personal import PersonalKeys


class Webhooks(StoreBase):
    """Who is told of events. Every method raises StoreFailed where the database cannot be read or written."""

    def add_webhook(self, name: str, url: str, kinds: Collection[str], secret: str) -> Webhook:
        """Begin to send events to an address, from the next one on.

        Args:
            name: what operators call it.
            url: where to.
            kinds: the kinds that it is told of; none means all.
            secret: `whsec_` and base64; stored encrypted.

        Raises:
            WebhookTaken: another one has the name.
            OriginalUnreadable: the store was opened without keys.
        """
        webhook = Webhook(name, url, tuple(sorted(kinds)), secret, self._clock())
        token = self._keys_for_secrets().encrypt(webhook.target, secret)
        values = {"name": name, "url": url, "kinds": list(webhook.kinds), "created_at": webhook.created_at}
        with self._database.writing("add a webhook") as connection:
            if connection.execute(select(webhooks.c.name).where(webhooks.c.name == name)).first():
                raise WebhookTaken(f"A webhook named '{name}' exists already; choose another name, or remove that one.")
            connection.execute(insert(webhooks).values(values | {"secret": token}))
            add_target(connection, webhook.target)
        return webhook

    def webhooks(self) -> tuple[Webhook, ...]:
        """Every webhook, by name; a secret that no key at hand decrypts is None."""
        with self._database.reading("read webhooks") as connection:
            rows = connection.execute(select(webhooks).order_by(webhooks.c.name)).all()
        return tuple(map(self._as_webhook, rows))

    def remove_webhook(self, name: str) -> None:
        """Send nothing more to an address, and forget what it has not taken.

        Raises:
            UnknownWebhook: none has the name.
        """
        with self._database.writing("remove a webhook") as connection:
            if not connection.execute(delete(webhooks).where(webhooks.c.name == name)).rowcount:
                raise UnknownWebhook(
                    f"There is no webhook named '{name}'; `triage webhook list` names those that exist."
                )
            target = Webhook(name, "", (), None, self._clock()).target
            connection.execute(delete(delivery_targets).where(delivery_targets.c.name == target))

    def _as_webhook(self, row: Row[tuple[object, ...]]) -> Webhook:
        webhook = Webhook(row.name, row.url, tuple(row.kinds), None, row.created_at)
        try:
            secret = self._keys_for_secrets().decrypt(webhook.target, row.secret)
        except OriginalUnreadable:
            return webhook
        return Webhook(webhook.name, webhook.url, webhook.kinds, secret, webhook.created_at)

    def _keys_for_secrets(self) -> PersonalKeys:
        if self._keys is None:
            raise OriginalUnreadable("Secrets of webhooks are encrypted, and this store was opened without keys.")
        return self._keys


def renew_secrets(connection: Connection, keys: PersonalKeys) -> None:
    """Encrypt every secret with the first key, after which the others may go.

    Raises:
        OriginalUnreadable: a secret was stored with a key that is not here.
    """
    for name, token in connection.execute(select(webhooks.c.name, webhooks.c.secret)).all():
        connection.execute(update(webhooks).where(webhooks.c.name == name).values(secret=keys.renew(token)))
