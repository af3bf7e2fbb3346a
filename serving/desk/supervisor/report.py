"""The figures of the page, counted from what the store gives; nothing here is written in any language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from evaluation.live.agreement import Together
from evaluation.live.answers import (
    Accuracy,
    Overrides,
    Quartiles,
    Week,
    agreement_between,
    by_week,
    live_accuracy,
    overrides,
    overrides_by_category,
    time_per_decision,
)
from evaluation.live.simulator import Check, Outlook, Simulator, check
from serving.desk.supervisor.query import Query, simulated
from triage.policy import Thresholds
from triage.review.answers import ModelAnswers, ReturnedCount, StaffAnswer
from triage.store.figures import MAX_ANSWERS, Window
from triage.store.records import QueueKind
from triage.store.store import Store
from triage.taxonomy import Head

_DAY_S = 86_400
_CURVE = tuple(step / 100 for step in range(30, 101))


@dataclass(frozen=True, slots=True)
class Served:
    """The bundle that answers, and how its answers are looked at.

    Attributes:
        sample_share: share of the routed alerts that staff look at all the same.
        urgent_priority: the code of what is never left waiting.
    """

    bundle_sha256: str
    thresholds: Thresholds
    sample_share: float
    urgent_priority: str


@dataclass(frozen=True, slots=True)
class Simulation:
    """What thresholds would bring.

    Attributes:
        today: what those of the bundle bring.
        tried: what the one asked for would; the same as `today` where nothing was asked.
        check: what staff found among answered alerts that it would route.
        curve: outlooks over all thresholds.
        days: the time that the alerts came in.
        others: alerts that were left out since another bundle answered them.
        cut: whether there are older alerts in the time that were not read.
        keeps: whether any threshold keeps the error rate asked for.
    """

    today: Outlook
    tried: Outlook
    check: Check
    curve: tuple[Outlook, ...]
    days: float
    others: int
    cut: bool
    keeps: bool


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds of decisions; None where none is known."""

    every: Quartiles | None
    by_queue: Mapping[str, Quartiles | None]
    first_answer: Quartiles | None
    other_answer: Quartiles | None


@dataclass(frozen=True, slots=True)
class Report:
    """All figures of a time.

    Attributes:
        decisions: answers of staff that are in effect.
        cut: whether there are older ones in the time that were not read.
        waiting: alerts that wait now, by queue.
    """

    window: Window
    decisions: int
    cut: bool
    decisions_per_day: float
    waiting: Mapping[QueueKind, int]
    accuracy: Accuracy
    overrides: Overrides
    categories: Sequence[Overrides]
    weeks: Sequence[Week]
    times: Times
    agreement: Mapping[Head, Together]
    returned: Sequence[ReturnedCount]
    simulation: Simulation


def make_report(store: Store, query: Query, served: Served, now: datetime, zone: tzinfo) -> Report:
    """Read and count everything.

    Args:
        store: where the answers are.
        query: what is asked for.
        served: the bundle that answers.
        now: the end of the time.
        zone: where the city's clocks are, for the limits of weeks.
    """
    window = query.window(now)
    answers = store.staff_answers(window)
    return Report(
        window=window,
        decisions=len(answers),
        cut=len(answers) >= MAX_ANSWERS,
        decisions_per_day=len(answers) / _days(answers[0].decided_at if answers else now, now),
        waiting=store.queue_counts(),
        accuracy=live_accuracy(answers, served.urgent_priority),
        overrides=overrides(answers),
        categories=overrides_by_category(answers),
        weeks=by_week(answers, zone),
        times=_times(answers),
        agreement=agreement_between(answers),
        returned=store.returned(window),
        simulation=_simulation(store.model_answers(simulated(now), served.bundle_sha256), answers, query, served, now),
    )


def make_simulation(store: Store, query: Query, served: Served, now: datetime) -> Simulation:
    """Read and count only what the simulator shows."""
    answers = store.staff_answers(query.window(now))
    return _simulation(store.model_answers(simulated(now), served.bundle_sha256), answers, query, served, now)


def _simulation(
    stored: ModelAnswers, answers: Sequence[StaffAnswer], query: Query, served: Served, now: datetime
) -> Simulation:
    days = _days(stored.first_at or now, now)
    simulator = Simulator(stored.answers, served.thresholds, days, served.sample_share)
    today = simulator.today()
    threshold = query.threshold
    if query.error_rate is not None:
        threshold = simulator.threshold_for(query.error_rate)
    tried = today if threshold is None else simulator.outlook(threshold)
    return Simulation(
        today=today,
        tried=tried,
        check=check(answers, served.bundle_sha256, served.thresholds, tried.threshold),
        curve=tuple(map(simulator.outlook, _CURVE)),
        days=days,
        others=stored.others,
        cut=stored.cut,
        keeps=tried.threshold <= 1,
    )


def _times(answers: Sequence[StaffAnswer]) -> Times:
    queues = sorted({answer.queue or "" for answer in answers})
    return Times(
        every=time_per_decision(answers),
        by_queue={
            queue: time_per_decision(answer for answer in answers if (answer.queue or "") == queue) for queue in queues
        },
        first_answer=time_per_decision(answer for answer in answers if answer.rank == 1),
        other_answer=time_per_decision(answer for answer in answers if answer.rank not in {None, 1}),
    )


def _days(since: datetime, until: datetime) -> float:
    # A first morning is no basis for a figure per day.
    return max(1.0, (until - since).total_seconds() / _DAY_S)
