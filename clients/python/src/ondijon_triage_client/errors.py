"""What can go wrong, as exceptions that say what to do next."""

from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import ClassVar

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError

_PREFIX = "urn:triage:problem:"


class TriageClientError(Exception):
    """Base of every error that this package raises on purpose."""


class MissingKey(TriageClientError):
    """No API key was given, or one that no header can carry."""


class InvalidPhoto(TriageClientError):
    """A photo cannot be sent: it is not there, empty, or too large."""


class ServiceUnreachable(TriageClientError):
    """No answer came within the time budget; what was asked for may or may not have been done."""


class UnexpectedAnswer(TriageClientError):
    """Something answered that does not speak the service's contract, such as a proxy's page."""


class FieldFault(BaseModel):
    """One fault in one field of what was sent; `field` is a path such as `alerts[3].lat`."""

    model_config = ConfigDict(frozen=True)

    field: str
    code: str
    message: str


class Problem(BaseModel):
    """A problem document (RFC 9457), as the service answers every error."""

    model_config = ConfigDict(frozen=True)

    type: str = "about:blank"
    title: str = ""
    status: int = 0
    detail: str = ""
    errors: tuple[FieldFault, ...] = ()


class ProblemAnswer(TriageClientError):
    """The service refused; subclasses say why.

    Attributes:
        problem: the whole document.
        status: HTTP status.
        code: stable code of the problem, such as `id_taken`.
        retry_after_s: seconds that the service asks to wait; None where it says nothing.
    """

    advice: ClassVar[str] = ""

    def __init__(self, problem: Problem, status: int, retry_after_s: float | None = None) -> None:
        faults = "; ".join(f"{fault.field} {fault.message}" for fault in problem.errors)
        parts = (problem.detail or problem.title or f"HTTP status {status}.", faults and f"({faults})", self.advice)
        super().__init__(" ".join(part for part in parts if part))
        self.problem = problem
        self.status = status
        self.code = problem.type.removeprefix(_PREFIX)
        self.retry_after_s = retry_after_s

    @property
    def errors(self) -> tuple[FieldFault, ...]:
        """Every field at fault."""
        return self.problem.errors


class InvalidRequest(ProblemAnswer):
    """What was sent breaks the contract (400, 406, 415, 422)."""

    advice = "Mend the fields named and send it again; a repeat of the same is refused again."


class NotSignedIn(ProblemAnswer):
    """The key is unknown (401)."""

    advice = "Check the key: the argument `key`, or the environment variable TRIAGE_KEY."


class NotAllowed(ProblemAnswer):
    """The key lacks the scope of this route (403)."""

    advice = "Ask for a key with that scope: triage key add NAME --scope SCOPE."


class NotFound(ProblemAnswer):
    """Nothing has this id (404)."""


class Conflict(ProblemAnswer):
    """The id is another alert's, or the state of the alert does not allow it (409)."""

    advice = "Read the alert to see what is stored; an alert with other content needs an id of its own."


class TooLarge(ProblemAnswer):
    """The body or a photo is too large (413)."""

    advice = "Send fewer alerts at once, or smaller photos."


class RateLimited(ProblemAnswer):
    """Too many requests with this key (429), even after waiting as often as the time budget allows."""

    advice = "Send more slowly; retry_after_s says when the next request counts."


class ServiceUnavailable(ProblemAnswer):
    """The service cannot answer now (503), even after waiting as often as the time budget allows."""

    advice = "Send the same again later, with the same id: a repeat is harmless."


class ServiceFailed(ProblemAnswer):
    """Something went wrong inside the service (other 5xx)."""

    advice = "Send the same again later; if it goes on, tell the operator."


_BY_STATUS: Mapping[int, type[ProblemAnswer]] = {
    401: NotSignedIn,
    403: NotAllowed,
    404: NotFound,
    409: Conflict,
    413: TooLarge,
    429: RateLimited,
    503: ServiceUnavailable,
}


def raise_for_problem(response: httpx.Response) -> None:
    """Raise the exception of an answer that is none of success.

    Args:
        response: an answer whose body has been read.

    Raises:
        ProblemAnswer: the service refused.
        UnexpectedAnswer: a redirect, or an error that is no problem document.
    """
    status = response.status_code
    if response.is_success:
        return
    media_type = response.headers.get("content-type", "").partition(";")[0]
    if media_type != "application/problem+json" or not response.is_error:
        raise UnexpectedAnswer(
            f"{response.request.url.copy_with(query=None)} answered {status} with {media_type or 'no content type'},"
            " which is no answer of the triage service. Check base_url, and proxies on the way."
        )
    try:
        problem = Problem.model_validate_json(response.content)
    except ValidationError:
        raise UnexpectedAnswer(f"The answer {status} holds no problem document that can be read.") from None
    kind = _BY_STATUS.get(status, InvalidRequest if status < 500 else ServiceFailed)
    raise kind(problem, status, retry_after_s(response))


def retry_after_s(response: httpx.Response) -> float | None:
    """The seconds that an answer asks to wait, from Retry-After in seconds or as a date; None where it says nothing."""
    value = response.headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        at, now = parsedate_to_datetime(value), parsedate_to_datetime(response.headers.get("date", ""))
        return max((at - now).total_seconds(), 0.0)
    except (ValueError, TypeError):
        return None
