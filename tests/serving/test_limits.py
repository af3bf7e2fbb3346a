"""The body limit: by the declared length before a byte is read, by counting where none is declared."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from serving.limits import BodyLimitMiddleware
from serving.problems import ProblemMiddleware
from serving.runtime import Runtime
from triage.settings import Settings

Ask = Callable[..., Any]
LIMIT = 1_024


@pytest.fixture
def limited() -> Callable[[ASGIApp], ASGIApp]:
    """Puts an application behind the limit, and that behind the problem documents."""
    runtime = Runtime(settings=Settings(max_body_bytes=LIMIT))
    return lambda app: ProblemMiddleware(BodyLimitMiddleware(app, runtime))


async def echo_length(scope: Scope, receive: Receive, send: Send) -> None:
    body = await Request(scope, receive).body()
    await PlainTextResponse(str(len(body)))(scope, receive, send)


async def must_not_run(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001
    pytest.fail("the application was called")


def assert_too_large(answer: Any) -> None:
    assert answer.status == 413
    assert answer.headers["content-type"] == "application/problem+json"
    document = json.loads(answer.body)
    assert document["type"] == "urn:triage:problem:body_too_large"
    assert str(LIMIT) in document["detail"]
    assert [error["field"] for error in document["errors"]] == ["body"]


@pytest.mark.parametrize("size", [0, 1, LIMIT - 1, LIMIT])
def test_a_body_up_to_the_limit_passes(ask: Ask, limited: Callable[[ASGIApp], ASGIApp], size: int) -> None:
    body = b"x" * size
    assert ask(limited(echo_length), {"Content-Length": str(size)}, [body]).body == str(size).encode()
    assert ask(limited(echo_length), {}, [body]).body == str(size).encode()
    assert ask(limited(echo_length), {}, [body[:500], b"", body[500:]]).body == str(size).encode()


@pytest.mark.parametrize("length", [str(LIMIT + 1), "9" * 1_000, "-1", "1e9", "ten", "", "²"])
def test_a_length_over_the_limit_or_none_at_all_is_refused_unread(
    ask: Ask, limited: Callable[[ASGIApp], ASGIApp], length: str
) -> None:
    assert_too_large(ask(limited(must_not_run), {"Content-Length": length}, []))


@pytest.mark.parametrize("chunks", [[b"x" * (LIMIT + 1)], [b"x" * LIMIT, b"y"], [b"x"] * (LIMIT + 1)])
def test_a_body_without_a_length_is_counted(
    ask: Ask, limited: Callable[[ASGIApp], ASGIApp], chunks: list[bytes]
) -> None:
    assert_too_large(ask(limited(echo_length), {"Transfer-Encoding": "chunked"}, chunks))


def test_a_body_longer_than_its_length_says_is_counted(ask: Ask, limited: Callable[[ASGIApp], ASGIApp]) -> None:
    assert_too_large(ask(limited(echo_length), {"Content-Length": "1"}, [b"x" * (LIMIT + 1)]))


def test_nothing_is_read_that_the_application_does_not_ask_for(ask: Ask, limited: Callable[[ASGIApp], ASGIApp]) -> None:
    assert ask(limited(PlainTextResponse("fine")), {}, [b"x" * (LIMIT + 1)]).body == b"fine"


def test_what_is_not_http_passes_untouched(limited: Callable[[ASGIApp], ASGIApp]) -> None:
    seen: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001
        seen.append(scope["type"])

    async def nothing(*_: Any) -> Any:
        raise AssertionError

    asyncio.run(limited(app)({"type": "lifespan"}, nothing, nothing))
    assert seen == ["lifespan"]
