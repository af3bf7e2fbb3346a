"""What follows from a round of attempts: what is tried again and when, what is given up, which target is left alone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from serving.outbound.targets import DeliveryFailed, Sent
from triage.store.delivery_records import Due, Outcome, Progress, TargetState
from triage.store.records import OutboxEvent

# An event is tried for so long before it is given up.
GIVE_UP_AFTER = timedelta(hours=24)
# So many rounds in a row without any success, and the target itself is taken to be out of order.
PATIENCE = 3
# Waits double from the first to the longest: those of one event, and those of a target that is out of order. The
# second are short, so that what has piled up leaves soon after the target is back; a few events are tried each time.
FIRST_S, LONGEST_S, LONGEST_PAUSE_S = 5.0, 1800.0, 60.0
# Longer than that no target makes us wait, whatever it asks for.
MOST_ASKED_S = 3600.0

# A number from 0 to below 1, another one each time.
Jitter = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt; exactly one of `sent` and `failure` is there."""

    due: Due
    sent: Sent | None = None
    failure: DeliveryFailed | None = None


def is_dead(due: Due, failure: DeliveryFailed, now: datetime) -> bool:
    """Whether an event that failed now is given up."""
    return failure.permanent or now - due.since >= GIVE_UP_AFTER


def is_out_of_order(state: TargetState) -> bool:
    """Whether a target is taken to be out of order: then it is tried with a few events."""
    return state.failures >= PATIENCE


def settle(
    state: TargetState,
    attempts: Sequence[Attempt],
    held: Sequence[OutboxEvent],
    cursor: int,
    now: datetime,
    jitter: Jitter,
) -> Progress:
    """What is to be noted after a round.

    Args:
        state: of the target, before the round.
        attempts: all of the round.
        held: new events that were not tried and wait.
        cursor: the last new event of the round.
        now: the time.
        jitter: spreads the next attempts.
    """
    failed = [attempt.failure for attempt in attempts if attempt.failure is not None]
    troubles = [failure for failure in failed if not failure.of_event]
    after = _judged(state, troubles, any(attempt.sent is not None for attempt in attempts), now)
    broken = after.failures >= PATIENCE and bool(troubles)
    pauses = [min(failure.retry_after_s, MOST_ASKED_S) for failure in failed if failure.retry_after_s is not None]
    if broken:
        pauses.append(_wait_s(after.failures - PATIENCE, LONGEST_PAUSE_S, jitter))
    return Progress(
        cursor=cursor,
        failures=after.failures,
        failing_since=after.failing_since,
        reason=after.reason,
        paused_until=now + timedelta(seconds=max(pauses)) if pauses else None,
        outcomes=(
            *(_outcome(attempt, broken, now, jitter) for attempt in attempts),
            *(Outcome(event, "held", 0, now) for event in held),
        ),
        expired_before=now - GIVE_UP_AFTER if broken else None,
    )


@dataclass(frozen=True, slots=True)
class _Health:
    failures: int
    failing_since: datetime | None
    reason: str | None


def _judged(state: TargetState, troubles: Sequence[DeliveryFailed], any_sent: bool, now: datetime) -> _Health:
    if any_sent:
        return _Health(0, None, None)
    if not troubles:
        return _Health(state.failures, state.failing_since, state.reason)
    return _Health(state.failures + 1, state.failing_since or now, troubles[-1].reason)


def _outcome(attempt: Attempt, broken: bool, now: datetime, jitter: Jitter) -> Outcome:
    due, failure = attempt.due, attempt.failure
    tries = due.attempts + 1
    if failure is None:
        return Outcome(due.event, "sent", tries, due.since)
    if is_dead(due, failure, now):
        return Outcome(due.event, "dead", tries, due.since, None, failure.reason)
    # Where the target is out of order, its pause is what everything waits for; whatever was tried goes to the end.
    waits = broken and not failure.of_event
    next_at = now if waits else now + timedelta(seconds=_wait_s(tries - 1, LONGEST_S, jitter))
    return Outcome(due.event, "failed", tries, due.since, next_at, failure.reason)


def _wait_s(doublings: int, longest_s: float, jitter: Jitter) -> float:
    # Half of it is chance, so that what failed together is not tried together for ever.
    return min(longest_s, FIRST_S * 2.0 ** min(doublings, 32)) * (0.5 + 0.5 * jitter())
