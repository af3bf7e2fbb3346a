"""The form, and what becomes of it."""

import logging

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from examples.intake.form import Filled, read_form
from examples.intake.guard import SendingLimit, is_from_here
from examples.intake.languages import N_
from examples.intake.links import Links, Ticket
from examples.intake.pages import AGAIN_S, COMMUNES, STALE, Pages, new_visitor
from ondijon_triage_client import (
    AsyncTriageClient,
    Conflict,
    InvalidPhoto,
    InvalidRequest,
    TooLarge,
    TriageClientError,
)
from ondijon_triage_client.alerts import new_id

REFUSED = N_("Your report could not be read. Change its text or its photos, and send it again.")
UNREACHABLE = N_("Your report could not be sent just now. Please send it again in a few minutes.")
SENT_BEFORE = N_("This form was sent already. To report something else, send it once more.")
logger = logging.getLogger("intake")


class Reporting:
    """Shows the form and sends reports.

    Args:
        client: the service.
        pages: renders.
        links: makes and reads tickets and links.
        limit: how many reports one address may send.
    """

    def __init__(self, client: AsyncTriageClient, pages: Pages, links: Links, limit: SendingLimit) -> None:
        self._client = client
        self._pages = pages
        self._links = links
        self._limit = limit

    async def show(self, request: Request) -> Response:
        """The empty form."""
        return self._form(request, Filled(), new_id())

    async def send(self, request: Request) -> Response:
        """Make an alert of the form; the answer leads to its follow-up page."""
        if not is_from_here(request):
            return self._pages.trouble(request, 403)
        if not self._limit.admits(request):
            return self._pages.trouble(request, 429, {"Retry-After": AGAIN_S})
        filled = await read_form(request)
        ticket = self._links.ticket_of(filled.ticket, self._pages.visitor(request))
        if ticket is None:
            return self._form(request, filled, new_id(), [STALE], 403)
        if faults := filled.faults():
            return self._form(request, filled, ticket.alert_id, faults, 422)
        return await self._store(request, filled, ticket.alert_id)

    async def _store(self, request: Request, filled: Filled, alert_id: str) -> Response:
        try:
            await self._client.create_alert(filled.alert(alert_id))
        except Conflict:
            return self._form(request, filled, new_id(), [SENT_BEFORE], 409)
        except (InvalidRequest, InvalidPhoto, TooLarge):
            return self._form(request, filled, alert_id, [REFUSED], 422)
        except TriageClientError as error:
            logger.warning("A report could not be sent: %s", type(error).__name__)
            # The same ticket: should it have been stored after all, a repeat makes no second one.
            answer = self._form(request, filled, alert_id, [UNREACHABLE], 503)
            answer.headers["Retry-After"] = AGAIN_S
            return answer
        return RedirectResponse(request.url_for("follow-up", token=self._links.follow_up(alert_id)).path, 303)

    def _form(
        self, request: Request, filled: Filled, alert_id: str, faults: list[str] | None = None, status: int = 200
    ) -> Response:
        visitor = self._pages.visitor(request) or new_visitor()
        translate = self._pages.language(request).gettext
        answer = self._pages.page(
            request,
            "form.html",
            status,
            filled=filled,
            faults=[translate(fault) for fault in faults or ()],
            ticket=self._links.ticket(Ticket(alert_id, visitor)),
            communes=COMMUNES,
        )
        self._pages.name_visitor(request, answer, visitor)
        return answer
