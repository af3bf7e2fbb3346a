"""Photos, in JSON and in multipart: none is looked at yet, none costs the answer to a good text."""

import base64
import io
import json
from collections.abc import Callable, Sequence
from typing import Any

import httpx
import pytest
from PIL import Image

pytestmark = pytest.mark.xdist_group("server")

ReadProblem = Callable[..., dict[str, Any]]
Part = tuple[str, tuple[str | None, bytes | str] | tuple[str | None, bytes | str, str]]

TEXT = {"id": "photo-1", "text": "Trou dans la chaussée, voir photo"}
ALERT: Part = ("alert", (None, json.dumps(TEXT)))


def picture(kind: str = "JPEG") -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (16, 12), "grey").save(stream, kind)
    return stream.getvalue()


def photo(content: bytes | None = None) -> Part:
    return ("photo", ("photo.jpg", picture() if content is None else content, "image/jpeg"))


def in_base64(content: bytes) -> dict[str, str]:
    return {"base64": base64.b64encode(content).decode()}


def alert_part(content: bytes | str) -> Part:
    return ("alert", (None, content))


@pytest.fixture
def send(client: httpx.Client) -> Callable[..., httpx.Response]:
    """Posts parts as multipart."""

    def post(*parts: Part) -> httpx.Response:
        return client.post("/v1/predict", files=list(parts))

    return post


@pytest.fixture
def send_raw(client: httpx.Client) -> Callable[..., httpx.Response]:
    """Posts a body under a content type, both as they are."""

    def post(body: bytes, kind: str = "multipart/form-data; boundary=x") -> httpx.Response:
        return client.post("/v1/predict", content=body, headers={"Content-Type": kind})

    return post


def reasons(answer: httpx.Response) -> Sequence[str]:
    assert answer.status_code == 200, answer.text
    return [reason for reason in answer.json()["reasons"] if reason.startswith("photo")]


# Photos that are accepted


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_in_base64_is_accepted_and_said_to_be_ignored(client: httpx.Client, kind: str) -> None:
    answer = client.post("/v1/predict", json=TEXT | {"photo": in_base64(picture(kind))})
    assert reasons(answer) == ["photo_ignored"]


def test_a_photo_in_multipart_is_accepted_and_said_to_be_ignored(send: Callable[..., httpx.Response]) -> None:
    assert reasons(send(ALERT, photo())) == ["photo_ignored"]
    assert reasons(send(ALERT, photo(), photo(), photo())) == ["photo_ignored"]


def test_the_alert_may_be_a_file_part_and_come_last(send: Callable[..., httpx.Response]) -> None:
    assert reasons(send(photo(), ("alert", ("alert.json", json.dumps(TEXT), "application/json")))) == ["photo_ignored"]


def test_multipart_without_a_photo_is_the_same_as_json(
    client: httpx.Client, send: Callable[..., httpx.Response]
) -> None:
    assert send(ALERT).json() == client.post("/v1/predict", json=TEXT).json()


def test_letters_beyond_ascii_survive_multipart(send: Callable[..., httpx.Response]) -> None:
    text = json.dumps({"id": "été-🙂", "text": "éclairage"}, ensure_ascii=False)
    assert send(alert_part(text)).json()["id"] == "été-🙂"


def test_a_photo_alone_is_an_alert_for_the_reviewers(send: Callable[..., httpx.Response]) -> None:
    answer = send(alert_part('{"id": "photo-2"}'), photo())
    assert reasons(answer) == ["photo_ignored"]
    assert "text_missing" in answer.json()["reasons"]


@pytest.mark.parametrize("content", [b"no picture", picture()[:20], b"GIF89a\x01\x00\x01\x00\x00\x00\x00"])
def test_an_unreadable_photo_does_not_cost_the_answer_to_the_text(
    send: Callable[..., httpx.Response], content: bytes
) -> None:
    assert reasons(send(ALERT, photo(content))) == ["photo_unreadable"]
    assert reasons(send(ALERT, photo(content), photo())) == ["photo_unreadable", "photo_ignored"]


def test_an_empty_photo_does_not_cost_the_answer_to_the_text(send: Callable[..., httpx.Response]) -> None:
    assert reasons(send(ALERT, photo(b""))) == ["photo_unreadable"]


# Photos that are refused


def test_an_unreadable_photo_alone_is_named(send: Callable[..., httpx.Response], problem: ReadProblem) -> None:
    answer = send(alert_part('{"id": "photo-3"}'), photo(b"no"), photo(b"picture"))
    problem(answer, 422, "photo[0]", "photo[1]")


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ({"path": "/etc/passwd"}, "photo[0]"),
        ("/etc/passwd", "photo[0]"),
        ({"url": "http://127.0.0.1/metrics"}, "photo[0].url"),
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
def test_more_than_three_photos_are_too_many(
    send: Callable[..., httpx.Response], problem: ReadProblem, count: int
) -> None:
    document = problem(send(ALERT, *[photo()] * count), 422, "photo")
    assert str(count) in document["detail"]


def test_a_photo_over_ten_megabytes_is_named(send: Callable[..., httpx.Response], problem: ReadProblem) -> None:
    problem(send(ALERT, photo(), photo(b"x" * 10_000_001)), 413, "photo[1]")


# Broken multipart


@pytest.mark.parametrize(
    ("parts", "field"),
    [
        ([photo()], "alert"),
        ([ALERT, ALERT], "alert"),
        ([ALERT, ("photos", ("p.jpg", b"x"))], "photos"),
        ([ALERT, ("comment", (None, "x"))], "comment"),
        ([ALERT, ("photo", (None, "text"))], "photo[0]"),
        ([alert_part("[]")], "alert"),
        ([alert_part('{"id": "a", "text": "trou", "photo": null}')], "alert"),
        ([alert_part('{"id": "a", "text": "trou", "lat": NaN, "lon": 5}')], "lat"),
        ([alert_part('{"id": "a", "text": "trou", "foo": 1}')], "foo"),
        ([alert_part('{"id": "a", "text": ""}')], "text"),
    ],
)
def test_a_wrong_part_is_named(
    send: Callable[..., httpx.Response], problem: ReadProblem, parts: Sequence[Part], field: str
) -> None:
    problem(send(*parts), 422, field)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"nope",
        b'{"id": "a", "text": "caf\xe9"}',
        b'{"id": "a", "text": "\\ud800"}',
        b"[" * 100_000,
        b'{"id": "a", "text": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"id": "a", "text": ' + b"[" * 980 + b"]" * 980 + b"}",
        b'{"id": "a", "text": "trou", "lat": ' + b"9" * 5_000 + b', "lon": 5}',
    ],
    ids=["empty", "words", "Latin-1", "surrogate", "brackets", "brackets in text", "980 brackets", "huge integer"],
)
@pytest.mark.parametrize("filename", [None, "alert.json"])
def test_an_alert_part_that_is_no_json_is_a_400(
    send: Callable[..., httpx.Response], problem: ReadProblem, content: bytes, filename: str | None
) -> None:
    problem(send(("alert", (filename, content)), photo()), 400, "alert")


def test_an_alert_part_of_megabytes_is_refused(send: Callable[..., httpx.Response], problem: ReadProblem) -> None:
    content = json.dumps({"id": "a", "text": "a" * 2_000_000})
    problem(send(alert_part(content)), 400, "body")
    problem(send(("alert", ("alert.json", content))), 413, "alert")


WHOLE = (
    b'--x\r\nContent-Disposition: form-data; name="alert"\r\n\r\n' + json.dumps(TEXT).encode() + b"\r\n"
    b'--x\r\nContent-Disposition: form-data; name="photo"; filename="p.jpg"\r\n\r\n' + picture() + b"\r\n--x--\r\n"
)


def test_the_form_of_the_next_tests_is_good_when_whole(send_raw: Callable[..., httpx.Response]) -> None:
    assert reasons(send_raw(WHOLE)) == ["photo_ignored"]


@pytest.mark.parametrize("length", [0, 1, 10, 60, 140, 200, len(WHOLE) - 100, len(WHOLE) - 8, len(WHOLE) - 4])
def test_a_form_that_is_cut_off_is_refused(
    send_raw: Callable[..., httpx.Response], problem: ReadProblem, length: int
) -> None:
    problem(send_raw(WHOLE[:length]), 400, "body")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (WHOLE, "multipart/form-data"),
        (WHOLE, "multipart/form-data; boundary="),
        (WHOLE, "multipart/form-data; boundary=y"),
        (WHOLE, 'multipart/form-data; boundary="x'),
        (b"garbage", "multipart/form-data; boundary=x"),
        (WHOLE.replace(b'; name="alert"', b""), "multipart/form-data; boundary=x"),
        (WHOLE.replace(b"Content-Disposition", b"Content Disp\x00"), "multipart/form-data; boundary=x"),
        (WHOLE.replace(b"--x", b"--y", 1), "multipart/form-data; boundary=x"),
    ],
)
def test_a_form_that_cannot_be_read_is_a_400(
    send_raw: Callable[..., httpx.Response], problem: ReadProblem, body: bytes, kind: str
) -> None:
    problem(send_raw(body, kind), 400, "body")


@pytest.mark.parametrize("charset", ["undefined", "idna", "bogus", "utf-16", "hex", "latin-1"])
def test_a_charset_beside_the_boundary_changes_nothing(send_raw: Callable[..., httpx.Response], charset: str) -> None:
    answer = send_raw(WHOLE, f"multipart/form-data; boundary=x; charset={charset}")
    assert reasons(answer) == ["photo_ignored"]


def test_hundreds_of_parts_are_refused(send: Callable[..., httpx.Response], problem: ReadProblem) -> None:
    problem(send(ALERT, *[photo(b"x")] * 300), 400, "body")
    problem(send(ALERT, *[("comment", (None, "x"))] * 300), 400, "body")
