"""What the desk sends: strict headers on everything, and pages in the place of bare errors."""

import json
from collections.abc import Sequence
from http import HTTPStatus

from starlette.datastructures import MutableHeaders
from starlette.types import Message, Send

from serving.problems import MEDIA_TYPE, Problem

# What holds nothing of residents says itself how long it may be kept; everything else, not at all.
_KEPT = ("/review/static/", "/review/tiles/")
_NOT_KEPT = "no-store"
_HTML = "text/html"
_PASSED_ON = (b"allow", b"retry-after")


def page_headers(image_hosts: Sequence[str]) -> dict[str, str]:
    """The headers of every answer of the desk.

    Args:
        image_hosts: from where pages may load pictures beside this service.
    """
    images = " ".join(("'self'", "data:", *image_hosts))
    policy = (
        f"default-src 'none'; img-src {images}; style-src 'self'; script-src 'self'; connect-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
    return {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        # With "no-referrer" browsers would hide the origin of the desk's own forms as well.
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }


class Answer:
    """Passes an answer on with the desk's headers; withholds errors that are no pages.

    Args:
        send: to the browser.
        path: what was asked for.
        image_hosts: from where pages may load pictures beside this service.
    """

    def __init__(self, send: Send, path: str, image_hosts: Sequence[str]) -> None:
        self._send = send
        self._may_be_kept = path.startswith(_KEPT)
        self._headers = page_headers(image_hosts)
        self._withheld: Message | None = None
        self._body = b""
        self.started = False

    async def send(self, message: Message) -> None:
        """Pass on what is a page, or no error; keep the rest."""
        if message["type"] == "http.response.start" and message["status"] >= 400 and not _is_page(message):
            self._withheld = message
        elif self._withheld is not None:
            self._body += message.get("body", b"")
        else:
            await self.send_page(message)

    async def send_page(self, message: Message) -> None:
        """Pass on whatever it is."""
        if message["type"] == "http.response.start":
            self.started = True
            headers = MutableHeaders(raw=list(message.get("headers", [])))
            headers.update(self._headers)
            if not self._may_be_kept or message["status"] >= 400:
                headers["Cache-Control"] = _NOT_KEPT
            headers.setdefault("Cache-Control", _NOT_KEPT)
            message = {**message, "headers": headers.raw}
        await self._send(message)

    def problem(self) -> Problem | None:
        """What the withheld error says, if there is one."""
        if self._withheld is None:
            return None
        status = self._withheld["status"]
        raw = self._withheld.get("headers", [])
        kept = {name.decode(): value.decode("latin-1") for name, value in raw if name.lower() in _PASSED_ON}
        said = _document(self._body) if _media_type(self._withheld) == MEDIA_TYPE else {}
        code = str(said.get("type", "")).rpartition(":")[2] or "refused"
        return Problem(status, code, str(said.get("detail", HTTPStatus(status).phrase)), headers=kept)


def _document(body: bytes) -> dict[str, object]:
    try:
        return dict(json.loads(body))
    except (ValueError, TypeError):
        return {}


def _media_type(message: Message) -> str:
    headers = {name.lower(): value for name, value in message.get("headers", [])}
    return str(headers.get(b"content-type", b"").decode("latin-1").partition(";")[0].strip().lower())


def _is_page(message: Message) -> bool:
    return _media_type(message) == _HTML
