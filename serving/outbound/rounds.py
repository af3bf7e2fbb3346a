"""One round for one target: take work, send it in order per alert, note what became of it."""

import asyncio
import contextlib
import logging
import secrets
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from serving.metrics import Metrics
from serving.outbound.settling import Attempt, Jitter, is_dead, is_out_of_order, settle
from serving.outbound.targets import DeliveryFailed, Observer, Target
from serving.problems import Problem
from serving.storage import StoreDoor, Work
from triage.store.delivery_records import Claim, Due, Outlook, Progress, Share
from triage.store.records import OutboxEvent

# One attempt may take so long, and after so long no other of the round begins: both together are shorter than the
# lease, after which other processes take over what this one does not finish.
SEND_LIMIT_S, BEGIN_WITHIN_S, LEASE = 25.0, 15.0, timedelta(seconds=45)
AT_ONCE = 8
USUAL = Share(alerts=16, again=64, fresh=32)
# Of a target that is out of order: a few events are tried, and new ones noted to wait, so that their day begins.
PROBING = Share(alerts=4, again=16, fresh=100)
NOTE_TRIES = 3
# So many new events are looked through at once, and passed over before that is noted.
PAGE, SKIPPED_MOST = 200, 500
CLAIMED_ELSEWHERE = timedelta(seconds=1)

logger = logging.getLogger("triage.serving")


@dataclass(slots=True)
class _Plan:
    """What a round tries, by alert and in order, and what it leaves for later."""

    chains: dict[str, list[Due]] = field(default_factory=lambda: defaultdict(list))
    held: list[OutboxEvent] = field(default_factory=list)
    new: set[int] = field(default_factory=set)


class Rounds:
    """Sends what waits, a bounded part at a time.

    Args:
        door: to the store, whose claims keep two processes apart.
        metrics: counts what was sent, failed and given up.
        clock: the time; all waiting follows from it.
        observer: is told what becomes of events.
        jitter: spreads attempts.
    """

    def __init__(
        self, door: StoreDoor, metrics: Metrics, clock: Callable[[], datetime], observer: Observer, jitter: Jitter
    ) -> None:
        self._door = door
        self._metrics = metrics
        self._clock = clock
        self._observer = observer
        self._jitter = jitter
        self._owner = secrets.token_hex(16)
        # How far new events are known to be none that a target wants.
        self._skipped: dict[str, int] = {}
        self._sending: set[asyncio.Task[None]] = set()
        self._stopping = asyncio.Event()

    @property
    def stopping(self) -> bool:
        """Whether no more attempts begin."""
        return self._stopping.is_set()

    async def pause(self, seconds: float) -> None:
        """Wait, but no longer than until attempts are to begin no more."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)

    async def add(self, target: Target) -> None:
        """Begin to send to a target, from the next event on; one that is known goes on where it was.

        Raises:
            Problem: the store cannot be used.
        """
        await self._door.run(Work.WRITE, lambda store: store.add_target(target.name))

    async def once(self, target: Target) -> datetime | None:
        """One round.

        Returns:
            When the next one is due; None where nothing waits, or the target was removed.

        Raises:
            Problem: the store cannot be used.
        """
        name, now = target.name, self._clock()
        try:
            outlook = await self._door.run(Work.READ, lambda store: store.outlook(name))
        except LookupError:
            return None
        state, latest = outlook.state, outlook.latest
        wanted = await self._first_wanted(target, outlook)
        self._show(outlook, wanted)
        later = max((at for at in (state.paused_until, state.lease_until) if at is not None), default=now)
        if later > now:
            return later
        skipped = self._skipped[name]
        is_due = outlook.due_at is not None and outlook.due_at <= now
        if wanted is None and not is_due and skipped - state.cursor < SKIPPED_MOST:
            return now if skipped < latest else outlook.due_at
        probing = is_out_of_order(state)
        share, until = PROBING if probing else USUAL, now + LEASE
        claim = await self._door.run(
            Work.WRITE, lambda store: store.claim_deliveries(name, self._owner, until, share, skipped)
        )
        if claim is None:
            return now + CLAIMED_ELSEWHERE
        await self._work(target, claim, probing=probing)
        return self._clock()

    async def stop(self, grace_s: float) -> None:
        """Begin no more attempts; those that run have so long to end. What was sent by then is noted."""
        self._stopping.set()
        if self._sending:
            _, running = await asyncio.wait(self._sending, timeout=grace_s)
            for task in running:
                task.cancel()

    async def _first_wanted(self, target: Target, outlook: Outlook) -> OutboxEvent | None:
        """The next new event that the target wants; most events are for others, and are passed over without a claim."""
        name = target.name
        begin = self._skipped[name] = max(outlook.state.cursor, self._skipped.get(name, 0))
        if outlook.latest <= begin:
            return None
        page = await self._door.run(Work.READ, lambda store: store.events_after(begin, PAGE))
        for event in page:
            if target.wants(event):
                return event
            self._skipped[name] = event.seq
        if not page:
            self._skipped[name] = outlook.latest
        return None

    async def _work(self, target: Target, claim: Claim, *, probing: bool) -> None:
        plan, attempts = self._plan(target, claim, probing=probing), list[Attempt]()
        turns = asyncio.Semaphore(AT_ONCE)
        deadline = asyncio.get_running_loop().time() + BEGIN_WITHIN_S

        async def send(chain: Sequence[Due]) -> None:
            async with turns:
                await self._send(target, chain, attempts, deadline)

        tasks = [asyncio.create_task(send(chain)) for chain in plan.chains.values()]
        self._sending.update(tasks)
        try:
            await asyncio.gather(*tasks, return_exceptions=True)
        finally:
            self._sending.difference_update(tasks)
        tried = {attempt.due.event.seq for attempt in attempts}
        untried = (due.event for chain in plan.chains.values() for due in chain if due.event.seq in plan.new - tried)
        cursor = claim.fresh[-1].seq if claim.fresh else max(claim.state.cursor, self._skipped[target.name])
        held = sorted((*plan.held, *untried), key=lambda event: event.seq)
        progress = settle(claim.state, attempts, held, cursor, self._clock(), self._jitter)
        await self._note(target, progress)
        self._count(target.name, progress)

    def _plan(self, target: Target, claim: Claim, *, probing: bool) -> _Plan:
        plan, now = _Plan(), self._clock()
        for due in claim.due:
            plan.chains[due.event.alert_id].append(due)
        for event in claim.fresh:
            if not target.wants(event):
                continue
            if probing or event.alert_id in claim.held:
                plan.held.append(event)
            else:
                plan.chains[event.alert_id].append(Due(event, 0, now))
                plan.new.add(event.seq)
        return plan

    async def _send(self, target: Target, chain: Sequence[Due], attempts: list[Attempt], deadline: float) -> None:
        """Send events of one alert until one fails; a later one may go on only where that was given up."""
        for due in chain:
            if self.stopping or asyncio.get_running_loop().time() >= deadline:
                return
            try:
                async with asyncio.timeout(SEND_LIMIT_S):
                    sent = await target.deliver(due.event)
            except Exception as error:
                failure = _failure(error, target)
                attempts.append(Attempt(due, failure=failure))
                if is_dead(due, failure, self._clock()):
                    await self._tell(self._observer.on_dead(due.event, target, failure))
                    continue
                await self._tell(self._observer.on_failed(due.event, target, failure, due.attempts + 1))
                return
            attempts.append(Attempt(due, sent=sent))
            await self._tell(self._observer.on_delivered(due.event, target, sent))

    async def _note(self, target: Target, progress: Progress) -> None:
        name = target.name
        for tries in range(1, NOTE_TRIES + 1):
            try:
                expired = await self._door.run(
                    Work.WRITE, lambda store: store.note_deliveries(name, self._owner, progress)
                )
                break
            except Problem:
                if tries == NOTE_TRIES or self.stopping:
                    raise
                await asyncio.sleep(1)
        self._metrics.deliveries.labels(name, "dead").inc(len(expired))
        failure = DeliveryFailed(progress.reason or "out of order for a day")
        for event in expired:
            await self._tell(self._observer.on_dead(event, target, failure))

    async def _tell(self, telling: Awaitable[None]) -> None:
        try:
            await telling
        except Exception as error:
            logger.warning("what became of an event could not be told (%s)", type(error).__name__)

    def _count(self, name: str, progress: Progress) -> None:
        counted = self._metrics.deliveries
        for outcome in progress.outcomes:
            if outcome.result != "held":
                counted.labels(name, outcome.result).inc()

    def _show(self, outlook: Outlook, wanted: OutboxEvent | None) -> None:
        name, metrics = outlook.state.name, self._metrics
        new = 0 if wanted is None else outlook.latest - wanted.seq + 1
        metrics.deliveries_waiting.labels(name).set(outlook.waiting + new)
        oldest = outlook.oldest or (wanted.created_at if wanted else None)
        age_s = (self._clock() - oldest).total_seconds() if oldest else 0.0
        metrics.deliveries_lag.labels(name).set(max(age_s, 0.0))


def _failure(error: Exception, target: Target) -> DeliveryFailed:
    if isinstance(error, DeliveryFailed):
        return error
    if isinstance(error, TimeoutError):
        return DeliveryFailed(f"no answer within {SEND_LIMIT_S:g} s")
    # What it says may quote the event, so only the kind of error is kept.
    logger.error("unexpected error %s while sending to %s", type(error).__name__, target.name)
    return DeliveryFailed(type(error).__name__)
