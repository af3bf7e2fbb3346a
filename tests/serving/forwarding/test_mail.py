"""Mail to departments, taken by a real server over STARTTLS, TLS, or not at all."""

import asyncio
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from serving.forwarding.config import MailServer
from serving.forwarding.handover import Earlier, Handover
from serving.forwarding.mail import MailChannel
from serving.forwarding.wording import Writer
from serving.outbound.addresses import AddressRefused
from serving.outbound.targets import DeliveryFailed
from tests.serving.forwarding.conftest import PASSWORD, USER, Mailbox

Make = Callable[..., Handover]
Start = Callable[..., Mailbox]
TO = ("proprete@city.example",)


async def everywhere(host: str, port: int) -> None:
    """Lets mail reach this machine."""


@pytest.fixture
def channel(writer: Callable[[str], Writer]) -> Callable[..., MailChannel]:
    """A channel to a mail server."""

    def to(box: Mailbox, *readers: str, language: str = "fr", password: str | None = PASSWORD, **server: Any) -> Any:
        usual = {
            "host": "localhost",
            "port": box.port,
            "sender": "triage@city.example",
            "authority": box.authority,
            "user": USER if password else None,
            "password_env": "MAIL_PASSWORD" if password else None,
        }
        entry = MailServer.model_validate(usual | server)
        return MailChannel(entry, password, readers or TO, writer(language), everywhere, timeout_s=5)

    return to


def send(channel: MailChannel, handover: Handover) -> str:
    return asyncio.run(channel.send(handover))


def refusal(channel: MailChannel, handover: Handover) -> DeliveryFailed:
    with pytest.raises(DeliveryFailed) as refused:
        send(channel, handover)
    return refused.value


def test_a_mail_tells_in_french_what_where_and_until_when(
    mailbox: Start, channel: Callable[..., MailChannel], handover: Make
) -> None:
    box = mailbox()
    reference = send(channel(box), handover("Des sacs\nappelez <TEL>", channel="telephone"))
    [mail] = box.mails
    assert box.private == [True]
    assert mail["Subject"] == "[Normale] Propreté et dépôts sauvages, 12 rue Verte, Dijon (A-1)"
    assert mail["Message-ID"] == reference == "<0123-proprete@city.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content_type() == "text/plain"
    body = mail.get_content().replace("\r\n", "\n")
    assert "Propreté et dépôts sauvages · priorité : Normale" in body
    assert "> Des sacs\n> appelez [téléphone masqué]\n" in body
    assert "Première action attendue avant le 8 juin 2026 12:00" in body
    assert "Lieu : 12 rue Verte, Dijon – 47.321600, 5.041500 (geo:47.321600,5.041500)" in body
    assert "Reçue le 1 juin 2026 12:00, par téléphone" in body
    assert "https://triage.example/review/alerts/A-1" in body


def test_a_mail_in_english_and_to_several_readers(
    mailbox: Start, channel: Callable[..., MailChannel], handover: Make
) -> None:
    box = mailbox()
    send(channel(box, "one@city.example", "two@city.example", language="en"), handover())
    assert box.readers == [["one@city.example", "two@city.example"]]
    assert "Cleanliness and dumping · priority: Normal" in box.mails[0].get_content().replace("\r\n", "\n")


def test_a_mail_about_a_known_fault_answers_the_first_one(
    mailbox: Start, channel: Callable[..., MailChannel], handover: Make
) -> None:
    box = mailbox()
    send(channel(box), handover(earlier=Earlier("A-0", "<first@city.example>")))
    [mail] = box.mails
    assert mail["In-Reply-To"] == mail["References"] == "<first@city.example>"
    assert "Sans doute le même problème que l’alerte A-0" in mail.get_content().replace("\r\n", "\n")


def test_a_withdrawn_alert_is_told_as_an_answer_to_its_first_mail(
    mailbox: Start, channel: Callable[..., MailChannel], handover: Make
) -> None:
    box = mailbox()
    send(channel(box), handover(news="withdrawn", known_as="<first@city.example>"))
    [mail] = box.mails
    assert mail["Subject"].startswith("[Retirée] [Normale] ")
    assert mail["In-Reply-To"] == "<first@city.example>"
    body = mail.get_content()
    assert "L’auteur a retiré cette alerte, que vous avez : il n’y a plus rien à faire." in body
    assert "Première action attendue" not in body


def test_what_a_resident_writes_cannot_pass_for_our_own_words(
    mailbox: Start, channel: Callable[..., MailChannel], handover: Make
) -> None:
    box = mailbox()
    text = "Sacs\r\nBcc: all@city.example\r\n\r\nOuvrir l’alerte au bureau de relecture :\nhttps://evil.example\x0bx\u2028y"
    send(channel(box), handover(text, address="rue\r\nBcc: all@city.example"))
    [mail] = box.mails
    assert mail["Bcc"] is None
    lines = mail.get_content().replace("\r\n", "\n").splitlines()
    assert [line for line in lines if "evil" in line or line.startswith(("x", "y"))] == ["> https://evil.example"]


def test_a_mail_without_a_link_place_or_words_says_so(
    mailbox: Start, channel: Callable[..., MailChannel], handover: Make
) -> None:
    box = mailbox()
    nowhere = {"lat": None, "lon": None, "address": None, "commune": None}
    send(channel(box), handover("", link=None, due_at=None, priority=None, photos=({}, {}), **nowhere))
    body = box.mails[0].get_content().replace("\r\n", "\n")
    assert "(une photo sans texte)" in body
    assert "Lieu : non précisé" in body
    assert "2 photos à voir au bureau de relecture" in body
    assert "http" not in body


def test_over_tls_from_the_start(
    mailbox: Start, channel: Callable[..., MailChannel], handover: Make, certificate: tuple[Path, Path]
) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)
    box = mailbox(ssl_context=context)
    send(channel(box, security="tls", password=None), handover())
    assert box.private == [True]


def test_a_server_without_starttls_gets_nothing(
    mailbox: Start, channel: Callable[..., MailChannel], handover: Make
) -> None:
    box = mailbox(enable_SMTPUTF8=True)
    failure = refusal(channel(box), handover())
    assert failure.reason == "the mail server offers no STARTTLS, or no login"
    assert not failure.permanent
    assert box.mails == []


def test_a_server_whose_certificate_nobody_vouches_for_gets_nothing(
    mailbox: Start, channel: Callable[..., MailChannel], handover: Make
) -> None:
    box = mailbox()
    failure = refusal(channel(box, authority=None), handover())
    assert failure.reason == "the mail server's certificate or encryption is not to be trusted"
    assert box.mails == []


def test_a_wrong_password_is_said_without_the_password(
    mailbox: Start, channel: Callable[..., MailChannel], handover: Make
) -> None:
    failure = refusal(channel(mailbox(), password="faux"), handover())  # noqa: S106
    assert failure.reason == "the mail server refused the user or the password (535)"
    assert not failure.permanent


@pytest.mark.parametrize(("answer", "permanent"), [("451 later", False), ("554 no such content", True)])
def test_a_refused_mail_is_tried_again_unless_the_server_says_never(
    mailbox: Start, channel: Callable[..., MailChannel], handover: Make, answer: str, permanent: bool
) -> None:
    box = mailbox()
    box.answer = answer
    failure = refusal(channel(box), handover())
    assert failure.reason == f"the mail server refused the mail ({answer[:3]})"
    assert failure.permanent is permanent


def test_a_reader_whom_the_server_does_not_know_is_a_failure(
    mailbox: Start, channel: Callable[..., MailChannel], handover: Make
) -> None:
    box = mailbox()
    box.refused = {"one@city.example": "550 unknown"}
    whole = refusal(channel(box, "one@city.example"), handover())
    assert whole.reason == "the mail server refused every reader (550)"
    assert whole.permanent
    part = refusal(channel(box, "one@city.example", "two@city.example"), handover())
    assert part.reason == "the mail server refused 1 of 2 readers; the others have it"


def test_no_server_is_a_failure_to_try_again(channel: Callable[..., MailChannel], handover: Make) -> None:
    failure = refusal(channel(Mailbox(port=9), authority=None), handover())
    assert failure.reason == "the mail server cannot be reached (ConnectionRefusedError)"
    assert not failure.permanent


def test_a_server_where_it_may_not_be_is_not_asked(
    mailbox: Start, writer: Callable[[str], Writer], handover: Make
) -> None:
    async def nowhere(host: str, port: int) -> None:
        raise AddressRefused(f"{host} is private at {port != 0}")

    box = mailbox()
    entry = MailServer(host="localhost", port=box.port, sender="a@b.example")
    failure = refusal(MailChannel(entry, None, TO, writer("fr"), nowhere), handover())
    assert failure.reason == "localhost is private at True"


def test_a_slow_server_gets_one_mail_however_often_attempts_end_before_it_answers(
    mailbox: Start, channel: Callable[..., MailChannel], handover: Make
) -> None:
    box = mailbox()
    box.slow_s = 0.5
    sender = channel(box)

    async def attempts() -> str:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(sender.send(handover()), 0.1)
        return await sender.send(handover())

    assert asyncio.run(attempts()) == "<0123-proprete@city.example>"
    assert len(box.mails) == 1
