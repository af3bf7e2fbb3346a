"""What the supervisor's figures and the export of reviews are counted from: bounded queries."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, select

from triage.prediction import Decision
from triage.review.answers import LabelledReview, ModelAnswer, ModelAnswers, ReturnedCount, StaffAnswer
from triage.store.base import StoreBase
from triage.store.erasing import ERASED
from triage.store.review_tables import returns
from triage.store.schema import alerts, predictions, reviews
from triage.taxonomy import HEADS

# At 1,000 alerts a day of which staff see 300: seven weeks of answers of models, five months of those of people.
MAX_ANSWERS = 50_000
_PAGE = 1_000
_DUPLICATE = "duplicate"
_SAID = tuple(
    reviews.c[name] for name in ("seq", "alert_seq", "reviewer", "decided_at", "queue", "seconds", "rank", *HEADS)
)


@dataclass(frozen=True, slots=True)
class Window:
    """A time from `since` on, before `until`."""

    since: datetime
    until: datetime


class Figures(StoreBase):
    """Answers of people and of models in a window. Every method raises StoreFailed where the store cannot be read."""

    def staff_answers(self, window: Window, limit: int = MAX_ANSWERS) -> tuple[StaffAnswer, ...]:
        """The labels that people gave and that are in effect, oldest first; of more than `limit` the newest."""
        seen = predictions.alias("seen")
        before = select(func.max(seen.c.seq)).where(
            seen.c.alert_seq == reviews.c.alert_seq, seen.c.created_at <= reviews.c.decided_at
        )
        codes = (predictions.c.body[head, "code"].as_string().label(f"model_{head}") for head in HEADS)
        statement = (
            select(*_SAID, *codes, *_answer_columns())
            .select_from(reviews)
            .outerjoin(predictions, predictions.c.seq == before.scalar_subquery())
            .where(*is_label(reviews), reviews.c.decided_at >= window.since, reviews.c.decided_at < window.until)
            .order_by(reviews.c.decided_at.desc(), reviews.c.seq.desc())
            .limit(limit)
        )
        with self._database.reading("read answers of staff") as connection:
            rows = connection.execute(statement).all()
        return tuple(map(_staff_answer, reversed(rows)))

    def model_answers(self, window: Window, bundle_sha256: str, limit: int = MAX_ANSWERS) -> ModelAnswers:
        """The latest answers to the alerts created in a window; of more alerts than `limit` to the newest."""
        given = predictions.alias("given")
        latest = select(func.max(given.c.seq)).where(given.c.alert_seq == alerts.c.seq)
        statement = (
            select(alerts.c.created_at, *_answer_columns())
            .select_from(alerts)
            .join(predictions, predictions.c.seq == latest.scalar_subquery())
            .where(alerts.c.created_at >= window.since, alerts.c.created_at < window.until)
            .order_by(alerts.c.created_at.desc(), alerts.c.seq.desc())
            .limit(limit + 1)
        )
        with self._database.reading("read answers of models") as connection:
            rows = connection.execute(statement).all()
        read = rows[:limit]
        found = (_model_answer(row) for row in read)
        answers = tuple(answer for answer in found if answer is not None and answer.bundle_sha256 == bundle_sha256)
        first_at = read[-1].created_at if read else None
        return ModelAnswers(answers, len(read) - len(answers), first_at, cut=len(rows) > limit)

    def returned(self, window: Window) -> tuple[ReturnedCount, ...]:
        """What departments gave back in a window, beside the alerts created in it that they have now."""
        given_back = (
            select(returns.c.department, returns.c.proposed, func.count().label("number"))
            .where(returns.c.at >= window.since, returns.c.at < window.until)
            .group_by(returns.c.department, returns.c.proposed)
        )
        held = (
            select(alerts.c.department, func.count().label("number"))
            .where(alerts.c.created_at >= window.since, alerts.c.created_at < window.until)
            .group_by(alerts.c.department)
        )
        with self._database.reading("count returned alerts") as connection:
            kept = {row.department: row.number for row in connection.execute(held)}
            proposed: dict[str, dict[str | None, int]] = {}
            for row in connection.execute(given_back):
                proposed.setdefault(row.department, {})[row.proposed] = row.number
        counts = [
            ReturnedCount(
                department,
                sum(numbers.values()),
                kept.get(department, 0),
                {code: number for code, number in numbers.items() if code is not None},
            )
            for department, numbers in proposed.items()
        ]
        return tuple(sorted(counts, key=lambda count: (-count.returned, count.department)))

    def labelled_reviews(
        self, since: datetime | None, until: datetime | None, page: int = _PAGE
    ) -> Iterator[LabelledReview]:
        """Alerts with the last label that a person gave them in a time, in the order of these answers.

        An answer that was undone, followed by a later one or says only that the alert is a duplicate gives none. Each
        page is a transaction of its own, so that an export of years holds up nobody.
        """
        after = 0
        while True:
            with self._database.reading("read reviews") as connection:
                rows = connection.execute(_labelled(since, until, after).limit(page)).all()
            yield from (LabelledReview(**row._mapping) for row in rows)
            if len(rows) < page:
                return
            after = rows[-1].review_id


def _answer_columns() -> tuple[ColumnElement[Any], ...]:
    body = predictions.c.body
    return (
        body["category", "confidence"].as_float().label("category_confidence"),
        body["department", "confidence"].as_float().label("department_confidence"),
        body["decision"].as_string().label("decision"),
        body["reasons"].label("reasons"),
        body["model", "bundle_sha256"].as_string().label("bundle"),
    )


def is_label(table: Any) -> tuple[ColumnElement[bool], ...]:
    """Which rows of the reviews, or of an alias of them, are labels in effect."""
    return table.c.undone_at.is_(None), table.c.action != _DUPLICATE


def _labelled(since: datetime | None, until: datetime | None, after: int) -> Select[Any]:
    later = reviews.alias("later")
    followed = (
        select(later.c.seq).where(
            later.c.alert_seq == reviews.c.alert_seq, later.c.seq > reviews.c.seq, *is_label(later)
        )
    ).exists()
    columns = (alerts.c.text, alerts.c.language, alerts.c.category, alerts.c.department, alerts.c.priority)
    said = (reviews.c.queue, reviews.c.action, reviews.c.reviewer, reviews.c.decided_at, reviews.c.model_version)
    numbers = reviews.c.seq.label("review_id"), alerts.c.id.label("alert_id")
    conditions = [*is_label(reviews), ~followed, reviews.c.seq > after, alerts.c.text != ERASED]
    if since is not None:
        conditions.append(reviews.c.decided_at >= since)
    if until is not None:
        conditions.append(reviews.c.decided_at < until)
    return (
        select(*numbers, *columns, *said)
        .join(alerts, alerts.c.seq == reviews.c.alert_seq)
        .where(*conditions)
        .order_by(reviews.c.seq)
    )


def _staff_answer(row: Row[Any]) -> StaffAnswer:
    return StaffAnswer(
        review_id=row.seq,
        alert_seq=row.alert_seq,
        reviewer=row.reviewer,
        decided_at=row.decided_at,
        queue=row.queue,
        seconds=row.seconds,
        rank=row.rank,
        given={head: getattr(row, head) for head in HEADS},
        answered={head: getattr(row, f"model_{head}") for head in HEADS},
        model=_model_answer(row),
    )


def _model_answer(row: Any) -> ModelAnswer | None:
    whole = (row.bundle, row.category_confidence, row.department_confidence, row.decision)
    if None in whole:
        return None
    bundle, category, department, decision = whole
    return ModelAnswer(bundle, category, department, Decision(decision), tuple(row.reasons or ()))
