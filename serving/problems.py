"""Every error, on every route but the pages of staff, as a problem document (RFC 9457)."""

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from http import HTTPStatus

from pydantic import BaseModel, Field
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.staff.places import is_page
from triage.errors import FieldError, InvalidAlert, InvalidJson

MEDIA_TYPE = "application/problem+json"
logger = logging.getLogger("triage.serving")


class ProblemField(BaseModel):
    """One fault in one field."""

    field: str = Field(examples=["lat"])
    code: str = Field(examples=["finite_number"])
    message: str


class ProblemDocument(BaseModel):
    """The body of every answer with a status of 400 or more."""

    type: str = Field(examples=["urn:triage:problem:invalid_alert"])
    title: str
    status: int
    detail: str
    errors: list[ProblemField] = []


class Problem(Exception):
    """An error to be answered as a problem document."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.errors = errors
        self.headers = headers

    def response(self) -> Response:
        """The HTTP answer."""
        document = {
            "type": f"urn:triage:problem:{self.code}",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
            "errors": [asdict(error) for error in self.errors],
        }
        content = json.dumps(document, ensure_ascii=False).encode("utf-8", "replace")
        return Response(content, self.status, dict(self.headers or {}), MEDIA_TYPE)


def overloaded(detail: str) -> Problem:
    """The answer when the queue is full or the deadline has passed: come back in a second."""
    return Problem(503, "overloaded", detail, headers={"Retry-After": "1"})


def model_unavailable(detail: str) -> Problem:
    """The answer where the model fails or none is loaded: that takes longer than a second to be mended."""
    return Problem(503, "model_unavailable", detail, headers={"Retry-After": "5"})


_DETAILS = {
    404: "There is no such route; /docs lists those that exist.",
    405: "This route does not take that method; /docs says which.",
    503: "The service is not ready yet; try again in a second.",
}


class ProblemMiddleware:
    """The outermost layer: whatever goes wrong inside, the caller gets a problem document."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; replace foreign error bodies and catch what escapes."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        guard = _Guard(send, pages=is_page(scope["path"]))
        try:
            await self._app(scope, receive, guard.send)
        except Problem as problem:
            await guard.replace(problem, scope, receive)
        except Exception as error:
            # The traceback may quote the request, so only the kind of error is logged.
            logger.exception("unexpected error %s", type(error).__name__, exc_info=False)
            detail = "Something went wrong inside the service; the alert may be sent again."
            await guard.replace(Problem(500, "internal", detail), scope, receive)
        else:
            if guard.withheld:
                await guard.replace(guard.foreign_problem(), scope, receive)


class _Guard:
    """Withholds error answers that are no problem documents yet."""

    def __init__(self, send: Send, *, pages: bool) -> None:
        self._send = send
        self._passed_on = (MEDIA_TYPE, "text/html") if pages else (MEDIA_TYPE,)
        self._started = False
        self.withheld: Message | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = dict(message.get("headers", []))
            media_type = headers.get(b"content-type", b"").decode("latin-1")
            if message["status"] >= 400 and not media_type.startswith(self._passed_on):
                self.withheld = message
                return
            self._started = True
        if self.withheld is None:
            await self._send(message)

    def foreign_problem(self) -> Problem:
        assert self.withheld is not None  # noqa: S101 - for the type checker; called only when withheld
        status = self.withheld["status"]
        kept = {
            name.decode(): value.decode()
            for name, value in self.withheld.get("headers", [])
            if name.lower() in (b"allow", b"retry-after", b"www-authenticate")
        }
        detail = _DETAILS.get(status, HTTPStatus(status).description or HTTPStatus(status).phrase)
        code = HTTPStatus(status).phrase.lower().replace(" ", "_").replace("-", "_")
        return Problem(status, code, detail, headers=kept)

    async def replace(self, problem: Problem, scope: Scope, receive: Receive) -> None:
        if not self._started:
            scope.setdefault("state", {})["problem"] = problem.code
            await problem.response()(scope, receive, self._send)


def invalid(error: InvalidAlert) -> Problem:
    """The problem document of an invalid alert."""
    status = 400 if isinstance(error, InvalidJson) else 422
    return Problem(status, error.code, error.message, error.errors)
