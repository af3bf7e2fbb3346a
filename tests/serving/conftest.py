"""One real server for all tests of the group `server`, and a plain ASGI caller for the layers."""

import asyncio
import io
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pillow_heif
import pytest
from PIL import Image
from starlette.types import ASGIApp, Message

from tests.live_server import triage_serve
from triage.prediction import PhotoAnswer
from triage.settings import PROJECT_ROOT
from triage.taxonomy import Taxonomy, load_taxonomy

# Another bundle, such as a challenger, may be put to the same tests.
BUNDLE = Path(os.environ.get("TRIAGE_BUNDLE") or PROJECT_ROOT / "models" / "pretrained").resolve()
# Room for a photo that is too large by one byte, and yet small enough to be crossed in a moment.
MAX_BODY_BYTES = 12_000_000
SIGNALEN_BASE = "https://signalen.example/signals/v1/public/terms"

ReadProblem = Callable[..., dict[str, Any]]


@dataclass(frozen=True, slots=True)
class LiveServer:
    """Where the server listens, a key that it knows, the file that takes all it prints, and its bundle."""

    host: str
    port: int
    key: str
    log: Path
    bundle: Path = BUNDLE

    @property
    def base(self) -> str:
        return f"http://{self.host}:{self.port}"


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A `triage serve` of its own on a free port, with a scratch state folder."""
    folder = tmp_path_factory.mktemp("server")
    settings = {"MAX_BODY_BYTES": str(MAX_BODY_BYTES), "SIGNALEN_BASE": SIGNALEN_BASE}
    with triage_serve(folder, settings, "--bundle", str(BUNDLE)) as (running, key):
        yield LiveServer("127.0.0.1", int(running.base.rpartition(":")[2]), key, running.log)


@pytest.fixture(scope="session")
def client(server: LiveServer) -> Iterator[httpx.Client]:
    """A client that sends the key."""
    headers = {"Authorization": f"Bearer {server.key}"}
    with httpx.Client(base_url=server.base, headers=headers, timeout=60, trust_env=False) as session:
        yield session


@pytest.fixture(scope="session")
def stranger(server: LiveServer) -> Iterator[httpx.Client]:
    """A client without a key."""
    with httpx.Client(base_url=server.base, timeout=60, trust_env=False) as session:
        yield session


@pytest.fixture(scope="session")
def taxonomy() -> Taxonomy:
    """The codes that the bundle can answer."""
    return load_taxonomy(BUNDLE / "taxonomy.yaml")


@pytest.fixture(scope="session")
def picture(paint: Callable[..., Image.Image]) -> Callable[..., bytes]:
    """The bytes of a picture of plain colours side by side."""
    pillow_heif.register_heif_opener()

    def encode(*colours: str, kind: str = "JPEG", side: int = 64) -> bytes:
        stream = io.BytesIO()
        paint(*(colours or ("gray",)), side=side).save(stream, kind)
        return stream.getvalue()

    return encode


@pytest.fixture(scope="session")
def photos_of(taxonomy: Taxonomy) -> Callable[..., list[dict[str, Any]]]:
    """Checks what an answer says of its photos, each of which is readable or not; returns the entries."""
    irrelevant = next(code for code, label in taxonomy.photo_labels.items() if label.irrelevant)

    def check(document: dict[str, Any], *readable: bool) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = document["photos"]
        assert len(entries) == len(readable)
        for entry, seen in zip(entries, readable, strict=True):
            PhotoAnswer.model_validate_json(json.dumps(entry))
            ranked = [entry["label"], *(item["label"] for item in entry["alternatives"])]
            assert sorted(ranked) == sorted(taxonomy.photo_labels)
            assert seen or entry["abstains"]
        labels = [entry["label"] for entry, seen in zip(entries, readable, strict=True) if seen]
        reasons = [reason for reason in document["reasons"] if reason.startswith("photo")]
        assert ("photo_unreadable" in reasons) is (False in readable)
        assert ("photo_irrelevant" in reasons) is (bool(labels) and set(labels) == {irrelevant})
        shows = [label for label in labels if taxonomy.photo_labels[label].category]
        assert bool(shows) or "photo_disagrees" not in reasons
        assert set(reasons) <= {"photo_unreadable", "photo_irrelevant", "photo_disagrees"}
        return entries

    return check


@pytest.fixture(scope="session")
def problem() -> ReadProblem:
    """Checks that an answer is a problem document that names the fields; returns the document."""

    def read(answer: httpx.Response, status: int, *fields: str) -> dict[str, Any]:
        assert answer.status_code == status, answer.text[:500]
        assert answer.headers["content-type"] == "application/problem+json"
        document: dict[str, Any] = answer.json()
        assert document.keys() == {"type", "title", "status", "detail", "errors"}
        assert document["type"].startswith("urn:triage:problem:")
        assert document["status"] == status
        assert document["title"]
        assert document["detail"]
        assert [error["field"] for error in document["errors"]] == list(fields), document
        assert all(error.keys() == {"field", "code", "message"} and error["message"] for error in document["errors"])
        return document

    return read


@dataclass(frozen=True, slots=True)
class AsgiAnswer:
    """What an ASGI application sent."""

    status: int
    headers: dict[str, str]
    body: bytes


@pytest.fixture
def ask() -> Callable[..., AsgiAnswer]:
    """Calls an ASGI application with a body in chunks and returns what it sends."""

    def call(app: ASGIApp, headers: Mapping[str, str] | None = None, chunks: Sequence[bytes] = (b"",)) -> AsgiAnswer:
        scope = {
            "type": "http",
            "method": "POST",
            "path": "/",
            "headers": [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()],
        }
        arriving = [
            {"type": "http.request", "body": chunk, "more_body": number < len(chunks)}
            for number, chunk in enumerate(chunks, 1)
        ]
        sent: list[Message] = []

        async def receive() -> Message:
            return arriving.pop(0)

        async def send(message: Message) -> None:
            sent.append(message)

        asyncio.run(app(scope, receive, send))
        start, *rest = sent
        assert start["type"] == "http.response.start"
        assert all(message["type"] == "http.response.body" for message in rest)
        answered = {name.decode().lower(): value.decode() for name, value in start["headers"]}
        return AsgiAnswer(start["status"], answered, b"".join(message.get("body", b"") for message in rest))

    return call
