"""The application: a form, what becomes of it, and a follow-up page that tells it live."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from examples.intake.following import FollowUp
from examples.intake.guard import Guard, SendingLimit
from examples.intake.languages import read_languages
from examples.intake.links import Links
from examples.intake.pages import Pages
from examples.intake.relay import Relay
from examples.intake.reporting import Reporting
from examples.intake.settings import IntakeSettings
from ondijon_triage_client import AsyncTriageClient, RetryPolicy

_STATIC = Path(__file__).parent / "static"
# A resident waits for the answer: less patience than a machine would have.
PATIENCE = RetryPolicy(attempts=4, longest_wait_s=2.0, budget_s=20.0)


def create_app(settings: IntakeSettings) -> Starlette:
    """The application for one service.

    Raises:
        MissingKey: the settings hold no key.
    """
    client = AsyncTriageClient(settings.triage_url, settings.key, retry=PATIENCE)
    relay, links = Relay(client), Links(settings.secret)
    pages = Pages(read_languages(settings.taxonomy, settings.zone), links)
    limit = SendingLimit(settings.sending_limit)
    reporting = Reporting(client, pages, links, limit)
    follow_up = FollowUp(client, pages, links, relay, limit)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[Mapping[str, object]]:
        task = asyncio.create_task(relay.run())
        try:
            yield {}
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            await client.aclose()

    routes = [
        Route("/", reporting.show, methods=["GET"]),
        Route("/", reporting.send, methods=["POST"]),
        Route("/suivi/{token}", follow_up.show, methods=["GET"], name="follow-up"),
        Route("/suivi/{token}", follow_up.change, methods=["POST"]),
        Route("/suivi/{token}/direct", follow_up.live, methods=["GET"]),
        Mount("/static", StaticFiles(directory=_STATIC)),
    ]
    return Starlette(
        routes=routes, middleware=[Middleware(Guard)], lifespan=lifespan, exception_handlers=pages.error_handlers()
    )
