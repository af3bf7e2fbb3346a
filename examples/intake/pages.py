"""Renders the pages in the visitor's language."""

import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from examples.intake.guard import HEADERS
from examples.intake.languages import CODES, DEFAULT, N_, Language
from examples.intake.links import Links

STALE = N_("This form was open for too long. Please check it and send it again.")
AGAIN_S = "60"
_TEMPLATES = Path(__file__).parent / "templates"
# A random name for one browser, which binds forms to it; it says nothing about anybody and is stored nowhere.
VISITOR, LANGUAGE = "visitor", "lang"
_A_DAY, _A_YEAR = 86_400, 365 * 86_400
_TROUBLE = {
    404: N_("There is no such page, or its link is too old."),
    405: N_("This page does not take that."),
    429: N_("Too many reports came from your connection. Try again in a few minutes."),
    503: N_("The service cannot be reached at the moment. Try again in a few minutes."),
}
_OTHERWISE = N_("Something went wrong. Go back and try again.")
# The towns of Dijon Métropole, as suggestions; any other may be written.
COMMUNES = (
    "Ahuy",
    "Bressey-sur-Tille",
    "Bretenière",
    "Chenôve",
    "Chevigny-Saint-Sauveur",
    "Corcelles-les-Monts",
    "Daix",
    "Dijon",
    "Fénay",
    "Flavignerot",
    "Fontaine-lès-Dijon",
    "Hauteville-lès-Dijon",
    "Longvic",
    "Magny-sur-Tille",
    "Marsannay-la-Côte",
    "Neuilly-Crimolois",
    "Ouges",
    "Perrigny-lès-Dijon",
    "Plombières-lès-Dijon",
    "Quetigny",
    "Saint-Apollinaire",
    "Sennecey-lès-Dijon",
    "Talant",
)


class Pages:
    """Makes pages.

    Args:
        languages: the default first.
        links: makes tokens.
    """

    def __init__(self, languages: Mapping[str, Language], links: Links) -> None:
        self._languages = languages
        self.links = links
        loader = FileSystemLoader(_TEMPLATES)
        self._templates = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)

    def language(self, request: Request) -> Language:
        """The language that the visitor chose; French where none was."""
        chosen = request.query_params.get(LANGUAGE) or request.cookies.get(LANGUAGE, "")
        return self._languages[chosen if chosen in CODES else DEFAULT]

    def visitor(self, request: Request) -> str:
        """The name of the visitor's browser; empty where it has none yet."""
        return request.cookies.get(VISITOR, "")

    def page(self, request: Request, template: str, status: int = 200, **shown: Any) -> Response:
        """A page."""
        language = self.language(request)
        other = next(code for code in CODES if code != language.code)
        context = {"_": language.gettext, "language": language.code, "other": other, "path": request.url.path}
        answer = HTMLResponse(self._templates.get_template(template).render(context | shown), status)
        if request.query_params.get(LANGUAGE) == language.code:
            answer.set_cookie(LANGUAGE, language.code, _A_YEAR, samesite="lax", secure=_is_secure(request))
        return answer

    def name_visitor(self, request: Request, answer: Response, visitor: str) -> None:
        """Let the browser keep its name."""
        answer.set_cookie(VISITOR, visitor, _A_DAY, httponly=True, samesite="lax", secure=_is_secure(request))

    def trouble(self, request: Request, status: int, headers: Mapping[str, str] | None = None) -> Response:
        """A page that says what went wrong."""
        message = self.language(request).gettext(_TROUBLE.get(status, _OTHERWISE))
        answer = self.page(request, "trouble.html", status, message=message)
        answer.headers.update(headers or {})
        return answer

    def error_handlers(self) -> Mapping[Any, Any]:
        """What answers errors of the framework."""

        def handle(request: Request, error: Exception) -> Response:
            status = error.status_code if isinstance(error, HTTPException) else 500
            answer = self.trouble(request, status)
            # Unforeseen errors are answered outside the guard.
            answer.headers.update(HEADERS)
            return answer

        return {HTTPException: handle, 500: handle}


def new_visitor() -> str:
    """A name that nobody else has."""
    return secrets.token_urlsafe(16)


def _is_secure(request: Request) -> bool:
    return request.url.scheme == "https"
