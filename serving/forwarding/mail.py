"""A department that reads mail: plain text over STARTTLS or TLS."""

import asyncio
import contextlib
import smtplib
import ssl
from collections.abc import Awaitable, Callable, Sequence
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from email.utils import format_datetime

from serving.forwarding import reasons
from serving.forwarding.config import MailServer
from serving.forwarding.handover import Handover
from serving.forwarding.wording import Writer
from serving.outbound.addresses import AddressRefused
from serving.outbound.targets import DeliveryFailed

# For each answer of the server, of which there are about ten; many let strangers wait on purpose.
TIMEOUT_S = 10.0
# Answers from here on say that the same mail will never be taken.
_NEVER = 500

# Raises AddressRefused where a server is at an address that may not be reached.
CheckHost = Callable[[str, int], Awaitable[None]]


class MailChannel:
    """Sends each alert as a mail.

    Args:
        server: takes the mail.
        password: of its user; None where it asks for none.
        to: who reads it.
        writer: writes it.
        check_host: looks at the server's address.
        timeout_s: longest time for each answer of the server.
    """

    def __init__(
        self,
        server: MailServer,
        password: str | None,
        to: Sequence[str],
        writer: Writer,
        check_host: CheckHost,
        *,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        self._server = server
        self._password = password
        self._to = tuple(to)
        self._writer = writer
        self._check_host = check_host
        self._timeout_s = timeout_s
        self._sending: dict[str, asyncio.Task[str]] = {}

    async def send(self, handover: Handover) -> str:
        """Send a mail; its Message-ID, by which answers and later mails refer to it.

        Raises:
            DeliveryFailed: the server did not take it for every reader.
        """
        # A slow server may take longer than one attempt lasts: the next one waits for this mail and sends no other.
        sending = self._sending.get(handover.id)
        if sending is None:
            await self._check()
            sending = asyncio.create_task(asyncio.to_thread(self._deliver, self._message(handover)))
            sending.add_done_callback(_look_at)
            self._sending[handover.id] = sending
        try:
            return await asyncio.shield(sending)
        finally:
            if sending.done():
                self._sending.pop(handover.id, None)

    async def _check(self) -> None:
        try:
            await self._check_host(self._server.host, self._server.port)
        except AddressRefused as error:
            raise DeliveryFailed(str(error)) from None

    def _message(self, handover: Handover) -> EmailMessage:
        message = EmailMessage(policy=WIRE)
        message["From"] = self._server.sender
        message["To"] = ", ".join(self._to)
        message["Subject"] = self._writer.subject(handover)
        message["Date"] = format_datetime(handover.at)
        message["Message-ID"] = f"<{handover.id}@{self._domain}>"
        message["Auto-Submitted"] = "auto-generated"
        answered = handover.known_as or (handover.earlier.reference if handover.earlier else None)
        if _is_message_id(answered):
            message["In-Reply-To"] = message["References"] = answered
        message.set_content(self._writer.body(handover))
        return message

    def _deliver(self, message: EmailMessage) -> str:
        try:
            with contextlib.closing(self._connected()) as connection:
                if self._server.user is not None and self._password is not None:
                    connection.login(self._server.user, self._password)
                refused = connection.send_message(message, self._server.sender, self._to)
                # The mail is taken: whatever goes wrong with the farewell changes nothing.
                with contextlib.suppress(smtplib.SMTPException, OSError):
                    connection.quit()
        except smtplib.SMTPException as error:
            raise _failed(error) from None  # what the server says may hold addresses
        except ssl.SSLError:
            raise DeliveryFailed(reasons.MAIL_UNTRUSTED) from None
        except TimeoutError:
            raise DeliveryFailed(reasons.MAIL_NO_ANSWER) from None
        except OSError as error:
            raise DeliveryFailed(reasons.MAIL_UNREACHABLE % {"kind": type(error).__name__}) from None
        if refused:
            raise DeliveryFailed(
                reasons.MAIL_SOME_READERS % {"refused": len(refused), "readers": len(self._to)}, permanent=True
            )
        return str(message["Message-ID"])

    def _connected(self) -> smtplib.SMTP:
        server = self._server
        trusted = ssl.create_default_context(cafile=server.authority)
        if server.security == "tls":
            return smtplib.SMTP_SSL(server.host, server.port, self._domain, timeout=self._timeout_s, context=trusted)
        connection = smtplib.SMTP(server.host, server.port, self._domain, timeout=self._timeout_s)
        if server.security == "starttls":
            try:
                connection.starttls(context=trusted)
            except BaseException:
                connection.close()
                raise
        return connection

    @property
    def _domain(self) -> str:
        return self._server.sender.rpartition("@")[2]


def _look_at(task: asyncio.Task[str]) -> None:
    """Nobody may be there any more to hear of a failure."""
    if not task.cancelled():
        task.exception()


def _is_message_id(reference: str | None) -> bool:
    return reference is not None and reference.startswith("<") and reference.endswith(">") and "@" in reference


def _failed(error: smtplib.SMTPException) -> DeliveryFailed:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _ in error.recipients.values()]
        return DeliveryFailed(reasons.MAIL_NO_READER % {"status": min(codes)}, permanent=min(codes) >= _NEVER)
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return DeliveryFailed(reasons.MAIL_LOGIN % {"status": error.smtp_code})
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return DeliveryFailed(reasons.MAIL_OFFERS)
    if isinstance(error, smtplib.SMTPConnectError | smtplib.SMTPHeloError):
        return DeliveryFailed(reasons.MAIL_CONNECTION % {"status": error.smtp_code})
    if isinstance(error, smtplib.SMTPResponseException):
        return DeliveryFailed(reasons.MAIL_REFUSED % {"status": error.smtp_code}, permanent=error.smtp_code >= _NEVER)
    return DeliveryFailed(reasons.MAIL_BROKE_OFF % {"kind": type(error).__name__})
