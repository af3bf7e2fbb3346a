"""What people and models answered, as the supervisor's figures are counted from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from triage.prediction import Decision
from triage.taxonomy import HEADS, Head


@dataclass(frozen=True, slots=True)
class ModelAnswer:
    """How sure a bundle was of its category and department, and what the policy made of it."""

    bundle_sha256: str
    category: float
    department: float
    decision: Decision
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StaffAnswer:
    """A person's answer that is in effect, beside what the model had answered when it was given.

    Attributes:
        review_id: number of the answer, ascending in time.
        alert_seq: number of the alert.
        queue: where it came from; None where the alert was opened by hand.
        seconds: how long the alert was looked at, if known.
        rank: place at which the chosen category stood, from 1; None where it was not shown.
        given: the codes that the person chose; None keeps what the alert had.
        answered: the model's codes; None where no model had answered.
        model: how sure the model was; None where it had not answered, or not whole.
    """

    review_id: int
    alert_seq: int
    reviewer: str
    decided_at: datetime
    queue: str | None
    seconds: float | None
    rank: int | None
    given: Mapping[Head, str | None]
    answered: Mapping[Head, str | None]
    model: ModelAnswer | None

    def label(self, head: Head) -> str | None:
        """The code in effect after the answer."""
        return self.given[head] or self.answered[head]

    def overrides(self, head: Head) -> bool:
        """Whether the person chose another code than the model."""
        return self.answered[head] is not None and self.label(head) != self.answered[head]

    @property
    def is_correction(self) -> bool:
        """Whether the person chose another code of any head."""
        return any(map(self.overrides, HEADS))

    @property
    def was_astray(self) -> bool:
        """Whether the model's category or department was wrong, which sends an alert astray."""
        return self.overrides("category") or self.overrides("department")


@dataclass(frozen=True, slots=True)
class ModelAnswers:
    """The latest answers to the alerts of a time.

    Attributes:
        answers: those of the bundle asked for.
        others: how many alerts another bundle answered last.
        first_at: when the oldest of the alerts was created; None without any.
        cut: whether there are older ones that were not read.
    """

    answers: tuple[ModelAnswer, ...]
    others: int
    first_at: datetime | None
    cut: bool


@dataclass(frozen=True, slots=True)
class ReturnedCount:
    """How many alerts a department sent back, and proposed another one for; `held` are those that it has."""

    department: str
    returned: int
    held: int
    proposed: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class LabelledReview:
    """An alert with the codes in effect and the last person's answer that gave them.

    Attributes:
        text: without personal data, as far as it was found when the alert was stored.
        language: a BCP 47 tag; None where it is not known.
    """

    review_id: int
    alert_id: str
    text: str
    language: str | None
    category: str | None
    department: str | None
    priority: str | None
    queue: str | None
    action: str
    reviewer: str
    decided_at: datetime
    model_version: str | None
