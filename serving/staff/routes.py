"""The pages by which staff come in and leave."""

from typing import Any

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from serving.desk.languages import N_
from serving.handling import engine_of, timed
from serving.problems import Problem
from serving.runtime import Runtime
from serving.staff.accounts import Attempt, SignInRefused, TooManyAttempts, folded_name
from serving.staff.addresses import safe_next
from serving.staff.forms import fields_of
from serving.staff.guard import is_on_this_machine, member_of
from serving.staff.limits import WINDOW_MINUTES
from serving.staff.places import HOME, SIGN_IN
from serving.staff.provider import NoRole, Provider, ProviderFailed
from serving.staff.site import Site
from triage.store.staff import NameTaken

_PROVIDER = f"{SIGN_IN}/provider"
_BACK = f"{_PROVIDER}/back"
_NAME, _PASSWORD, _NEXT = "name", "password", "next"

_WRONG = N_("Name or password are wrong.")
_TOO_OFTEN = N_("Too many attempts to sign in. Wait a quarter of an hour, then try again.")
_PROVIDER_FAILED = N_("Signing in with the identity provider did not work. Try again.")
_NO_ROLE = N_("The identity provider knows you, but gives you no role here. Ask an administrator.")
_NAME_TAKEN = N_("Somebody else has your name here already. Ask an administrator.")


def add_staff_routes(app: FastAPI, runtime: Runtime) -> None:
    """Add the pages to sign in and out."""
    handlers = _Handlers(runtime)
    for method, path, handler in (
        ("GET", SIGN_IN, handlers.show),
        ("POST", SIGN_IN, handlers.sign_in),
        ("GET", _PROVIDER, handlers.to_provider),
        ("GET", _BACK, handlers.from_provider),
        ("GET", "/review/enter", handlers.enter),
        ("POST", "/review/sign-out", handlers.sign_out),
    ):
        app.add_api_route(path, timed(handler, path, runtime), methods=[method], include_in_schema=False)


class _Handlers:
    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def show(self, request: Request) -> Response:
        wanted = safe_next(request.query_params.get(_NEXT))
        if request.state.member is not None:
            return RedirectResponse(wanted, 303)
        await engine_of(self._runtime).staff.refuse_without_accounts()
        return self._form(request, wanted)

    async def sign_in(self, request: Request) -> Response:
        staff = engine_of(self._runtime).staff
        fields = fields_of(await request.body())
        wanted = safe_next(_one(fields, _NEXT))
        name, password = folded_name(_one(fields, _NAME) or ""), _one(fields, _PASSWORD) or ""
        device = staff.cookies.device(request, request.state.site, name)
        await staff.refuse_without_accounts()
        try:
            attempt = Attempt(name, password, _address(request), device, self._replaced(request))
            secret = await staff.accounts.sign_in(attempt)
        except SignInRefused:
            return self._form(request, wanted, _WRONG, 401)
        except TooManyAttempts:
            return self._form(request, wanted, _TOO_OFTEN, 429, {"Retry-After": str(WINDOW_MINUTES * 60)})
        response = self._signed_in(request, wanted, secret)
        staff.cookies.set_device(response, request.state.site, name)
        return response

    async def to_provider(self, request: Request) -> Response:
        wanted = safe_next(request.query_params.get(_NEXT))
        try:
            address, noted = await self._provider().begin(_back(request))
        except ProviderFailed:
            return self._form(request, wanted, _PROVIDER_FAILED, 503)
        response = RedirectResponse(address, 303)
        cookies = engine_of(self._runtime).staff.cookies
        cookies.set_started(response, request.state.site, noted | {_NEXT: wanted})
        return response

    async def from_provider(self, request: Request) -> Response:
        staff = engine_of(self._runtime).staff
        noted = staff.cookies.started(request, request.state.site) or {}
        wanted = safe_next(noted.get(_NEXT))
        try:
            person = await self._provider().finish(_back(request), noted, dict(request.query_params))
            secret = await staff.accounts.sign_in_person(person, _address(request), self._replaced(request))
            response = self._signed_in(request, wanted, secret)
        except ProviderFailed:
            response = self._form(request, wanted, _PROVIDER_FAILED, 403)
        except (NoRole, SignInRefused):
            response = self._form(request, wanted, _NO_ROLE, 403)
        except NameTaken:
            response = self._form(request, wanted, _NAME_TAKEN, 403)
        staff.cookies.drop_started(response, request.state.site)
        return response

    async def enter(self, request: Request) -> Response:
        token = request.query_params.get("token", "")
        try:
            if not is_on_this_machine(request):
                raise SignInRefused("The link is for this machine alone.")
            accounts = engine_of(self._runtime).staff.accounts
            secret = await accounts.enter(token, _address(request), self._replaced(request))
        except SignInRefused:
            raise Problem(
                403,
                "link_refused",
                N_("This link was used before, is too old, or is no longer needed since there are accounts."),
            ) from None
        return self._signed_in(request, HOME, secret)

    async def sign_out(self, request: Request) -> Response:
        staff = engine_of(self._runtime).staff
        await staff.accounts.sign_out(request.state.session, member_of(request))
        response = RedirectResponse(SIGN_IN, 303)
        staff.cookies.drop_session(response, request.state.site)
        return response

    def _provider(self) -> Provider:
        provider = engine_of(self._runtime).staff.provider
        if provider is None:
            raise Problem(404, "not_found", "There is no such page.")
        return provider

    def _replaced(self, request: Request) -> str | None:
        return engine_of(self._runtime).staff.cookies.session(request, request.state.site)

    def _signed_in(self, request: Request, wanted: str, secret: str) -> Response:
        response = RedirectResponse(wanted, 303)
        engine_of(self._runtime).staff.cookies.set_session(response, request.state.site, secret)
        return response

    def _form(
        self, request: Request, wanted: str, error: str = "", status: int = 200, headers: dict[str, str] | None = None
    ) -> Response:
        values: dict[str, Any] = {
            "error": error,
            "next": wanted,
            "provider": engine_of(self._runtime).staff.provider is not None,
        }
        return self._runtime.pages.render("sign_in.html", request, status=status, headers=headers, **values)


def _one(fields: dict[str, list[str]], name: str) -> str | None:
    values = fields.get(name, [])
    return values[0] if len(values) == 1 else None


def _address(request: Request) -> str:
    return request.client.host if request.client else "-"


def _back(request: Request) -> str:
    site: Site = request.state.site
    return f"{site.origin}{_BACK}"
