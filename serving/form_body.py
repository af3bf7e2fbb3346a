"""The body of a plain form, read whole and bounded before anything looks into it."""

from starlette.types import Receive

from serving.desk.languages import N_
from serving.problems import Problem


async def read_form_body(receive: Receive, most_bytes: int, too_large: str) -> bytes:
    """The body of a form.

    Args:
        receive: gives the body.
        most_bytes: how large it may be.
        too_large: what is said of one that is larger.

    Raises:
        Problem: 413 where it is too large, 400 where the sender went away.
    """
    body = bytearray()
    more = True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            raise Problem(400, "incomplete", N_("The form did not arrive whole; send it again."))
        body += message.get("body", b"")
        if len(body) > most_bytes:
            raise Problem(413, "form_too_large", too_large)
        more = message.get("more_body", False)
    return bytes(body)
