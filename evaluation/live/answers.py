"""How right the models are by what people answered, how often these override them, and how long they take."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo

import numpy as np

from evaluation.live.agreement import Together, agreement_of_all
from evaluation.live.intervals import Share
from triage.review.answers import StaffAnswer
from triage.taxonomy import HEADS, Head

# Bounds of so much confidence each make an interval of 95 %.
BOUND = 0.975
SAMPLE, SUSPECT = "sample", "suspect"


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How right the models were.

    Attributes:
        heads: right codes of each head.
        routing: category and department both right.
        urgent: alerts that a person called urgent though they had been routed without a look.
    """

    heads: dict[Head, Share]
    routing: Share
    urgent: Share


@dataclass(frozen=True, slots=True)
class Overrides:
    """How often people chose another code, among alerts that a model had answered.

    Attributes:
        name: what the alerts have in common, such as the category that the model answered.
        any: another code of any head.
        heads: of each head.
    """

    name: str
    any: Share
    heads: dict[Head, Share]


@dataclass(frozen=True, slots=True)
class Week:
    """An ISO week by its Monday: overrides of what the models were unsure of, and errors in the sample."""

    monday: date
    unsure: Share
    sample_wrong: Share


@dataclass(frozen=True, slots=True)
class Quartiles:
    """A quarter of the values is at most `low`, half of them `median`, three quarters `high`."""

    number: int
    low: float
    median: float
    high: float


def last_answers(answers: Iterable[StaffAnswer]) -> list[StaffAnswer]:
    """The newest answer to each alert, from answers in their order."""
    return list({answer.alert_seq: answer for answer in answers}.values())


def drawn_for_sample(answers: Iterable[StaffAnswer]) -> frozenset[int]:
    """The alerts of the random sample, also those that were answered again from elsewhere."""
    return frozenset(answer.alert_seq for answer in answers if answer.queue == SAMPLE)


def live_accuracy(answers: Sequence[StaffAnswer], urgent_priority: str) -> Accuracy:
    """How right the models were on the random sample of what they had routed by themselves.

    Args:
        answers: in their order; what a person said last of an alert counts, wherever it came from by then.
        urgent_priority: the code of what is never left waiting.
    """
    drawn = drawn_for_sample(answers)
    rows = [answer for answer in _answered(answers) if answer.alert_seq in drawn]
    return Accuracy(
        heads={head: _share(not row.overrides(head) for row in rows) for head in HEADS},
        routing=_share(not row.was_astray for row in rows),
        urgent=_share(row.label("priority") == urgent_priority for row in rows),
    )


def overrides(answers: Sequence[StaffAnswer]) -> Overrides:
    """How often people chose otherwise, over all alerts.

    Second looks at suspected label errors are no part of it, nor of the other figures of overrides: there a person
    corrects a person.
    """
    return _overrides("", _first_looks(answers))


def overrides_by_category(answers: Sequence[StaffAnswer]) -> list[Overrides]:
    """The same for each category that the models answered, those with most alerts first."""
    groups: defaultdict[str, list[StaffAnswer]] = defaultdict(list)
    for answer in _first_looks(answers):
        groups[answer.answered["category"] or ""].append(answer)
    lines = [_overrides(code, rows) for code, rows in groups.items()]
    return sorted(lines, key=lambda line: (-line.any.total, line.name))


def by_week(answers: Sequence[StaffAnswer], zone: tzinfo) -> list[Week]:
    """The figures of each week from the first to the last with an answer, also where one has none."""
    drawn = drawn_for_sample(answers)
    weeks: defaultdict[date, list[StaffAnswer]] = defaultdict(list)
    for answer in _first_looks(answers):
        day = answer.decided_at.astimezone(zone).date()
        weeks[day - timedelta(days=day.weekday())].append(answer)
    if not weeks:
        return []
    first, last = min(weeks), max(weeks)
    return [
        _week(first + timedelta(weeks=number), weeks[first + timedelta(weeks=number)], drawn)
        for number in range((last - first).days // 7 + 1)
    ]


def time_per_decision(answers: Iterable[StaffAnswer]) -> Quartiles | None:
    """Seconds from looking to deciding; None where none is known."""
    seconds = [answer.seconds for answer in answers if answer.seconds is not None]
    if not seconds:
        return None
    low, median, high = (float(value) for value in np.percentile(seconds, [25, 50, 75]))
    return Quartiles(len(seconds), low, median, high)


def agreement_between(answers: Iterable[StaffAnswer]) -> dict[Head, Together]:
    """How far people agree who answered the same alert; of each the newest answer counts."""
    units: dict[Head, defaultdict[int, dict[str, str]]] = {head: defaultdict(dict) for head in HEADS}
    for answer in answers:
        for head in HEADS:
            if (label := answer.label(head)) is not None:
                units[head][answer.alert_seq][answer.reviewer] = label
    return {head: agreement_of_all(list(units[head].values())) for head in HEADS}


def _answered(answers: Iterable[StaffAnswer]) -> list[StaffAnswer]:
    return [answer for answer in last_answers(answers) if answer.answered["category"] is not None]


def _first_looks(answers: Iterable[StaffAnswer]) -> list[StaffAnswer]:
    return _answered(answer for answer in answers if answer.queue != SUSPECT)


def _week(monday: date, answers: Sequence[StaffAnswer], drawn: Collection[int]) -> Week:
    return Week(
        monday,
        unsure=_share(row.is_correction for row in answers if row.alert_seq not in drawn),
        sample_wrong=_share(row.was_astray for row in answers if row.alert_seq in drawn),
    )


def _overrides(name: str, rows: Sequence[StaffAnswer]) -> Overrides:
    return Overrides(
        name,
        any=_share(row.is_correction for row in rows),
        heads={head: _share(row.overrides(head) for row in rows) for head in HEADS},
    )


def _share(values: Iterable[bool]) -> Share:
    listed = list(values)
    return Share.of(sum(listed), len(listed), BOUND)
