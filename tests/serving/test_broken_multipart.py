"""Multipart forms that are wrong: whatever is sent, the part at fault is named, and nothing is guessed."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import httpx
import pytest

pytestmark = pytest.mark.xdist_group("server")

ReadProblem = Callable[..., dict[str, Any]]
Send = Callable[..., httpx.Response]
PhotosOf = Callable[..., list[dict[str, Any]]]
Part = tuple[str, tuple[str | None, bytes | str] | tuple[str | None, bytes | str, str]]

TEXT = {"id": "photo-1", "text": "Trou dans la chaussée, voir photo"}
ALERT: Part = ("alert", (None, json.dumps(TEXT)))


def photo(content: bytes) -> Part:
    return ("photo", ("photo.jpg", content, "image/jpeg"))


def alert_part(content: bytes | str) -> Part:
    return ("alert", (None, content))


@pytest.fixture
def send(client: httpx.Client) -> Send:
    """Posts parts as multipart."""
    return lambda *parts: client.post("/v1/predict", files=list(parts))


@pytest.fixture
def send_raw(client: httpx.Client) -> Send:
    """Posts a body under a content type, both as they are."""

    def post(body: bytes, kind: str = "multipart/form-data; boundary=x") -> httpx.Response:
        return client.post("/v1/predict", content=body, headers={"Content-Type": kind})

    return post


# Parts


@pytest.mark.parametrize(
    ("parts", "field"),
    [
        ([photo(b"x")], "alert"),
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
def test_a_wrong_part_is_named(send: Send, problem: ReadProblem, parts: Sequence[Part], field: str) -> None:
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
    send: Send, problem: ReadProblem, content: bytes, filename: str | None
) -> None:
    problem(send(("alert", (filename, content)), photo(b"x")), 400, "alert")


def test_an_alert_part_of_megabytes_is_refused(send: Send, problem: ReadProblem) -> None:
    content = json.dumps({"id": "a", "text": "a" * 2_000_000})
    problem(send(alert_part(content)), 400, "body")
    problem(send(("alert", ("alert.json", content))), 413, "alert")


WHOLE = (
    b'--x\r\nContent-Disposition: form-data; name="alert"\r\n\r\n' + json.dumps(TEXT).encode() + b"\r\n"
    b'--x\r\nContent-Disposition: form-data; name="photo"; filename="p.jpg"\r\n\r\n'
    + bytes(range(256))
    + b"\r\n--x--\r\n"
)


def test_the_form_of_the_next_tests_is_good_when_whole(send_raw: Send, photos_of: PhotosOf) -> None:
    photos_of(send_raw(WHOLE).json(), False)


@pytest.mark.parametrize("length", [0, 1, 10, 60, 140, 200, len(WHOLE) - 100, len(WHOLE) - 8, len(WHOLE) - 4])
def test_a_form_that_is_cut_off_is_refused(send_raw: Send, problem: ReadProblem, length: int) -> None:
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
def test_a_form_that_cannot_be_read_is_a_400(send_raw: Send, problem: ReadProblem, body: bytes, kind: str) -> None:
    problem(send_raw(body, kind), 400, "body")


@pytest.mark.parametrize("charset", ["undefined", "idna", "bogus", "utf-16", "hex", "latin-1"])
def test_a_charset_beside_the_boundary_changes_nothing(send_raw: Send, photos_of: PhotosOf, charset: str) -> None:
    answer = send_raw(WHOLE, f"multipart/form-data; boundary=x; charset={charset}")
    photos_of(answer.json(), False)


def test_hundreds_of_parts_are_refused(send: Send, problem: ReadProblem) -> None:
    problem(send(ALERT, *[photo(b"x")] * 300), 400, "body")
    problem(send(ALERT, *[("comment", (None, "x"))] * 300), 400, "body")
