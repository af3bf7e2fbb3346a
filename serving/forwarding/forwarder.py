"""A department as a target of events: it gets the alerts that are routed to it, each once until it gives it back."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from serving.alerts.events import FORWARDED, UPDATED, WITHDRAWN
from serving.desk.view.links import desk_path
from serving.forwarding.config import ChannelKind
from serving.forwarding.handover import Channel, Earlier, Handover, News
from serving.forwarding.names import target_name
from serving.forwarding.reasons import STORE_AWAY
from serving.forwarding.rule import NEEDED, NEWS, Skip, concerns, holds, why_not
from serving.outbound.targets import DeliveryFailed, Sent
from serving.problems import Problem
from serving.storage import StoreDoor, Work
from triage.store.errors import OriginalUnreadable, UnknownAlert
from triage.store.records import NewEvent, OutboxEvent, StoredAlert
from triage.store.store import Store
from triage.taxonomy import Taxonomy

# Of a cluster that large nobody reads on; its first alerts are what matters.
_MOST_OTHERS = 200

Result = TypeVar("Result")
_NEWS: Mapping[str, News] = {UPDATED: "added", WITHDRAWN: "withdrawn"}
logger = logging.getLogger("triage.serving")


@dataclass(frozen=True, slots=True)
class Forwarder:
    """Hands alerts to one department.

    Attributes:
        department: its code.
        kind: the channel's name in the file.
        channel: the way there.
        original: whether the department reads texts as sent.
        taxonomy: has the hours of priorities.
        door: to the store.
        public_url: where browsers find the review desk; empty where nobody said so.
    """

    department: str
    kind: ChannelKind
    channel: Channel
    original: bool
    taxonomy: Taxonomy
    door: StoreDoor
    public_url: str
    # What was sent and could not be noted: the next attempt notes it and sends nothing.
    _sent: dict[str, Sent] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Under which its deliveries are noted."""
        return target_name(self.department)

    def wants(self, event: OutboxEvent) -> bool:
        """Whether an event may send its alert here; `deliver` looks at the alert itself."""
        # Open311 has requests, and nothing to say about them later.
        return concerns(event, self.department) and not (event.kind in NEWS and self.kind == "open311")

    async def deliver(self, event: OutboxEvent) -> Sent:
        """Hand the alert over and note it, unless there is a reason not to.

        Raises:
            DeliveryFailed: the department did not take it, or the store cannot be used.
        """
        found = await self._run(Work.READ, lambda store: _look(store, event, self.department))
        if event.kind in NEWS and isinstance(found, Found):
            return Sent(await self.channel.send(await self._handover(event, found)))
        sent = self._sent.get(event.id)
        if isinstance(found, Skip):
            if sent is None or found is Skip.HAS_IT:
                self._sent.pop(event.id, None)
                logger.info("an alert is not forwarded to %s: %s", self.department, found.value)
                return sent or Sent()
        elif sent is None:
            sent = Sent(await self.channel.send(await self._handover(event, found)))
        self._sent[event.id] = sent
        await self._note(event, sent)
        del self._sent[event.id]
        return sent

    async def _note(self, event: OutboxEvent, sent: Sent) -> None:
        body = {"department": self.department, "target": self.name, "channel": self.kind, "reference": sent.reference}
        new = (NewEvent(FORWARDED, body),)
        await self._run(Work.WRITE, lambda store: store.add_events(event.alert_id, new))

    async def _handover(self, event: OutboxEvent, found: "Found") -> Handover:
        alert = found.alert
        original = await self._original(alert) if self.original else None
        priority = self.taxonomy.priorities.get(alert.priority or "")
        return Handover(
            id=f"{event.id}-{self.department}",
            at=event.created_at,
            department=self.department,
            alert=alert,
            text=alert.text if original is None else original,
            is_original=original is not None,
            due_at=due_at(alert.received_at, priority.target_hours if priority else None),
            link=f"{self.public_url}{desk_path(alert.id)}" if self.public_url else None,
            earlier=found.earlier,
            by_staff=alert.review_id is not None,
            news=_NEWS.get(event.kind),
            known_as=found.known_as,
        )

    async def _original(self, alert: StoredAlert) -> str | None:
        """The text as sent, where it differs and can be read; each reading is logged beside the alert."""
        reader = f"forwarder {self.department}"
        try:
            return await self._run(Work.WRITE, lambda store: store.original(alert.id, reader, "forwarding"))
        except OriginalUnreadable:  # the masked text is better than no alert
            logger.warning("a text as sent cannot be read for %s: its key is not here", self.department)
        except UnknownAlert:
            return None
        return None

    async def _run(self, work: Work, call: Callable[[Store], Result]) -> Result:
        try:
            return await self.door.run(work, call)
        except Problem:
            raise DeliveryFailed(STORE_AWAY) from None


@dataclass(frozen=True, slots=True)
class Found:
    """An alert that is to be sent, the first about the same fault that the department has, and what it calls both."""

    alert: StoredAlert
    earlier: Earlier | None
    known_as: str | None


def due_at(received_at: datetime, hours: float | None) -> datetime | None:
    """When an alert asks for a first action."""
    return None if hours is None else received_at + timedelta(hours=hours)


def _look(store: Store, event: OutboxEvent, department: str) -> Found | Skip:
    alert = store.alert(event.alert_id)
    events = store.events_of([event.alert_id], NEEDED)
    skip = why_not(event, alert, events, department)
    if alert is None or skip is not None:
        return skip or Skip.GONE
    got = holds(events, department)
    return Found(alert, _earlier(store, alert, department), got.body.get("reference") if got else None)


def _earlier(store: Store, alert: StoredAlert, department: str) -> Earlier | None:
    if alert.cluster_id is None:
        return None
    cluster = store.cluster(alert.cluster_id)
    others = [one for one in cluster.alert_ids if one != alert.id][:_MOST_OTHERS] if cluster else []
    by_alert: dict[str, list[OutboxEvent]] = {}
    for event in store.events_of(others, NEEDED):
        by_alert.setdefault(event.alert_id, []).append(event)
    had = [got for events in by_alert.values() if (got := holds(events, department)) is not None]
    return _as_earlier(had)


def _as_earlier(had: Sequence[OutboxEvent]) -> Earlier | None:
    if not had:
        return None
    first = min(had, key=lambda event: event.seq)
    return Earlier(first.alert_id, first.body.get("reference"))
