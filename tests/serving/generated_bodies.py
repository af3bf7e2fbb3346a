"""Bodies, forms and queries for fuzzing: near enough to good ones to get past the first check, and then wrong."""

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote_plus

from hypothesis import strategies as st

# JSON as it is written, since no value of Python becomes most of these.
_RAW = (
    *("null", "true", '""', '" "', "0", "-1", "1e999", "-0", "NaN", "Infinity", "1E-400", "9" * 400, "0.1e", "01"),
    *('"\\ud800"', '"\\udc00\\ud800"', '"\\u0000"', '"\\u202e"', '"\\ufeff"', '"\x00"', "'a'", "[,]", "{]"),
    *("[" * 3_000, "[" * 3_000 + "]" * 3_000, '{"a":' * 3_000, '"' + "a" * 6_000 + '"', '"' + "\\ud83d" * 900 + '"'),
    *('{"base64": "AAAA"}', '{"base64": "="}', '{"url": "https://photos.example/a"}', '{"url": "https://[::"}'),
    *('{"path": "/etc/passwd"}', '[{"base64": "aGk="}]', '"/etc/passwd"', '{"base64": "/9j/4AAQSkZJRgABAQ=="}'),
    *('"2026-02-30T10:00:00Z"', '"0001-01-01T00:00:00+23:59"', '"9999-12-31T23:59:59-23:59"', '"2025-01-31T08:30:00Z"'),
)
_GOOD = ('"a"', '"Trou dans la chaussée"', "47.3", "5.0", "1", '"web"', '"in_progress"', '"voirie"', '"eau"', "null")
_CODECS = ("utf-8", "utf-8-sig", "latin-1", "utf-16", "utf-32", "cp037")

_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
_WRITTEN = st.sampled_from(_GOOD) | st.sampled_from(_RAW) | _VALUES.map(json.dumps)


@st.composite
def json_bodies(draw: st.DrawFn, names: Sequence[str], within: str = "{}") -> bytes:
    """A document of some of these fields, at times twice the same; often broken.

    Args:
        draw: of Hypothesis.
        names: of the fields.
        within: what is around the document, `{}` in its place.
    """
    field = st.tuples(st.sampled_from(names).map(json.dumps) | st.text(max_size=5).map(json.dumps), _WRITTEN)
    fields = draw(st.lists(field, max_size=6))
    document = "{" + ",".join(f"{name}:{value}" for name, value in fields) + "}"
    whole = draw(st.sampled_from((within.replace("{}", document, 1), document)) | _WRITTEN)
    return _damaged(draw, whole.encode(draw(st.sampled_from(_CODECS)) if draw(st.booleans()) else "utf-8", "replace"))


@st.composite
def multipart_bodies(draw: st.DrawFn, names: Sequence[str]) -> bytes:
    """A form with the boundary `x`, whose part `alert` is such a document; often broken."""
    heads = st.sampled_from(
        (
            b'Content-Disposition: form-data; name="alert"',
            b'Content-Disposition: form-data; name="photo"; filename="a.jpg"',
            b'Content-Disposition: form-data; name="photo"',
            b'Content-Disposition: form-data; name="alert"; filename="a.json"\r\nContent-Type: application/json',
            b"Content-Disposition: form-data; name*=utf-8''alert; filename*=x'y'%ff",
            b'Content-Disposition: form-data; name="\xff\x00"',
            b"Content-Disposition: attachment",
            b"Content-Transfer-Encoding: base64",
            b"",
        )
    )
    parts = draw(st.lists(st.tuples(heads, json_bodies(names) | st.binary(max_size=40)), max_size=5))
    body = b"".join(b"--x\r\n" + head + b"\r\n\r\n" + content + b"\r\n" for head, content in parts) + b"--x--\r\n"
    return _damaged(draw, body)


@st.composite
def form_bodies(draw: st.DrawFn, names: Sequence[str]) -> bytes:
    """A form-encoded body, or a query; often broken."""
    values = st.text(st.characters(exclude_categories=["Cs"]), max_size=30) | st.sampled_from(
        (
            *(
                "",
                "47.3",
                "5.0",
                "1e999",
                "nan",
                "٣",
                "-0",
                "9" * 400,
                "https://a.example/\x00",
                "http://[::",
                "a" * 6_000,
            ),
            *(
                "2025-01-01T00:00:00Z",
                "0001-01-01T00:00:00+23:59",
                "9999-12-31T23:59:59Z",
                "1,2,3,4",
                "nan,nan,nan,nan",
            ),
            *(",".join(["open"] * 500), "true", "alert.closed", "WzEsMl0", "open", "voirie"),
        )
    )
    fields = draw(st.lists(st.tuples(st.sampled_from(names) | st.text("ab[]%&=;", max_size=4), values), max_size=6))
    return _damaged(draw, "&".join(f"{name}={quote_plus(value)}" for name, value in fields).encode())


def header_values() -> st.SearchStrategy[bytes]:
    """Values of headers as servers pass them on."""
    return st.binary(max_size=30).map(lambda value: value.translate(None, b"\r\n")) | st.sampled_from(
        (b"*/*;q=9", b"application/json;q=0,*/*", b"a/b;;;=," * 200, b"9" * 400, b"", b"0", b"\xff" * 300)
    )


def _damaged(draw: st.DrawFn, body: bytes) -> bytes:
    """As it is, cut off, or with other bytes in its midst."""
    kind = draw(st.sampled_from(("whole", "whole", "cut", "overwritten")))
    if kind == "whole" or not body:
        return body
    at = draw(st.integers(0, len(body) - 1))
    if kind == "cut":
        return body[:at]
    other: Any = draw(st.sampled_from((b"\xff", b"\xc3", b"\xed\xa0\x80", b"\x00", b'"', b"%", b"\r\n", b"{", b"\\u")))
    return body[:at] + other + body[at + 1 :]
