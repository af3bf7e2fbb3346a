"""What departments say about an alert: checked bodies, and what becomes of them in the store."""

from datetime import datetime
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic.config import JsonDict
from starlette.requests import Request

from serving.openapi_alert import DEPARTMENT, LINE
from serving.problems import Problem, invalid
from serving.requests import content_type, unsupported
from triage.alert import ZonedTime, clean_line, field_errors
from triage.errors import FieldError, InvalidAlert, InvalidJson
from triage.redaction import redact, redact_optional
from triage.store.change_records import Progress, ProgressState
from triage.store.errors import AlertChanged, AlertWithdrawn
from triage.store.review_records import NewReturn
from triage.taxonomy import Taxonomy

MAX_NOTE = 500
MAX_CODE = 100

Body = TypeVar("Body", bound=BaseModel)
_Line = Annotated[str, Field(max_length=MAX_NOTE, json_schema_extra={"format": LINE}), AfterValidator(clean_line)]
_Code = Annotated[str, Field(min_length=1, max_length=MAX_CODE, json_schema_extra={"format": DEPARTMENT})]

# As the API page shows what `read_progress` checks.
_NOT_DONE_YET: JsonDict = {
    "anyOf": [
        {"properties": {"status": {"enum": ["in_progress", "open"]}}},
        {"properties": {"expected_at": {"type": "null"}}},
    ]
}


class StatusBody(BaseModel):
    """What a department says of an alert: somebody works on it, it is done, or not done after all."""

    model_config = ConfigDict(extra="forbid", strict=True, json_schema_extra=_NOT_DONE_YET)

    status: Literal["in_progress", "closed", "open"]
    note: _Line | None = Field(None, description="For the reporter; personal data is masked.")
    department: _Code | None = Field(None, description="The code of the department that says so.")
    expected_at: ZonedTime | None = Field(None, description="When it will be done; not where it is done.")


class ReturnBody(BaseModel):
    """A department gives an alert back that is not its own."""

    model_config = ConfigDict(extra="forbid", strict=True)

    department: _Code = Field(description="The code of the department that gives it back.")
    reason: _Line = Field(description="Why, for staff; personal data is masked.", json_schema_extra={"minLength": 1})
    proposed: _Code | None = Field(None, description="The code of the department whose it is in their eyes.")


async def read_progress(request: Request, taxonomy: Taxonomy, at: datetime) -> Progress:
    """What a request says of an alert's state.

    Raises:
        Problem: 400, 415 or 422, naming the field.
    """
    body = await _read(request, StatusBody)
    faults = _unknown(taxonomy, department=body.department)
    if body.status == "closed" and body.expected_at is not None:
        faults.append(FieldError("expected_at", "done_already", "is for what is not done yet; leave it out"))
    if body.expected_at is not None and not 1 < body.expected_at.year < 9999:
        faults.append(FieldError("expected_at", "out_of_calendar", "lies too far away; check the date"))
    if faults:
        raise invalid(InvalidAlert(tuple(faults)))
    state: ProgressState = body.status
    return Progress(state, at, redact_optional(body.note), body.department, body.expected_at)


async def read_return(request: Request, taxonomy: Taxonomy, alert_id: str, at: datetime) -> NewReturn:
    """What a request says of an alert that comes back.

    Raises:
        Problem: 400, 415 or 422, naming the field.
    """
    body = await _read(request, ReturnBody)
    faults = _unknown(taxonomy, department=body.department, proposed=body.proposed)
    if body.proposed == body.department:
        faults.append(FieldError("proposed", "same_department", "is the department that gives the alert back"))
    if not body.reason:
        faults.append(FieldError("reason", "too_short", "says nothing; staff need to know why"))
    if faults:
        raise invalid(InvalidAlert(tuple(faults)))
    reason = redact(body.reason).text
    return NewReturn(alert_id, body.department, body.proposed, reason, request.state.key, at)


def withdrawn_problem(error: AlertWithdrawn) -> Problem:
    """The answer where an alert was withdrawn."""
    return Problem(409, error.code, error.message)


def changed_problem(error: AlertChanged) -> Problem:
    """The answer where an alert is at another version than the caller saw."""
    fault = FieldError("version", error.code, f"is not the latest, {error.version}")
    return Problem(409, error.code, error.message, (fault,))


async def _read(request: Request, kind: type[Body]) -> Body:
    if content_type(request) != "application/json":
        raise unsupported("Send application/json.")
    try:
        return kind.model_validate_json(await request.body())
    except ValidationError as error:
        errors = field_errors(error)
        broken = any(item.code == "json_invalid" for item in errors)
        raise invalid(InvalidJson(errors) if broken else InvalidAlert(errors)) from None


def _unknown(taxonomy: Taxonomy, **given: str | None) -> list[FieldError]:
    known = taxonomy.departments
    message = "is no department of the taxonomy"
    return [
        FieldError(name, "unknown_code", message)
        for name, code in given.items()
        if code is not None and code not in known
    ]
