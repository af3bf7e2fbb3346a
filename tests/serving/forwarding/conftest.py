"""Handovers made by hand, and departments that listen on this machine."""

import asyncio
import contextlib
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from serving.desk.languages import read_languages
from serving.forwarding.handover import Earlier, Handover, Words
from serving.forwarding.wording import Writer
from tests.serving.desk.made import NOON, stored_alert
from triage.settings import PROJECT_ROOT
from triage.taxonomy import Taxonomy, load_taxonomy

USER, PASSWORD = "triage", "un cheval vert 12"


@pytest.fixture(scope="session")
def taxonomy() -> Taxonomy:
    return load_taxonomy(PROJECT_ROOT / "datasets" / "taxonomy.yaml")


@pytest.fixture(scope="session")
def writer(taxonomy: Taxonomy) -> Callable[[str], Writer]:
    """Writes in a language."""
    languages = read_languages("Europe/Paris")
    return lambda code: Writer(Words(taxonomy, code), languages[code])


@pytest.fixture
def handover() -> Callable[..., Handover]:
    """A handover, with fields of its own or of its alert as a test likes them."""

    def make(text: str = "Des sacs sur le trottoir", earlier: Earlier | None = None, **other: Any) -> Handover:
        of_handover = {name: other.pop(name) for name in list(other) if name in Handover.__dataclass_fields__}
        alert = stored_alert("A-1", text, **({"address": "12 rue Verte", "commune": "Dijon"} | other))
        values: dict[str, Any] = {
            "id": "0123-proprete",
            "at": NOON,
            "department": "proprete",
            "text": text,
            "is_original": False,
            "due_at": datetime(2026, 6, 8, 10, tzinfo=UTC),
            "link": "https://triage.example/review/alerts/A-1",
            "by_staff": False,
        }
        return Handover(alert=alert, earlier=earlier, **(values | of_handover))

    return make


@dataclass
class Received:
    """A request that a department got."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), strict_parsing=True))

    @property
    def document(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.body)
        return document


@dataclass
class Department:
    """Answers each POST with what comes next, and with the last of it from then on."""

    answers: list[tuple[int, bytes]] = field(default_factory=lambda: [(200, b"")])
    headers: dict[str, str] = field(default_factory=dict)
    received: list[Received] = field(default_factory=list)
    base: str = ""
    gate: threading.Event = field(default_factory=threading.Event)

    def answer(self, status: int, body: Any = b"", **headers: str) -> None:
        self.answers = [(status, body if isinstance(body, bytes) else json.dumps(body).encode())]
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


@pytest.fixture
def department(listen: Callable[[], Department]) -> Department:
    """A department's server."""
    return listen()


@pytest.fixture
def listen() -> Iterator[Callable[[], Department]]:
    """Starts departments' servers."""
    with contextlib.ExitStack() as running:
        yield lambda: running.enter_context(_listening())


@contextlib.contextmanager
def _listening() -> Iterator[Department]:
    known = Department()
    known.gate.set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            known.received.append(Received(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            known.gate.wait(10)
            status, content = known.answers.pop(0) if len(known.answers) > 1 else known.answers[0]
            self.send_response(status)
            for name, value in ({"Content-Length": str(len(content))} | known.headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        known.base = f"http://127.0.0.1:{server.server_address[1]}"
        try:
            yield known
        finally:
            known.gate.set()
            server.shutdown()
            thread.join()


@dataclass
class Mailbox:
    """Takes mail, unless told to answer something else."""

    port: int = 0
    authority: str = ""
    mails: list[EmailMessage] = field(default_factory=list)
    readers: list[list[str]] = field(default_factory=list)
    private: list[bool] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    answer: str = "250 OK"
    slow_s: float = 0.0

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: ARG002, N802
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: ARG002, N802
        await asyncio.sleep(self.slow_s)
        if self.answer.startswith("250"):
            self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
            self.readers.append(list(envelope.rcpt_tos))
            self.private.append(server.transport.get_extra_info("sslcontext") is not None)
        return self.answer


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for localhost that is its own authority, and its key."""
    return _certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def mailbox(certificate: tuple[Path, Path]) -> Iterator[Callable[..., Mailbox]]:
    """Starts mail servers that ask for a login over STARTTLS, or for what a test says."""
    running: list[Controller] = []

    def start(**options: Any) -> Mailbox:
        box = Mailbox(authority=str(certificate[0]))
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*certificate)
        usual: dict[str, Any] = {
            "tls_context": context,
            "require_starttls": True,
            "auth_required": True,
            "authenticator": _authenticate,
        }
        box.port = _free_port()
        controller = Controller(box, hostname="127.0.0.1", port=box.port, **(options or usual))
        controller.start()
        running.append(controller)
        return box

    yield start
    for controller in running:
        controller.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _certificate(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    made = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(made - timedelta(hours=1))
        .not_valid_after(made + timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "certificate.pem", folder / "key.pem"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return paths


def _authenticate(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:  # noqa: ARG001
    good = data.login == USER.encode() and data.password == PASSWORD.encode()
    return AuthResult(success=good, handled=good)
