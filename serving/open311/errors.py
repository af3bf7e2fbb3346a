"""Errors as the standard has them: a list of codes and descriptions, in the form that the address asks for."""

import json
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.desk.languages import N_, Language
from serving.open311.languages import LanguageChoice
from serving.open311.places import is_open311
from serving.open311.writing import form_of, write_list
from serving.problems import MEDIA_TYPE

# The standard knows 404 and 403, and 400 for everything else that is wrong with a request; 405 and 429 are HTTP's.
_STATUS: Mapping[int, int] = {401: 403, 403: 403, 404: 404, 405: 405, 429: 429}
_FIELDS = {"text": "description", "lon": "long", "address": "address_string", "category_hint": "service_code"}
_PASSED_ON = (b"retry-after", b"allow")

# Descriptions are shown to residents; these are of problems that all routes share.
_DESCRIPTIONS = {
    "unauthenticated": N_("An API key is needed: send it as the field api_key, or in the header X-API-Key."),
    "scope_missing": N_("This API key may not be used for this."),
    "not_found": N_("There is no such address; services.json and requests.json are where to begin."),
    "method_not_allowed": N_("This address cannot be used that way."),
    "unknown_id": N_("There is no request with this service_request_id."),
    "overloaded": N_("The service is busy or starting. Try again in a moment."),
    "store_unavailable": N_("The service cannot store requests at the moment. Try again in a moment."),
    "model_unavailable": N_("The service is busy or starting. Try again in a moment."),
    "id_taken": N_("This Idempotency-Key was used for another request; choose a new one."),
    "rate_limited": N_("Too many requests. Try again later."),
    "too_many_at_once": N_("Too many requests. Try again later."),
    "internal": N_("Something went wrong inside the service. Try again."),
}
# By the code of a fault in a field; what only a program's author can mend stays in English.
_FAULTS = {
    "string_too_long": N_("is too long"),
    "too_long": N_("is too long"),
    "no_words": N_("says nothing: describe the fault in words"),
    "control_character": N_("holds characters that cannot be read"),
    "repeated": N_("is given twice with different values"),
    "missing": N_("is needed with its other half"),
    "no_degrees": N_("must be a number of degrees (WGS84)"),
    "no_link": N_("must be a web link"),
}


class StandardErrorsMiddleware:
    """The outermost layer: whatever problem document comes out of Open311's routes leaves in the standard's form.

    Args:
        app: what is inside.
        languages: in which descriptions are.
    """

    def __init__(self, app: ASGIApp, languages: LanguageChoice) -> None:
        self._app = app
        self._languages = languages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; rewrite its answer where it is a problem document."""
        if scope["type"] != "http" or not is_open311(scope["path"]):
            await self._app(scope, receive, send)
            return
        answer = _Answer(send)
        await self._app(scope, receive, answer.send)
        if answer.start is not None:
            response = self._response(Request(scope), answer.start, answer.body)
            await response(scope, receive, send)

    def _response(self, request: Request, start: Message, body: bytes) -> Response:
        problem: dict[str, Any] = json.loads(body)
        status = _STATUS.get(start["status"], start["status"] if start["status"] >= 500 else 400)
        headers = {name.decode(): value.decode() for name, value in start["headers"] if name.lower() in _PASSED_ON}
        language = self._languages.of_error(request)
        headers |= {"Content-Language": language.code, "Cache-Control": "no-store"}
        # 409 and the like say more than the standard's 400.
        code = str(status if start["status"] in {401, 422} else start["status"])
        rows = [{"code": code, "description": description} for description in _descriptions(problem, language)]
        return write_list(form_of(request.scope["path"]), "errors", "error", rows, status, headers)


class _Answer:
    """Passes an answer on; keeps a problem document back."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.start: Message | None = None
        self.body = b""

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = dict(message.get("headers", []))
            if headers.get(b"content-type", b"").startswith(MEDIA_TYPE.encode()):
                self.start = message
                return
        if self.start is None:
            await self._send(message)
        else:
            self.body += message.get("body", b"")


def _descriptions(problem: Mapping[str, Any], language: Language) -> list[str]:
    code = problem["type"].rpartition(":")[2]
    whole = language.gettext(_DESCRIPTIONS.get(code, problem["detail"]))
    faults = problem["errors"]
    if not faults or code in _DESCRIPTIONS:
        return [whole]
    return [f"{_field(fault['field'])} {_fault(fault, language)}" for fault in faults]


def _fault(fault: Mapping[str, str], language: Language) -> str:
    known = _FAULTS.get(fault["code"])
    return fault["message"] if known is None else language.gettext(known)


def _field(name: str) -> str:
    return "media_url" if name.startswith("photo") else _FIELDS.get(name, name)
