"""Alerts of requests, read without a server: photos are taken in off the event loop, links where they are allowed."""

import asyncio
import base64
import json
import threading
from collections.abc import Callable, Coroutine
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image
from starlette.requests import Request

from models.photo import Picture
from serving.photo_links import fetch_photo
from serving.problems import Problem
from serving.requests import SMALL_BODY, AlertReader
from triage.intake import Intake

HOST = "photos.example"
LINK = {"url": f"https://{HOST}/a.jpg"}
TEXT = {"id": "a", "text": "trou"}

Ask = Callable[[Any], Request]


@pytest.fixture
def content(picture: Callable[..., bytes]) -> bytes:
    return picture("red", side=16)


@pytest.fixture
def threads() -> list[int]:
    """The threads that prepared pictures, in their order."""
    return []


@pytest.fixture
def reader(content: bytes, threads: list[int]) -> AlertReader:
    """Reads as the service does, with sizes for pictures; behind one link is a photo, behind all others nothing."""

    def prepare(image: Image.Image) -> Picture:
        threads.append(threading.get_ident())
        return np.zeros((image.height, image.width, 3), np.uint8)

    def answer(request: httpx.Request) -> httpx.Response:
        assert request.url.host == HOST
        return httpx.Response(200, content=content) if request.url.path == "/a.jpg" else httpx.Response(404)

    def fetch(url: str) -> bytes:
        return fetch_photo(url, httpx.Client(transport=httpx.MockTransport(answer)))

    return AlertReader(Intake(prepare, fetch=fetch), {HOST})


def request(body: Any) -> Request:
    encoded = body if isinstance(body, bytes) else json.dumps(body).encode()

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": encoded, "more_body": False}

    headers = [(b"content-type", b"application/json")]
    return Request({"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": headers}, receive)


def run(work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(work)


def sent(content: bytes) -> dict[str, str]:
    return {"base64": base64.b64encode(content).decode()}


def sizes(item: Any) -> list[tuple[int, ...] | None]:
    return [None if picture is None else picture.shape for picture in item.pictures]


def test_photos_are_taken_in_with_their_alert(reader: AlertReader, content: bytes) -> None:
    item = run(reader.one(request(TEXT | {"photo": [sent(content), sent(b"no photo")]})))
    assert item.alert.id == "a"
    assert sizes(item) == [(16, 16, 3), None]


def test_an_alert_without_photos_has_no_pictures(reader: AlertReader) -> None:
    assert run(reader.one(request(TEXT))).pictures == ()


@pytest.mark.parametrize("name", [b'"photo"', rb'"ph\u006fto"', rb'"\u0070\u0068\u006F\u0074\u006f"'])
def test_no_photo_however_small_is_decoded_on_the_event_loop(
    reader: AlertReader, content: bytes, threads: list[int], name: bytes
) -> None:
    body = b'{"id": "a", "text": "trou", %s: %s}' % (name, json.dumps(sent(content)).encode())
    assert len(body) < SMALL_BODY
    assert sizes(run(reader.one(request(body)))) == [(16, 16, 3)]
    assert run(reader.batch(request(b'{"alerts": [%s]}' % body)))[0].pictures[0].shape == (16, 16, 3)
    assert len(threads) == 2
    assert threading.get_ident() not in threads


# Links


def test_a_link_to_an_allowed_host_is_followed(reader: AlertReader) -> None:
    assert sizes(run(reader.one(request({"id": "a", "photo": LINK})))) == [(16, 16, 3)]


def test_a_link_to_another_host_is_named(reader: AlertReader) -> None:
    with pytest.raises(Problem) as caught:
        run(reader.one(request(TEXT | {"photo": {"url": "https://other.example/a.jpg"}})))
    assert caught.value.status == 422
    assert [error.field for error in caught.value.errors] == ["photo[0].url"]


@pytest.mark.parametrize("path", ["gone.jpg", "a\x01.jpg"])
def test_a_link_that_brings_nothing_does_not_cost_the_answer_to_a_good_text(reader: AlertReader, path: str) -> None:
    link = {"url": f"https://{HOST}/{path}"}
    assert sizes(run(reader.one(request(TEXT | {"photo": [link, LINK]})))) == [None, (16, 16, 3)]
    with pytest.raises(Problem) as caught:
        run(reader.one(request({"id": "a", "photo": link})))
    assert (caught.value.status, [error.field for error in caught.value.errors]) == (422, ["photo[0]"])


def test_links_in_a_batch_cost_no_other_alert_anything(reader: AlertReader) -> None:
    alerts = [
        {"id": "good", "photo": LINK},
        {"id": "gone", "photo": {"url": f"https://{HOST}/gone.jpg"}},
        {"id": "other", "text": "trou", "photo": {"url": "https://other.example/a.jpg"}},
        {"id": "text", "text": "trou"},
    ]
    good, gone, other, text = run(reader.batch(request({"alerts": alerts})))
    assert sizes(good) == [(16, 16, 3)]
    assert [(name, error.errors[0].field) for name, error in (gone, other)] == [
        ("gone", "photo[0]"),
        ("other", "photo[0].url"),
    ]
    assert text.alert.id == "text"


# How many


def test_photos_of_a_batch_are_counted_and_absent_ones_are_not(reader: AlertReader) -> None:
    absent = [{"id": f"null-{number}", "text": "trou", "photo": None} for number in range(150)]
    empty = [{"id": f"empty-{number}", "text": "trou", "photo": []} for number in range(50)]
    assert len(run(reader.batch(request({"alerts": [*absent, *empty]})))) == 200
    many = [{"id": str(number), "text": "trou", "photo": [sent(b"x")] * 3} for number in range(34)]
    with pytest.raises(Problem) as caught:
        run(reader.batch(request({"alerts": [*absent, *many]})))
    assert (caught.value.status, caught.value.code) == (413, "too_many_photos")
    assert "102 photos" in caught.value.errors[0].message
