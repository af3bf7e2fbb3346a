"""Links to photos: fetched from a real server, in time, in size, and never from where it points to."""

import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from serving.photo_links import fetch_photo
from triage.errors import PhotoRefused
from triage.photo import MAX_PHOTO_BYTES

PATIENCE_S = 0.3
PACKED = {"Content-Encoding": "gzip"}

Fetch = Callable[..., bytes]


class _Photos(BaseHTTPRequestHandler):
    """Answers each path in its own way; remembers what was asked for."""

    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        {
            "/a.jpg": lambda: self.answer(200, b"a photo"),
            "/empty": lambda: self.answer(200, b""),
            "/gone": lambda: self.answer(404, b"not here"),
            "/broken": lambda: self.answer(500, b""),
            "/none": lambda: self.answer(204, b""),
            "/moved": lambda: self.answer(302, b"", Location="/a.jpg"),
            "/most": lambda: self.answer(200, b"x" * MAX_PHOTO_BYTES),
            "/large": lambda: self.answer(200, b"x" * (MAX_PHOTO_BYTES + 1)),
            "/bomb": lambda: self.answer(
                200, gzip.compress(b"x" * 30 * MAX_PHOTO_BYTES), **{"Content-Encoding": "gzip"}
            ),
            "/packed": lambda: self.answer(200, gzip.compress(b"a photo"), **{"Content-Encoding": "gzip"}),
            "/garbled": lambda: self.answer(200, b"no gzip", **{"Content-Encoding": "gzip"}),
            "/cut": lambda: self.answer(200, b"half", **{"Content-Length": "1000"}),
            "/late": lambda: time.sleep(3 * PATIENCE_S),
            "/drips": self.drip,
        }[self.path.partition("?")[0]]()

    def answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.write(body)

    def drip(self) -> None:
        self.send_response(200)
        self.end_headers()
        for _ in range(30):
            self.write(b"x")
            time.sleep(PATIENCE_S / 6)

    def write(self, body: bytes) -> None:
        try:
            self.wfile.write(body)
            self.wfile.flush()
        except ConnectionError:
            self.close_connection = True  # who asked has left

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def asked() -> list[str]:
    return []


@pytest.fixture(scope="module")
def base(asked: list[str]) -> Iterator[str]:
    handler = type("Photos", (_Photos,), {"asked": asked})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def fetch(base: str) -> Fetch:
    """Fetches a path with the service's own client, or one that needs no network."""
    return lambda path, timeout_s=20.0: fetch_photo(base + path, timeout_s=timeout_s)


def test_the_bytes_of_the_photo_come_as_they_are(fetch: Fetch, asked: list[str]) -> None:
    assert fetch("/a.jpg?size=1") == b"a photo"
    assert fetch("/packed") == b"a photo"
    assert fetch("/empty") == b""
    assert "/a.jpg?size=1" in asked


@pytest.mark.parametrize(("path", "status"), [("/gone", 404), ("/broken", 500), ("/none", 204)])
def test_an_answer_without_a_photo_is_refused_with_its_status(fetch: Fetch, path: str, status: int) -> None:
    with pytest.raises(PhotoRefused, match=f"answers {status}; send 'base64'"):
        fetch(path)


def test_a_redirect_is_not_followed(fetch: Fetch, asked: list[str]) -> None:
    before = asked.count("/a.jpg")
    with pytest.raises(PhotoRefused, match="answers 302"):
        fetch("/moved")
    assert asked.count("/a.jpg") == before


def test_the_largest_photo_is_fetched_and_one_byte_more_is_not(fetch: Fetch) -> None:
    assert len(fetch("/most")) == MAX_PHOTO_BYTES
    with pytest.raises(PhotoRefused, match=f"more than {MAX_PHOTO_BYTES} bytes"):
        fetch("/large")


def test_a_small_answer_that_unpacks_to_a_large_one_is_refused(fetch: Fetch) -> None:
    with pytest.raises(PhotoRefused, match=f"more than {MAX_PHOTO_BYTES} bytes"):
        fetch("/bomb")


@pytest.mark.parametrize("path", ["/cut", "/garbled"])
def test_an_answer_that_breaks_off_or_cannot_be_unpacked_is_refused(fetch: Fetch, path: str) -> None:
    with pytest.raises(PhotoRefused, match=r"cannot be fetched \(\w+\)"):
        fetch(path)


@pytest.mark.parametrize("path", ["/late", "/drips"])
def test_a_host_that_takes_too_long_is_left(fetch: Fetch, path: str) -> None:
    started = time.monotonic()
    with pytest.raises(PhotoRefused, match=r"ReadTimeout|did not come within 0\.3 s"):
        fetch(path, PATIENCE_S)
    assert time.monotonic() - started < 5


def test_a_host_that_is_not_there_is_refused() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(PhotoRefused, match="ConnectError"):
        fetch_photo(f"http://127.0.0.1:{port}/a.jpg")


@pytest.mark.parametrize(
    "url", ["https://photos.example/a\x01b", "https://pho\ttos.example/a", "https://photos.example:x/"]
)
def test_a_link_that_no_client_can_ask_for_is_refused(url: str) -> None:
    with pytest.raises(PhotoRefused, match="InvalidURL"):
        fetch_photo(url)


def test_another_client_may_ask() -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(200, content=request.url.path.encode()))
    assert fetch_photo("https://photos.example/a.jpg", httpx.Client(transport=transport)) == b"/a.jpg"
