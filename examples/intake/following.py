"""The follow-up page of one alert, and what tells it live."""

import json
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from hashlib import sha256

from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from examples.intake.form import read_form
from examples.intake.guard import SendingLimit, is_from_here
from examples.intake.languages import N_, Language
from examples.intake.links import Links, Ticket
from examples.intake.pages import AGAIN_S, STALE, Pages, new_visitor
from examples.intake.relay import Relay, TooManyPages
from examples.intake.wording import steps_of
from ondijon_triage_client import (
    AsyncTriageClient,
    Conflict,
    Event,
    InvalidPhoto,
    InvalidRequest,
    NotFound,
    TooLarge,
    TriageClientError,
)

NOT_TAKEN = N_("That could not be added: write a few words, or send other photos. Three photos are the most in all.")
_HEARTBEAT_S = 15
_MOST_DIGITS = 18
logger = logging.getLogger("intake")


class FollowUp:
    """Shows what becomes of an alert to whoever has its link.

    Args:
        client: the service.
        pages: renders.
        links: reads links.
        relay: tells events.
        limit: how much one address may send.
    """

    def __init__(
        self, client: AsyncTriageClient, pages: Pages, links: Links, relay: Relay, limit: SendingLimit
    ) -> None:
        self._limit = limit
        self._client = client
        self._pages = pages
        self._links = links
        self._relay = relay

    async def show(self, request: Request) -> Response:
        """What has happened until now; the page asks for the rest by itself, or is loaded again."""
        return await self._page(request, self._alert_id(request))

    async def change(self, request: Request) -> Response:
        """Add what the reporter says more, or withdraw the report; the answer leads back to the page."""
        alert_id = self._alert_id(request)
        if not is_from_here(request):
            return self._pages.trouble(request, 403)
        if not self._limit.admits(request):
            return self._pages.trouble(request, 429, {"Retry-After": AGAIN_S})
        filled, visitor = await read_form(request), self._pages.visitor(request)
        ticket = self._links.ticket_of(filled.ticket, visitor)
        if ticket is None or ticket.alert_id != alert_id:
            return await self._page(request, alert_id, [STALE], 403)
        try:
            if filled.withdraws:
                await self._client.withdraw(alert_id)
            else:
                # The same form again is the same addition.
                key = sha256(filled.ticket.encode()).hexdigest()
                await self._client.add(alert_id, text=filled.text, photos=filled.photos, idempotency_key=key)
        except (Conflict, InvalidRequest, InvalidPhoto, TooLarge):
            return await self._page(request, alert_id, [NOT_TAKEN], 422)
        except TriageClientError as error:
            logger.warning("A report could not be changed: %s", type(error).__name__)
            return self._pages.trouble(request, 503, {"Retry-After": AGAIN_S})
        return RedirectResponse(request.url.path, 303)

    async def _page(self, request: Request, alert_id: str, faults: Sequence[str] = (), status: int = 200) -> Response:
        language = self._pages.language(request)
        try:
            alert = await self._client.get_alert(alert_id)
            events = await self._relay.history(alert_id)
        except NotFound:
            return self._pages.trouble(request, 404)
        except TriageClientError as error:
            logger.warning("A follow-up page could not be made: %s", type(error).__name__)
            return self._pages.trouble(request, 503, {"Retry-After": AGAIN_S})
        token, last = request.path_params["token"], events[-1].position if events else "0"
        visitor = self._pages.visitor(request) or new_visitor()
        answer = self._pages.page(
            request,
            "follow.html",
            status,
            faults=[language.gettext(fault) for fault in faults],
            steps=[_step(event, language) for event in events],
            text=alert.text,
            is_over=alert.state in {"closed", "withdrawn"},
            is_withdrawn=alert.state == "withdrawn",
            ticket=self._links.ticket(Ticket(alert_id, visitor)),
            stream=f"/suivi/{token}/direct?after={last}&lang={language.code}",
        )
        self._pages.name_visitor(request, answer, visitor)
        return answer

    async def live(self, request: Request) -> Response:
        """What happens from now on, as server-sent events for the page's script."""
        alert_id, language = self._alert_id(request), self._pages.language(request)
        after = request.headers.get("last-event-id") or request.query_params.get("after", "0")
        if not (after.isascii() and after.isdigit() and len(after) <= _MOST_DIGITS):
            raise HTTPException(404)
        return EventSourceResponse(self._told(alert_id, after, language), ping=_HEARTBEAT_S, sep="\n")

    async def _told(self, alert_id: str, after: str, language: Language) -> AsyncIterator[ServerSentEvent]:
        try:
            async with aclosing(self._relay.live(alert_id, after)) as events:
                async for event in events:
                    data = json.dumps(_step(event, language), ensure_ascii=False)
                    yield ServerSentEvent(data, id=event.position, sep="\n")
        except (TooManyPages, TriageClientError):
            # The browser asks again by itself; until then the page shows what it has.
            yield ServerSentEvent(comment="later", retry=30_000, sep="\n")

    def _alert_id(self, request: Request) -> str:
        alert_id = self._links.followed(request.path_params["token"])
        if alert_id is None:
            raise HTTPException(404)
        return alert_id


def _step(event: Event, language: Language) -> dict[str, object]:
    return {
        "position": event.position,
        "kind": event.kind,
        "sentences": steps_of(event, language),
        "moment": language.moment(event.time),
        "at": event.time.isoformat(),
    }
