"""`/readyz`: ready as long as anything useful is done, and exact for those who ask for one thing."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from serving.problems import ProblemMiddleware
from serving.readiness import ReadinessMiddleware
from serving.runtime import Runtime


async def nothing_else(_scope: Any, _receive: Any, _send: Any) -> None:
    raise AssertionError("it was passed on")


def layer(*, model: bool = True, answered: bool = True, store: bool = True, loaded: bool = True) -> Any:
    runtime = Runtime()
    engine: Any = SimpleNamespace(
        has_model=model, patience=SimpleNamespace(is_answered=answered), door=SimpleNamespace(is_usable=store)
    )
    runtime.engine = engine if loaded else None
    inner: Any = ReadinessMiddleware(nothing_else, runtime)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        path, _, query = "/readyz", None, scope["headers"][0][1] if scope["headers"] else b""
        await ProblemMiddleware(inner)({**scope, "method": "GET", "path": path, "query_string": query}, receive, send)

    return app


@pytest.mark.parametrize(
    ("state", "body", "plain", "predict", "intake"),
    [
        ({}, b'{"predict": true, "intake": true}', 200, 200, 200),
        ({"model": False}, b'{"predict": false, "intake": true}', 200, 503, 200),
        ({"answered": False}, b'{"predict": false, "intake": true}', 200, 503, 200),
        ({"store": False}, b'{"predict": true, "intake": false}', 200, 200, 503),
        ({"model": False, "store": False}, None, 503, 503, 503),
        ({"loaded": False}, None, 503, 503, 503),
    ],
)
def test_a_service_is_ready_while_it_predicts_or_takes_alerts_in(
    ask: Callable[..., Any], state: dict[str, bool], body: bytes | None, plain: int, predict: int, intake: int
) -> None:
    app = layer(**state)
    answers = [ask(app, {"query": query} if query else None) for query in ("", "for=predict", "for=intake")]
    assert [answer.status for answer in answers] == [plain, predict, intake]
    assert body is None or answers[0].body == body
    for answer in answers:
        assert answer.status == 200 or answer.headers["retry-after"].isdigit()


@pytest.mark.parametrize("query", ["for=tea", "for=predict&for=intake"])
def test_another_question_is_a_422(ask: Callable[..., Any], query: str) -> None:
    answer = ask(layer(), {"query": query})
    assert answer.status == 422
    assert b'"field": "for"' in answer.body
