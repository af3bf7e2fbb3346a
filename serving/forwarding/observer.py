"""Tells others that an alert could not be handed to its department."""

from serving.alerts.events import FORWARDING_FAILED
from serving.forwarding.names import department_of
from serving.forwarding.rule import NEWS
from serving.outbound.targets import DeliveryFailed, Sent, Target
from serving.storage import StoreDoor, Work
from triage.store.records import NewEvent, OutboxEvent
from triage.store.store import Store


class ForwardingObserver:
    """Writes `alert.forwarding_failed` once an alert is given up for a department; it looks at no other target.

    Args:
        door: to the store.
    """

    def __init__(self, door: StoreDoor) -> None:
        self._door = door

    async def on_delivered(self, event: OutboxEvent, target: Target, sent: Sent) -> None:
        """The forwarder has told so itself, before the delivery is noted: so it is never told too late."""

    async def on_failed(self, event: OutboxEvent, target: Target, failure: DeliveryFailed, attempts: int) -> None:
        """The desk shows what is tried again."""

    async def on_dead(self, event: OutboxEvent, target: Target, failure: DeliveryFailed) -> None:  # noqa: ARG002
        """Tell it, once for each event however often this is called; of mere news the desk alone is told."""
        department = department_of(target.name)
        if department is not None and event.kind not in NEWS:
            name = target.name
            await self._door.run(Work.WRITE, lambda store: _tell(store, event, department, name))


def _tell(store: Store, event: OutboxEvent, department: str, name: str) -> None:
    told = store.events_of([event.alert_id], [FORWARDING_FAILED])
    if not any(one.seq > event.seq and one.body.get("target") == name for one in told):
        store.add_events(event.alert_id, [NewEvent(FORWARDING_FAILED, {"department": department, "target": name})])
