"""The outermost layer: whatever goes wrong inside, a problem document goes out."""

import asyncio
import json
import logging
from collections.abc import Callable
from typing import Any

import pytest
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from serving.problems import MEDIA_TYPE, Problem, ProblemMiddleware, overloaded
from triage.errors import FieldError

Ask = Callable[..., Any]


def raising(error: Exception) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001
        raise error

    return app


def document(answer: Any, status: int) -> dict[str, Any]:
    assert answer.status == status
    assert answer.headers["content-type"] == MEDIA_TYPE
    assert int(answer.headers["content-length"]) == len(answer.body)
    content: dict[str, Any] = json.loads(answer.body)
    assert content.keys() == {"type", "title", "status", "detail", "errors"}
    assert content["status"] == status
    assert content["detail"]
    return content


def test_a_good_answer_passes_untouched(ask: Ask) -> None:
    answer = ask(ProblemMiddleware(PlainTextResponse("fine", headers={"X-Thing": "1"})))
    assert (answer.status, answer.body, answer.headers["x-thing"]) == (200, b"fine", "1")


def test_a_redirect_passes_untouched(ask: Ask) -> None:
    answer = ask(ProblemMiddleware(Response(status_code=307, headers={"Location": "/docs"})))
    assert (answer.status, answer.headers["location"]) == (307, "/docs")


def test_a_raised_problem_is_answered_with_its_fields_and_headers(ask: Ask) -> None:
    faults = (FieldError("lat", "finite_number", "must be finite"), FieldError("é", "c", "m"))
    problem = Problem(422, "invalid_alert", "Two faults.", faults, headers={"X-Hint": "1"})
    answer = ask(ProblemMiddleware(raising(problem)))
    content = document(answer, 422)
    assert content["type"] == "urn:triage:problem:invalid_alert"
    assert content["errors"] == [
        {"field": "lat", "code": "finite_number", "message": "must be finite"},
        {"field": "é", "code": "c", "message": "m"},
    ]
    assert answer.headers["x-hint"] == "1"


def test_overload_says_when_to_come_back(ask: Ask) -> None:
    answer = ask(ProblemMiddleware(raising(overloaded("Too many."))))
    assert document(answer, 503)["detail"] == "Too many."
    assert answer.headers["retry-after"] == "1"


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 408, 413, 422, 429, 500, 503])
def test_a_foreign_error_is_replaced(ask: Ask, status: int) -> None:
    foreign = JSONResponse([{"msg": "internal detail"}], status, {"Allow": "GET", "Retry-After": "9", "X-Other": "1"})
    answer = ask(ProblemMiddleware(foreign))
    content = document(answer, status)
    assert content["errors"] == []
    assert b"internal detail" not in answer.body
    assert (answer.headers["allow"], answer.headers["retry-after"]) == ("GET", "9")
    assert "x-other" not in answer.headers


def test_a_problem_from_inside_is_not_replaced(ask: Ask) -> None:
    inner = overloaded("From inside.").response()
    assert document(ask(ProblemMiddleware(inner)), 503)["detail"] == "From inside."


def test_an_escaped_error_is_a_500_that_says_nothing_of_it(ask: Ask, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        answer = ask(ProblemMiddleware(raising(RuntimeError("a resident's words"))))
    assert document(answer, 500)["type"] == "urn:triage:problem:internal"
    assert b"resident" not in answer.body
    assert "RuntimeError" in caplog.text
    assert "resident" not in caplog.text
    assert "Traceback" not in caplog.text


def test_an_error_after_a_foreign_error_began_is_still_one_answer(ask: Ask) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001
        await send({"type": "http.response.start", "status": 404, "headers": []})
        raise RuntimeError

    document(ask(ProblemMiddleware(app)), 500)


def test_an_error_after_the_answer_began_does_not_begin_another(ask: Ask) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"half", "more_body": True})
        raise RuntimeError

    answer = ask(ProblemMiddleware(app))
    assert (answer.status, answer.body) == (200, b"half")


def test_lone_surrogates_in_a_message_do_not_break_the_answer(ask: Ask) -> None:
    fault = FieldError("\ud800", "code", "message \udfff")
    document(ask(ProblemMiddleware(raising(Problem(422, "invalid_alert", "detail \ud800", (fault,))))), 422)


def test_cancellation_passes_through(ask: Ask) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        ask(ProblemMiddleware(app))


def test_what_is_not_http_passes_untouched() -> None:
    seen: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001
        seen.append(scope["type"])

    async def nothing(*_: Any) -> Any:
        raise AssertionError

    for kind in ("lifespan", "websocket"):
        asyncio.run(ProblemMiddleware(app)({"type": kind}, nothing, nothing))
    assert seen == ["lifespan", "websocket"]
