"""API keys as clients of other systems send them: in a form's field, or in the address that they are given.

Open311 has the key in the field `api_key` of a form. Clients that can be told an address and nothing else are given
`https://app:KEY@triage.example/…`: they send what stands before the @ as Basic authentication, and no log of addresses
sees it. Both are put where the next layer looks for keys, so that one place decides what a key may do.
"""

import base64
import binascii

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Receive, Scope, Send

from serving.open311.forms import FORM_TYPE, key_in, read_body
from serving.open311.places import ROOT as OPEN311
from serving.signalen.places import ROOT as SIGNALEN
from serving.staff.forms import replayed

_ROOTS = (f"{OPEN311}/", f"{SIGNALEN}/")
_KEY_HEADER = "x-api-key"


class ForeignKeyMiddleware:
    """Finds the key of a request to one of the foreign interfaces.

    Args:
        app: what is inside.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with its key as a header; forms are read here, and bounded."""
        if scope["type"] != "http" or not scope["path"].startswith(_ROOTS):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        key = _in_address(headers)
        if _is_form(scope, headers):
            body = await read_body(receive)
            receive = replayed(body, receive)
            key = key or key_in(body)
        await self._app(_with_key(scope, key) if key and not _has_key(headers) else scope, receive, send)


def _is_form(scope: Scope, headers: Headers) -> bool:
    is_open311_post = scope["method"] == "POST" and scope["path"].startswith(f"{OPEN311}/")
    return is_open311_post and headers.get("content-type", "").partition(";")[0].strip().lower() == FORM_TYPE


def _has_key(headers: Headers) -> bool:
    return _KEY_HEADER in headers or headers.get("authorization", "").lower().startswith("bearer ")


def _in_address(headers: Headers) -> str:
    """The password of Basic authentication, otherwise its name: clients differ in where they put a lone word."""
    scheme, _, encoded = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        name, _, password = base64.b64decode(encoded.strip(), validate=True).decode("ascii").partition(":")
    except (binascii.Error, ValueError):
        return ""
    return password or name


def _with_key(scope: Scope, key: str) -> Scope:
    changed = {**scope, "headers": list(scope["headers"])}
    # A key in a form may hold anything; what is no header can be nobody's key.
    MutableHeaders(scope=changed)[_KEY_HEADER] = key if key.isascii() and key.isprintable() else ""
    return changed
