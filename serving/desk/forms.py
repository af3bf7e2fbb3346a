"""What agents send: read and checked field by field."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.requests import Request

from serving.desk.languages import N_
from serving.problems import Problem
from triage.alert import MAX_ID_CHARACTERS
from triage.errors import FieldError
from triage.redaction import redact
from triage.taxonomy import HEADS, Head, Taxonomy

MAX_NOTE = 2_000
# Whoever left a page open over lunch did not decide for an hour.
_LONGEST_S = 3_600.0
_LARGEST_NUMBER = 2**63 - 1
_BROKEN = N_("The form is not whole; load the page again.")


@dataclass(frozen=True, slots=True)
class AnswerForm:
    """What stood on a page, and what was chosen on it.

    Attributes:
        codes: by head; None where nothing was chosen.
        follows: the decision that stood on the page.
        seconds: since the page was made.
        model_version: whose answers stood on the page.
        note: free text, without personal data; None where there is none.
        other: the other alert of a pair.
        version: that of the alert that stood on the page.
    """

    codes: Mapping[Head, str | None]
    follows: int | None
    seconds: float | None
    model_version: str | None
    note: str | None
    other: str | None
    version: int | None


async def read_answer(request: Request, taxonomy: Taxonomy, now: datetime) -> AnswerForm:
    """Read the form of an alert's page.

    Raises:
        Problem: 422, naming the first field at fault.
    """
    form = await request.form()
    values = {name: value for name, value in form.multi_items() if isinstance(value, str)}
    return AnswerForm(
        codes={head: _code(values.get(head, ""), head, taxonomy) for head in HEADS},
        follows=_number(values.get("follows", "")),
        seconds=_seconds(values.get("opened", ""), now),
        model_version=_short(values.get("model_version", ""), "model_version"),
        note=_note(values.get("note", "")),
        other=_short(values.get("other", ""), "other"),
        version=_number(values.get("version", "")),
    )


def needed(value: str | None, field: str, sentence: str) -> str:
    """A value that must be there; the sentence says so where it is not.

    Raises:
        Problem: 422 where it is not.
    """
    if value is None:
        raise _invalid(field, sentence)
    return value


def shown(answer: Mapping[str, Any] | None, links: tuple[tuple[str, float], ...]) -> dict[str, Any]:
    """What stood on a page, as it is kept beside the decision.

    Args:
        answer: the model's.
        links: ids and probabilities of the alerts beside it.
    """
    ranked: dict[str, Any] = {
        head: [[item["code"], item["confidence"]] for item in (answer[head], *answer[head]["alternatives"])]
        for head in HEADS
        if answer and answer.get(head)
    }
    return {**ranked, "duplicates": [list(link) for link in links]}


def _code(value: str, head: Head, taxonomy: Taxonomy) -> str | None:
    if not value:
        return None
    if value not in taxonomy.codes(head):
        raise _invalid(head, N_("The form names a code that the city does not have; load the page again."))
    return value


def _number(value: str) -> int | None:
    if not value:
        return None
    if not (value.isascii() and value.isdecimal()) or len(value) > 19 or int(value) > _LARGEST_NUMBER:
        raise _invalid("follows", _BROKEN)
    return int(value)


def _seconds(value: str, now: datetime) -> float | None:
    try:
        seconds = now.timestamp() - float(value)
    except ValueError:
        return None
    return round(seconds, 1) if 0 <= seconds <= _LONGEST_S else None


def _short(value: str, field: str) -> str | None:
    if len(value) > MAX_ID_CHARACTERS or not value.isprintable():
        raise _invalid(field, _BROKEN)
    return value or None


def _note(value: str) -> str | None:
    if len(value) > MAX_NOTE:
        raise _invalid("note", N_("The note is longer than 2,000 characters; shorten it."))
    return redact(value.strip()).text or None


def _invalid(field: str, sentence: str) -> Problem:
    return Problem(422, "invalid_form", sentence, (FieldError(field, "invalid_form", sentence),))
