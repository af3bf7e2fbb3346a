"""Answers of staff and of models, whole but for what a test is about."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from triage.prediction import Decision
from triage.review.answers import ModelAnswer, StaffAnswer

MONDAY = datetime(2026, 6, 1, 9, tzinfo=UTC)
RIGHT = {"category": "voirie", "department": "voirie", "priority": "normale"}

Said = Callable[..., StaffAnswer]
Answered = Callable[..., ModelAnswer]


@pytest.fixture(scope="session")
def answered() -> Answered:
    """Makes an answer of a model that was routed, with the confidence of category and department given."""

    def answer(category: float = 0.9, department: float | None = None, **fields: Any) -> ModelAnswer:
        whole = {"bundle_sha256": "b", "decision": Decision.ROUTE, "reasons": ()}
        sure = category if department is None else department
        return ModelAnswer(category=category, department=sure, **(whole | fields))

    return answer


@pytest.fixture(scope="session")
def said() -> Said:
    """Makes an answer of a person: `said(3, category="eau")` corrects the category of the alert number 3."""

    def answer(alert: int, **fields: Any) -> StaffAnswer:
        given: Mapping[str, str] = {head: fields.pop(head) for head in RIGHT if head in fields}
        whole: dict[str, Any] = {
            "review_id": alert,
            "alert_seq": alert,
            "reviewer": "anne",
            "decided_at": MONDAY + timedelta(minutes=alert),
            "queue": "review",
            "seconds": 5.0,
            "rank": 1,
            "given": RIGHT | given,
            "answered": RIGHT,
            "model": None,
        }
        return StaffAnswer(**(whole | fields))

    return answer
