"""An alert on its way into the store, without anything that a model says of it."""

from dataclasses import dataclass
from datetime import datetime

from serving.problems import Problem
from triage.alert import Alert
from triage.errors import FieldError
from triage.prediction import Decision
from triage.redaction import redact, redact_optional
from triage.store.records import Json, NewAlert

MODEL_UNAVAILABLE = "model_unavailable"


def arriving(alert: Alert, digest: str, received_at: datetime) -> NewAlert:
    """What is stored of an alert that no model has answered; one that a model has gets its answer in place of this.

    Args:
        alert: as it came.
        digest: of what the caller sent.
        received_at: when it came.
    """
    text = redact(alert.text).text
    return NewAlert(
        id=alert.id,
        text=text,
        original=None if text == alert.text else alert.text,
        lat=alert.lat,
        lon=alert.lon,
        created_at=alert.created_at or received_at,
        received_at=received_at,
        # A caller's category may hold anything, and so may an address.
        category_hint=redact_optional(alert.category_hint),
        category=None,
        department=None,
        priority=None,
        decision=Decision.REVIEW.value,
        reasons=(MODEL_UNAVAILABLE,),
        photos=(),
        plates=(),
        vector=None,
        vector_version="",
        prediction=None,
        content_sha256=digest,
        address=redact_optional(alert.address),
        commune=redact_optional(alert.commune),
        channel=alert.channel,
    )


@dataclass(frozen=True, slots=True)
class Received:
    """The answer to an alert, whether this request stored it, and whether it still waits for a model."""

    answer: Json
    created: bool
    waits: bool = False


def id_taken() -> Problem:
    """The answer where an id is that of an alert with other content."""
    fault = FieldError("id", "id_taken", "is that of an alert with other content")
    detail = "An alert with this id is stored already, with other content; send the same again or choose another id."
    return Problem(409, "id_taken", detail, (fault,))
