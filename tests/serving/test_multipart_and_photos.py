"""Photos, in JSON and in multipart: each gets an answer of its own, none costs the answer to a good text."""

import base64
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from triage.taxonomy import HEADS, Taxonomy

pytestmark = pytest.mark.xdist_group("server")

ReadProblem = Callable[..., dict[str, Any]]
Send = Callable[..., httpx.Response]
Picture = Callable[..., bytes]
PhotosOf = Callable[..., list[dict[str, Any]]]
Part = tuple[str, tuple[str | None, bytes | str] | tuple[str | None, bytes | str, str]]

TEXT = {"id": "photo-1", "text": "Trou dans la chaussée, voir photo"}
ALERT: Part = ("alert", (None, json.dumps(TEXT)))


def photo(content: bytes) -> Part:
    return ("photo", ("photo.jpg", content, "image/jpeg"))


def in_base64(content: bytes) -> dict[str, str]:
    return {"base64": base64.b64encode(content).decode()}


def alert_part(content: bytes | str) -> Part:
    return ("alert", (None, content))


def answered(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text[:500]
    document: dict[str, Any] = answer.json()
    return document


@pytest.fixture
def send(client: httpx.Client) -> Send:
    """Posts parts as multipart."""

    def post(*parts: Part) -> httpx.Response:
        return client.post("/v1/predict", files=list(parts))

    return post


# Photos that are accepted


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_a_photo_in_base64_is_answered_in_every_format(
    client: httpx.Client, picture: Picture, photos_of: PhotosOf, kind: str
) -> None:
    answer = client.post("/v1/predict", json=TEXT | {"photo": in_base64(picture("red", kind=kind))})
    photos_of(answered(answer), True)


def test_a_photo_in_multipart_is_answered_as_in_json(
    client: httpx.Client, send: Send, picture: Picture, photos_of: PhotosOf
) -> None:
    content = picture("red", "blue")
    one = answered(send(ALERT, photo(content)))
    two = answered(client.post("/v1/predict", json=TEXT | {"photo": [in_base64(content)]}))
    (entry,), (other,) = photos_of(one, True), photos_of(two, True)
    assert entry["label"] == other["label"]
    assert entry["confidence"] == pytest.approx(other["confidence"], abs=0.02)
    for head in HEADS:
        assert one[head]["code"] == two[head]["code"]


def test_three_photos_are_answered_in_their_order(send: Send, picture: Picture, photos_of: PhotosOf) -> None:
    contents = [picture(colour) for colour in ("red", "black", "aqua")]
    alone = [photos_of(answered(send(ALERT, photo(content))), True)[0] for content in contents]
    together = photos_of(answered(send(ALERT, *map(photo, contents))), True, True, True)
    assert [entry["label"] for entry in together] == [entry["label"] for entry in alone]


def test_the_alert_may_be_a_file_part_and_come_last(send: Send, picture: Picture, photos_of: PhotosOf) -> None:
    alert: Part = ("alert", ("alert.json", json.dumps(TEXT), "application/json"))
    photos_of(answered(send(photo(picture()), alert)), True)


def test_multipart_without_a_photo_is_the_same_as_json(client: httpx.Client, send: Send) -> None:
    assert send(ALERT).json() == client.post("/v1/predict", json=TEXT).json()


def test_letters_beyond_ascii_survive_multipart(send: Send) -> None:
    text = json.dumps({"id": "été-🙂", "text": "éclairage"}, ensure_ascii=False)
    assert send(alert_part(text)).json()["id"] == "été-🙂"


@pytest.mark.parametrize("colour", ["red", "blue", "gray", "black"])
def test_a_photo_alone_is_an_alert_and_goes_out_only_if_it_surely_shows_a_fault(
    send: Send, picture: Picture, photos_of: PhotosOf, taxonomy: Taxonomy, colour: str
) -> None:
    document = answered(send(alert_part('{"id": "photo-2"}'), photo(picture(colour))))
    (entry,) = photos_of(document, True)
    shown = taxonomy.photo_labels[entry["label"]]
    if entry["abstains"] or shown.category is None:
        assert document["decision"] != "route"
        assert "category_uncertain" in document["reasons"]
    else:
        assert document["category"]["code"] == shown.category
        assert "text_missing" not in document["reasons"]


@pytest.mark.parametrize(
    "content", [b"no picture", b"\xff\xd8\xff\xe0 cut", b"GIF89a\x01\x00\x01\x00\x00\x00\x00", b""]
)
def test_an_unreadable_photo_does_not_cost_the_answer_to_the_text(
    send: Send, picture: Picture, photos_of: PhotosOf, content: bytes
) -> None:
    plain = answered(send(ALERT))
    document = answered(send(ALERT, photo(content)))
    photos_of(document, False)
    for head in HEADS:
        assert document[head]["code"] == plain[head]["code"]
    photos_of(answered(send(ALERT, photo(content), photo(picture()))), False, True)


# Photos that are refused


def test_an_unreadable_photo_alone_is_named(send: Send, problem: ReadProblem) -> None:
    answer = send(alert_part('{"id": "photo-3"}'), photo(b"no"), photo(b"picture"))
    problem(answer, 422, "photo[0]", "photo[1]")


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ({"path": "/etc/passwd"}, "photo[0]"),
        ("/etc/passwd", "photo[0]"),
        ({"url": "http://127.0.0.1/metrics"}, "photo[0].url"),
        ({"url": "https://photos.example/a.jpg"}, "photo[0].url"),
        ({"url": 5}, "photo[0].url"),
        ({"base64": "not base64!"}, "photo[0]"),
        ({"base64": "é"}, "photo[0]"),
        ({"base64": 5}, "photo[0].base64"),
        ({}, "photo[0]"),
        ({"base64": "AAAA", "path": "x"}, "photo[0]"),
        ([{"base64": "AAAA"}, {"path": "x"}], "photo[1]"),
        ([{"base64": "AAAA"}] * 4, "photo"),
        (5, "photo"),
    ],
)
def test_a_photo_that_breaks_the_contract_is_named(
    client: httpx.Client, problem: ReadProblem, value: Any, field: str
) -> None:
    problem(client.post("/v1/predict", json=TEXT | {"photo": value}), 422, field)


@pytest.mark.parametrize("count", [4, 10])
def test_more_than_three_photos_are_too_many(send: Send, problem: ReadProblem, count: int) -> None:
    document = problem(send(ALERT, *[photo(b"x")] * count), 422, "photo")
    assert str(count) in document["detail"]


def test_a_photo_over_ten_megabytes_is_named(send: Send, problem: ReadProblem) -> None:
    problem(send(ALERT, photo(b"x"), photo(b"x" * 10_000_001)), 413, "photo[1]")
