"""Forms of the desk: bounded, and proven to come from its own pages."""

import hmac
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.types import Message, Receive

from serving.desk.languages import N_
from serving.form_body import read_form_body
from serving.problems import Problem
from serving.staff.site import Site

MAX_BYTES = 65_536
MAX_FIELDS = 200
TOKEN_FIELD = "csrf"  # noqa: S105 - a name
TOKEN_HEADER = "x-csrf-token"  # noqa: S105 - a name
_FORM = "application/x-www-form-urlencoded"
_DEFAULT_PORTS = (("http://", ":80"), ("https://", ":443"))


async def read_body(receive: Receive) -> bytes:
    """The body of a form.

    Raises:
        Problem: 413 where it is too large; 400 where the browser went away.
    """
    return await read_form_body(receive, MAX_BYTES, N_("This form is too large; shorten the text."))


def replayed(body: bytes, receive: Receive) -> Receive:
    """What gives a body that was read once more."""
    waiting = [body]

    async def again() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await receive()

    return again


def refuse_other_content(headers: Headers) -> None:
    """Let plain forms through alone.

    Raises:
        Problem: 415 for anything else; an empty body needs no type.
    """
    media_type = headers.get("content-type", _FORM).partition(";")[0].strip().lower()
    if media_type != _FORM:
        raise Problem(415, "not_a_form", N_("The desk takes plain forms alone."))


def refuse_other_sites(headers: Headers, site: Site) -> None:
    """Let forms of the desk's own pages through alone: browsers say where a form comes from, and no page can change it.

    Raises:
        Problem: 403 where the form comes from elsewhere, or nothing says where from.
    """
    fetch_sites, origins = headers.getlist("sec-fetch-site"), headers.getlist("origin")
    own = [value == "same-origin" for value in fetch_sites] + [_plain(value) == site.origin for value in origins]
    if not own or not all(own):
        raise Problem(
            403,
            "other_origin",
            N_(
                "This form does not come from a page of this desk. Open the page again and send it from there; behind a"
                " proxy, TRIAGE_PUBLIC_URL must be the address that browsers use."
            ),
        )


def refuse_other_tokens(headers: Headers, body: bytes, token: str) -> None:
    """Let forms through that carry the token of their session.

    Raises:
        Problem: 403 where the token is missing or another session's; 400 where the form cannot be read.
    """
    sent = headers.getlist(TOKEN_HEADER) or fields_of(body).get(TOKEN_FIELD, [])
    if len(sent) != 1 or not hmac.compare_digest(sent[0].encode("utf-8", "replace"), token.encode()):
        raise Problem(
            403, "stale_form", N_("This page is from an earlier session. Open it again and send the form then.")
        )


def fields_of(body: bytes) -> dict[str, list[str]]:
    """The fields of a form.

    Raises:
        Problem: 400 where there are too many, or it is no form.
    """
    try:
        text = body.decode("ascii")
        return parse_qs(text, keep_blank_values=True, max_num_fields=MAX_FIELDS, errors="replace")
    except ValueError:  # UnicodeDecodeError is one
        raise Problem(400, "bad_form", N_("The form cannot be read.")) from None


def _plain(origin: str) -> str:
    for scheme, port in _DEFAULT_PORTS:
        if origin.startswith(scheme):
            return origin.lower().removesuffix(port)
    return origin
