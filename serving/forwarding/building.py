"""Makes a forwarder for each department of the file."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import httpx

from serving.desk.languages import read_languages
from serving.forwarding.config import DepartmentEntry
from serving.forwarding.forwarder import Forwarder
from serving.forwarding.handover import Channel, Words
from serving.forwarding.loading import Forwarders, load_forwarders
from serving.forwarding.mail import CheckHost, MailChannel
from serving.forwarding.open311 import Open311Channel
from serving.forwarding.webhook import WebhookChannel
from serving.forwarding.wording import Writer
from serving.outbound.addresses import is_listed, refuse_private, resolve
from serving.outbound.cloud_event import source_of
from serving.outbound.guarded import guarded_client
from serving.storage import StoreDoor
from triage.settings import Settings
from triage.store.base import utc_now
from triage.taxonomy import Taxonomy

# Requests are filed, and webhooks told, in the city's own language.
_LANGUAGE = "fr"


@dataclass(frozen=True, slots=True)
class Channels:
    """Makes channels.

    Attributes:
        forwarders: the file.
        settings: of the service.
        taxonomy: the city's words.
        client: guarded, and shared by all; whoever made it closes it.
        clock: the time that is signed.
    """

    forwarders: Forwarders
    settings: Settings
    taxonomy: Taxonomy
    client: httpx.AsyncClient
    clock: Callable[[], datetime] = utc_now

    def of(self, department: str) -> Channel:
        """The channel of a department that the file has."""
        entry, secrets = self.forwarders.file.departments[department], self.forwarders.secrets
        if entry.webhook:
            url, secret = entry.webhook.url, secrets[entry.webhook.secret_env]
            words = Words(self.taxonomy, _LANGUAGE)
            return WebhookChannel(url, secret, source_of(self.settings), words, self.client, self.clock)
        if entry.open311:
            key = secrets[entry.open311.key_env] if entry.open311.key_env else None
            return Open311Channel(entry.open311, key, self._writer(_LANGUAGE), self.client)
        return self._mail(entry)

    def _mail(self, entry: DepartmentEntry) -> Channel:
        server, mail = self.forwarders.file.mail, entry.email
        assert server is not None and mail is not None  # noqa: S101 - the file was checked
        password = self.forwarders.secrets[server.password_env] if server.password_env else None
        check = guarded_hosts(self.settings.webhook_hosts)
        return MailChannel(server, password, mail.to, self._writer(mail.language), check)

    def _writer(self, language: str) -> Writer:
        return Writer(Words(self.taxonomy, language), read_languages(self.settings.time_zone)[language])


def guarded_hosts(allowed: Collection[str]) -> CheckHost:
    """What looks at the address of a server that is not asked over HTTP."""

    async def check(host: str, port: int) -> None:
        refuse_private(await resolve(host, port), listed=is_listed(host, port, allowed))

    return check


class ForwarderTargets:
    """The forwarders of the settings' file, with what they share.

    Args:
        forwarders: the file.
        settings: of the service.
        taxonomy: the city's words.
        door: to the store.
        clock: the time that is signed.
    """

    def __init__(
        self,
        forwarders: Forwarders,
        settings: Settings,
        taxonomy: Taxonomy,
        door: StoreDoor,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._client = guarded_client(settings.webhook_hosts)
        channels = Channels(forwarders, settings, taxonomy, self._client, clock)
        self._targets = tuple(
            Forwarder(code, entry.channel, channels.of(code), entry.original, taxonomy, door, settings.public_url)
            for code, entry in forwarders.file.departments.items()
        )

    async def __call__(self) -> tuple[Forwarder, ...]:
        """The forwarders, which stay the same while the service runs."""
        return self._targets

    async def close(self) -> None:
        """Close every connection."""
        await self._client.aclose()


def forwarder_targets(
    path: Path, settings: Settings, taxonomy: Taxonomy, door: StoreDoor, clock: Callable[[], datetime]
) -> ForwarderTargets:
    """The forwarders of a file.

    Raises:
        InvalidForwarders: the file cannot be used.
    """
    return ForwarderTargets(load_forwarders(path, taxonomy, settings.webhook_hosts), settings, taxonomy, door, clock)
