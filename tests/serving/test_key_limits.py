"""How much one key may ask for: beyond its allowance it is told when to come back, and other keys notice nothing."""

import asyncio
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from serving.authentication import AuthenticationMiddleware
from serving.key_limits import Allowance, KeyLimitMiddleware, KeyLimits
from serving.keys import KeyRing, KeyStore, StoredKey
from serving.problems import Problem, ProblemMiddleware
from serving.runtime import Runtime
from triage.settings import Settings


def key(name: str = "intake", *, per_minute: int | None = None, at_once: int | None = None) -> StoredKey:
    return StoredKey(name=name, sha256="0" * 64, created_at=datetime.now(UTC), per_minute=per_minute, at_once=at_once)


def refused(limits: KeyLimits, by: StoredKey) -> Problem:
    with pytest.raises(Problem) as caught, limits.admitted(by):
        pass
    return caught.value


def test_a_request_beyond_those_of_a_minute_is_told_when_to_come_back() -> None:
    limits = KeyLimits(Allowance(per_minute=3, at_once=9))
    for _ in range(3):
        with limits.admitted(key()):
            pass
    problem = refused(limits, key())
    assert (problem.status, problem.code) == (429, "rate_limited")
    assert problem.headers
    assert 1 <= int(problem.headers["Retry-After"]) <= 60


def test_one_key_spends_nothing_of_another() -> None:
    limits = KeyLimits(Allowance(per_minute=1, at_once=1))
    with limits.admitted(key("one")), limits.admitted(key("two")):
        assert refused(limits, key("one")).status == 429


def test_what_is_under_way_counts_until_it_is_answered() -> None:
    limits = KeyLimits(Allowance(per_minute=99, at_once=2))
    with ExitStack() as under_way:
        under_way.enter_context(limits.admitted(key()))
        under_way.enter_context(limits.admitted(key()))
        assert refused(limits, key()).code == "too_many_at_once"
    with limits.admitted(key()):
        pass


def test_a_request_that_fails_gives_its_place_back() -> None:
    limits = KeyLimits(Allowance(per_minute=99, at_once=1))
    with pytest.raises(ValueError, match="broken"), limits.admitted(key()):
        raise ValueError("broken")
    with limits.admitted(key()):
        pass


def test_a_refusal_for_company_costs_nothing_of_the_minute() -> None:
    limits = KeyLimits(Allowance(per_minute=2, at_once=1))
    with limits.admitted(key()):
        for _ in range(5):
            assert refused(limits, key()).code == "too_many_at_once"
    with limits.admitted(key()):
        pass


def test_a_key_may_have_an_allowance_of_its_own() -> None:
    limits = KeyLimits(Allowance(per_minute=100, at_once=100))
    assert limits.allowance(key(per_minute=5)) == Allowance(per_minute=5, at_once=100)
    assert limits.allowance(key(at_once=2)) == Allowance(per_minute=100, at_once=2)


def test_the_allowance_of_a_key_is_kept_with_it(tmp_path: Path) -> None:
    store = KeyStore(tmp_path)
    store.add("slow", per_minute=5, at_once=2)
    store.add("usual")
    slow, usual = store.all()
    assert (slow.per_minute, slow.at_once, usual.per_minute, usual.at_once) == (5, 2, None, None)


def test_a_third_request_at_once_is_a_problem_document_and_is_counted(tmp_path: Path) -> None:
    store = KeyStore(tmp_path)
    one, two = ({"Authorization": f"Bearer {store.add(name)}"} for name in ("one", "two"))
    runtime = Runtime(Settings(key_requests_at_once=2), KeyRing(store.all()))

    async def run() -> tuple[httpx.Response, list[httpx.Response]]:
        go, arrived = asyncio.Event(), 0

        async def slow(_: Scope, __: Receive, send: Send) -> None:
            nonlocal arrived
            arrived += 1
            await go.wait()
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"done"})

        app = ProblemMiddleware(AuthenticationMiddleware(KeyLimitMiddleware(slow, runtime), runtime))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
            post = partial(client.post, "/v1/predict")
            waiting = [asyncio.create_task(post(headers=key)) for key in (one, one, two)]
            while arrived < len(waiting):
                await asyncio.sleep(0)
            refused = await post(headers=one)
            go.set()
            return refused, await asyncio.gather(*waiting)

    third, others = asyncio.run(run())
    assert third.status_code == 429
    assert third.headers["content-type"] == "application/problem+json"
    assert third.headers["retry-after"] == "1"
    assert [answer.status_code for answer in others] == [200, 200, 200]
    assert b'triage_requests_refused_total{code="too_many_at_once"} 1.0' in runtime.metrics.render()
