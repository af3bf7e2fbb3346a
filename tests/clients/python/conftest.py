"""One way to ask both clients the same, at the real service or at one whose answers are written beforehand."""

import asyncio
from collections.abc import AsyncIterable, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ondijon_triage_client import AsyncTriageClient, RetryPolicy, TriageClient
from tests.browser.installation import Installation
from tests.clients.python.scripted import ScriptedService
from tests.running_service import keep_together

Ask = Callable[[Callable[[Any], Any]], Any]
# Waits are real, so they are short.
QUICK = RetryPolicy(attempts=4, first_wait_s=0.01, longest_wait_s=0.02, budget_s=10)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What needs the service runs in one process."""
    keep_together(items, Path(__file__).parent)


@pytest.fixture
def scripted() -> Iterator[ScriptedService]:
    """A server on this machine that answers what a test has told it to."""
    with ScriptedService() as script:
        yield script


@pytest.fixture(params=["sync", "async"])
def ask_at(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """Asks a client of each kind at an address: `ask_at(base, lambda client: client.predict(alert))`."""

    def ask(base: str, use: Callable[[Any], Any], key: str = "test-key", **options: Any) -> Any:
        options = {"trust_env": False, "retry": QUICK} | options
        if request.param == "async":
            return asyncio.run(_in_a_loop(base, key, use, options))
        with TriageClient(base, key, **options) as client:
            result = use(client)
            return list(result) if isinstance(result, Iterator) else result

    return ask


async def _in_a_loop(base: str, key: str, use: Callable[[Any], Any], options: dict[str, Any]) -> Any:
    async with AsyncTriageClient(base, key, **options) as client:
        result = use(client)
        if isinstance(result, AsyncIterable):
            return [each async for each in result]
        return await result if isinstance(result, Awaitable) else result


@pytest.fixture
def ask(service: Installation, ask_at: Callable[..., Any]) -> Ask:
    """Asks a client of each kind at the real service."""
    return lambda use: ask_at(service.base, use, service.key, retry=RetryPolicy())
