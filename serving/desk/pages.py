"""Pages in the reader's language: one Jinja environment for each, made once."""

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse

from serving.desk.languages import DEFAULT, Language
from serving.desk.view.words import in_words
from triage.store.base import utc_now

TEMPLATES = Path(__file__).parent / "templates"
STATIC = Path(__file__).parent / "static"
LANGUAGE_COOKIE = "lang"
KEYS_COOKIE = "keys"


class Pages:
    """Renders templates for a request: in its language, with the member who is signed in.

    Args:
        languages: by code.
        clock: tells the time that ages on the pages are counted to.
    """

    def __init__(self, languages: Mapping[str, Language], clock: Callable[[], datetime] = utc_now) -> None:
        self._languages = languages
        self._clock = clock
        self._environments = {code: _environment(language) for code, language in languages.items()}

    def language(self, request: Request) -> Language:
        """The language that a reader chose, or the default."""
        chosen = request.cookies.get(LANGUAGE_COOKIE, DEFAULT)
        return self._languages.get(chosen) or self._languages[DEFAULT]

    def render(
        self,
        name: str,
        request: Request,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        **values: Any,
    ) -> HTMLResponse:
        """A page.

        Args:
            name: of the template.
            request: for whom; `state.member` and `state.csrf_token` are used where they are set.
            status: of the answer.
            headers: of the answer.
            values: what the template shows.
        """
        language = self.language(request)
        token = getattr(request.state, "csrf_token", "")
        shared = {
            "language": language,
            "languages": tuple(self._languages),
            "member": getattr(request.state, "member", None),
            "csrf_token": token,
            "csrf_field": lambda: Markup('<input type="hidden" name="csrf" value="{}">').format(token),
            "here": request.url.path if request.method == "GET" else "/review",
            "now": self._clock(),
            "keys_on": request.cookies.get(KEYS_COOKIE) != "off",
        }
        template = self._environments[language.code].get_template(name)
        content = template.render(shared | values)
        return HTMLResponse(content, status, dict(headers or {}) | {"Content-Language": language.code})


def _environment(language: Language) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.policies["ext.i18n.trimmed"] = True
    environment.newstyle_gettext = True  # type: ignore[attr-defined]
    environment.globals.update(_=_gettext(language), gettext=_gettext(language))
    environment.globals.update(ngettext=_ngettext(language), pgettext=_pgettext(language))
    for name in ("moment", "clock", "day", "ago", "span", "percent", "number", "signed", "metres"):
        environment.filters[name] = getattr(language, name)
    environment.filters["in_words"] = partial(in_words, gettext=language.gettext)
    environment.globals["static"] = static_path
    return environment


# Jinja's own functions take every message for markup, also one that a template got from elsewhere.
def _gettext(language: Language) -> Callable[..., Markup]:
    def translated(message: str, **values: Any) -> Markup:
        return _filled(language.gettext(message), values)

    return translated


def _ngettext(language: Language) -> Callable[..., Markup]:
    def translated(one: str, many: str, number: int, **values: Any) -> Markup:
        return _filled(language.ngettext(one, many, number), {"num": number} | values)

    return translated


def _pgettext(language: Language) -> Callable[..., Markup]:
    def translated(context: str, message: str, **values: Any) -> Markup:
        return _filled(language.catalogue.pgettext(context, message), values)

    return translated


def _filled(text: str, values: Mapping[str, Any]) -> Markup:
    return escape(text) % values if values else escape(text)


def static_path(name: str) -> str:
    """Where a static file is: its digest in the address lets browsers keep it until it changes."""
    return f"/review/static/{name}?v={STATIC_FILES[name]}"


# The files that are served, with the digest of each.
STATIC_FILES: Mapping[str, str] = {
    path.name: hashlib.sha256(path.read_bytes()).hexdigest()[:12]
    for path in sorted(STATIC.iterdir())
    if path.suffix in {".css", ".js", ".svg", ".png"}
}
