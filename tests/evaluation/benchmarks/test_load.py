"""The closed-loop load, against a small server in the same process."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest
from aiohttp import web

from evaluation.benchmarks.load import LoadFigures, closed_loop

BODIES = [b'{"id": "a"}', b'{"id": "b"}', b'{"id": "c"}']


@dataclass
class SmallServer:
    """Answers after a while; remembers what it was asked."""

    delay_s: float = 0.005
    status: int = 200
    refuses: int = 0
    bodies: list[bytes] = field(default_factory=list)
    headers: list[tuple[str, str]] = field(default_factory=list)
    open: int = 0
    most_open: int = 0

    async def answer(self, request: web.Request) -> web.Response:
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        self.bodies.append(await request.read())
        self.headers.append((request.headers["Authorization"], request.headers["Content-Type"]))
        await asyncio.sleep(self.delay_s)
        self.open -= 1
        if len(self.bodies) <= self.refuses:
            return web.Response(status=503, headers={"Retry-After": "0"})
        return web.Response(status=self.status, text="what happened")

    async def serve(self, use: Callable[[str], Awaitable[LoadFigures]]) -> LoadFigures:
        application = web.Application()
        application.router.add_post("/v1/predict", self.answer)
        runner = web.AppRunner(application)
        await runner.setup()
        try:
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            port = runner.addresses[0][1]
            return await use(f"http://127.0.0.1:{port}/v1/predict")
        finally:
            await runner.cleanup()


def load(server: SmallServer, clients: int = 4, seconds: float = 0.4) -> LoadFigures:
    return asyncio.run(server.serve(lambda url: closed_loop(url, "secret", BODIES, clients, seconds)))


def test_every_request_carries_the_key_and_is_json() -> None:
    server = SmallServer()
    load(server)
    assert set(server.headers) == {("Bearer secret", "application/json")}


def test_bodies_are_sent_in_turn() -> None:
    server = SmallServer()
    load(server, clients=1)
    assert len(server.bodies) > len(BODIES)
    assert server.bodies == [BODIES[number % len(BODIES)] for number in range(len(server.bodies))]


@pytest.mark.parametrize("clients", [1, 6])
def test_each_client_waits_for_its_answer(clients: int) -> None:
    server = SmallServer(delay_s=0.02)
    load(server, clients)
    assert server.most_open == clients


def test_the_rate_counts_what_was_answered() -> None:
    server = SmallServer()
    figures = load(server, seconds=0.5)
    # The last requests end after the half second.
    assert len(server.bodies) / 2 < figures.requests_per_s <= len(server.bodies) / 0.5


def test_latencies_are_ordered_and_no_shorter_than_the_server_takes() -> None:
    figures = load(SmallServer(delay_s=0.02))
    assert 19 < figures.p50_ms <= figures.p95_ms <= figures.p99_ms


def test_one_request_is_enough_for_figures() -> None:
    server = SmallServer(delay_s=0.05)
    figures = load(server, clients=1, seconds=0.01)
    assert len(server.bodies) == 1
    assert figures.p50_ms == figures.p99_ms


@pytest.mark.parametrize("status", [204, 401, 503])
def test_an_answer_that_is_no_200_stops_the_load_and_is_shown(status: int) -> None:
    with pytest.raises(RuntimeError, match=f"answered {status}"):
        load(SmallServer(status=status), seconds=5)


def test_the_content_of_a_refusal_is_shown() -> None:
    with pytest.raises(RuntimeError, match="what happened"):
        load(SmallServer(status=500), seconds=5)


def test_a_refusal_that_says_when_to_come_back_is_heeded_and_does_not_count() -> None:
    server = SmallServer(refuses=3)
    figures = load(server, clients=1)
    assert figures.requests_per_s == pytest.approx((len(server.bodies) - 3) / 0.4, rel=0.3)


def test_a_server_that_refuses_everything_was_not_measured() -> None:
    with pytest.raises(RuntimeError, match="refused every request"):
        load(SmallServer(refuses=1_000_000), seconds=0.1)
