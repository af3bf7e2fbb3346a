"""A city's past alerts, as its archive holds them: what was sent, and what became of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from triage.alert import Alert, Moment, parse_as
from triage.content import canonical_content
from triage.errors import FieldError, InvalidAlert
from triage.prediction import Decision
from triage.redaction import plates, redact, redact_optional
from triage.store.personal import PersonalKeys
from triage.store.records import NewAlert, State
from triage.taxonomy import HEADS, Taxonomy

# What is noted of every imported alert: people dealt with it, no policy decided about it.
IMPORTED = "imported"


class PastAlert(Alert):
    """An alert that the city received before, with its state and what people answered, as far as it is known."""

    created_at: Moment
    state: State | None = None
    closed_at: Moment | None = None
    category: str | None = None
    department: str | None = None
    priority: str | None = None

    @model_validator(mode="after")
    def _ends_once_after_it_began(self) -> Self:
        if self.closed_at is None:
            return self
        if self.state not in {None, "closed"}:
            raise PydanticCustomError(
                "not_closed", "is given, but the state says otherwise; leave one out", {"field": "closed_at"}
            )
        if self.closed_at < self.created_at:
            raise PydanticCustomError("closed_too_early", "lies before 'created_at'", {"field": "closed_at"})
        return self


@dataclass(frozen=True, slots=True)
class PastAlertReader:
    """Turns lines of an archive into alerts for the store.

    Attributes:
        taxonomy: the codes that answers may have.
        keys: make digests.
        keep_originals: whether texts as sent are stored too, encrypted.
        now: when alerts are said to be received, and closed where the archive does not know when.
    """

    taxonomy: Taxonomy
    keys: PersonalKeys
    keep_originals: bool
    now: datetime

    def parse(self, line: bytes) -> PastAlert:
        """Read and check one line.

        Raises:
            InvalidAlert: naming every field at fault.
        """
        past = parse_as(PastAlert, line, allow_paths=True)
        given = {"category": past.category, "department": past.department, "priority": past.priority}
        unknown = [head for head in HEADS if given[head] not in {None, *self.taxonomy.codes(head)}]
        if unknown:
            raise InvalidAlert(
                tuple(FieldError(head, "unknown_code", f"is no {head} of the taxonomy") for head in unknown)
            )
        return past

    def as_new(self, past: PastAlert) -> NewAlert:
        """The alert as it is stored, without anything of a model's."""
        masked = redact(past.text).text
        return NewAlert(
            id=past.id,
            text=masked,
            original=past.text if self.keep_originals and masked != past.text else None,
            lat=past.lat,
            lon=past.lon,
            created_at=past.created_at,
            received_at=self.now,
            category_hint=redact_optional(past.category_hint),
            category=past.category,
            department=past.department,
            priority=past.priority,
            decision=Decision.ROUTE.value,
            reasons=(IMPORTED,),
            photos=(),
            plates=tuple(sorted(set(map(self.keys.plate_digest, plates(past.text))))),
            vector=None,
            vector_version="",
            prediction=None,
            content_sha256=self.keys.content_digest(canonical_content(past)),
            address=redact_optional(past.address),
            commune=redact_optional(past.commune),
            channel=past.channel,
        )

    def closed_at(self, past: PastAlert) -> datetime | None:
        """When the alert was closed, as far as that is known; None where it was not.

        An archive that gives no time says by this very moment that it is closed.
        """
        return past.closed_at or (self.now if past.state == "closed" else None)
