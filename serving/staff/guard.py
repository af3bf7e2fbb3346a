"""Guards the pages of staff: who may see them, which forms count, and what browsers may do with them."""

import logging
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from serving.access import needed_role
from serving.desk.languages import N_
from serving.handling import engine_of
from serving.problems import Problem
from serving.runtime import Runtime
from serving.staff import forms
from serving.staff.addresses import sign_in_address
from serving.staff.answers import Answer
from serving.staff.places import is_page
from serving.staff.problem_page import detail_of, title_of
from serving.staff.site import Site, is_loopback, site_of
from triage.staff import Member, Role

_STATIC = "/review/static/"
logger = logging.getLogger("triage.serving")


class NotSignedIn(Exception):
    """The page is for staff, and nobody is signed in."""


class StaffMiddleware:
    """Lets members of staff to their pages; every answer of the desk, errors too, is a page with strict headers.

    Args:
        app: what is inside.
        runtime: of the service.
        image_hosts: from where pages may load pictures beside this service, for maps.
    """

    def __init__(self, app: ASGIApp, runtime: Runtime, image_hosts: Sequence[str] = ()) -> None:
        self._app = app
        self._runtime = runtime
        self._image_hosts = tuple(image_hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Admit a request, or answer it."""
        if scope["type"] != "http" or not is_page(scope["path"]):
            await self._app(scope, receive, send)
            return
        scope.setdefault("state", {}).update(member=None, csrf_token="")
        request, answer = Request(scope), Answer(send, scope["path"], self._image_hosts)
        try:
            admitted = await self._admit(request, receive)
            await self._app(scope, admitted, answer.send)
            problem = answer.problem()
        except Problem as raised:
            problem = raised
        except NotSignedIn:
            await _to_sign_in(request)(scope, receive, answer.send_page)
            return
        except Exception as error:
            # The traceback may quote the request, so only the kind of error is logged.
            logger.exception("unexpected error %s", type(error).__name__, exc_info=False)
            problem = Problem(500, "internal", "Something went wrong inside the service.")
        if problem is not None and not answer.started:
            await self._page(problem, request)(scope, receive, answer.send_page)

    async def _admit(self, request: Request, receive: Receive) -> Receive:
        """What the page may read of the request.

        Raises:
            Problem: the request is refused.
            NotSignedIn: it is for members, and comes from nobody.
        """
        # Not `request.url`, which leaves line breaks out and would find other pages than the router does.
        path = request.scope["path"]
        if path.startswith(_STATIC):
            needed_role(request.method, path)
            return receive
        site = site_of(request.scope, self._runtime.settings.public_url)
        if not (site.secure or site.local):
            raise Problem(
                403,
                "https_needed",
                N_("Without https others could read along, so the desk opens on this machine's own address alone."),
            )
        request.state.site = site
        await self._recognise(request, site)
        needed = needed_role(request.method, path)
        if request.method == "GET":
            await self._require(request, needed)
            return receive
        forms.refuse_other_content(request.headers)
        forms.refuse_other_sites(request.headers, site)
        body = await forms.read_body(receive)
        await self._require(request, needed)
        if needed is not None:
            forms.refuse_other_tokens(request.headers, body, request.state.csrf_token)
        return forms.replayed(body, receive)

    async def _recognise(self, request: Request, site: Site) -> None:
        staff = engine_of(self._runtime).staff
        secret = staff.cookies.session(request, site)
        member = await staff.accounts.find(secret, local=is_on_this_machine(request)) if secret else None
        if secret and member:
            request.state.member, request.state.csrf_token = member, staff.cookies.form_token(secret)
            request.state.session = secret

    async def _require(self, request: Request, needed: Role | None) -> None:
        member: Member | None = request.state.member
        if needed is None:
            return
        if member is None:
            await engine_of(self._runtime).staff.refuse_without_accounts()
            raise NotSignedIn
        if not member.may(needed):
            raise Problem(403, "role_missing", _needs(needed))

    def _page(self, problem: Problem, request: Request) -> Response:
        return self._runtime.pages.render(
            "problem.html",
            request,
            status=problem.status,
            headers=problem.headers,
            code=problem.code,
            title=title_of(problem),
            detail=detail_of(problem),
        )


def is_on_this_machine(request: Request) -> bool:
    """Whether a request was sent on this very machine, to its own address."""
    site: Site = request.state.site
    return site.local and request.client is not None and is_loopback(request.client.host)


def member_of(request: Request) -> Member:
    """Who is signed in, on pages that are for members alone."""
    member: Member = request.state.member
    return member


def _to_sign_in(request: Request) -> Response:
    if "hx-request" in request.headers:
        return Response("", 401, media_type="text/html", headers={"HX-Redirect": sign_in_address(_shown_page(request))})
    query = request.scope["query_string"].decode("latin-1")
    wanted = request.scope["path"] + (f"?{query}" if query else "")
    return RedirectResponse(sign_in_address(wanted if request.method == "GET" else _shown_page(request)), 303)


def _shown_page(request: Request) -> str:
    """The page from which a browser sent a form, as far as it says so and is to be believed."""
    sent = request.headers.get("hx-current-url") or request.headers.get("referer", "")
    site: Site = request.state.site
    return sent.removeprefix(site.origin) if sent.startswith(f"{site.origin}/") else ""


def _needs(role: Role) -> str:
    return {
        Role.AGENT: N_("This page is for agents."),
        Role.SUPERVISOR: N_("This is for supervisors. An administrator can give you that role."),
        Role.ADMINISTRATOR: N_("This is for administrators."),
    }[role]
