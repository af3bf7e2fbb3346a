"""What a reader chooses for their own browser: the language, and whether single keys do something."""

from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from serving.desk.languages import CODES, N_
from serving.desk.pages import KEYS_COOKIE, LANGUAGE_COOKIE
from serving.desk.view.links import DESK, own_page
from serving.problems import Problem
from serving.runtime import Runtime
from serving.staff.site import site_of

_YEAR_S: Final = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Preferences:
    """Sets cookies that hold no secret."""

    runtime: Runtime

    async def language(self, request: Request) -> Response:
        """Choose a language, and go back."""
        code = request.path_params["code"]
        if code not in CODES:
            raise Problem(404, "not_found", N_("The desk does not speak this language."))
        return self._kept(request, LANGUAGE_COOKIE, code, own_page(request.query_params.get("back")))

    async def keys(self, request: Request) -> Response:
        """Turn the keys on or off: people who dictate or miss keys need them off."""
        form = await request.form()
        return self._kept(request, KEYS_COOKIE, "off" if form.get("keys") == "off" else "on", f"{DESK}/help")

    def _kept(self, request: Request, name: str, value: str, path: str) -> Response:
        response = RedirectResponse(path, 303)
        secure = site_of(request.scope, self.runtime.settings.public_url).secure
        response.set_cookie(name, value, _YEAR_S, path=DESK, secure=secure, httponly=True, samesite="lax")
        return response
