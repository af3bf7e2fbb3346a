"""Alerts on their way to departments, as the desk shows them: what was handed over, and what was not taken."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from serving.alerts.events import FORWARDED, FORWARDING_FAILED
from serving.desk.view.links import desk_path
from serving.forwarding.names import department_of
from serving.forwarding.reasons import Reason, reason_of
from serving.forwarding.rule import NEWS
from triage.store.delivery_records import Delivery, Outlook
from triage.store.records import OutboxEvent
from triage.store.store import Store

# The kinds of events that an alert's history shows.
TOLD = (FORWARDED, FORWARDING_FAILED)


@dataclass(frozen=True, slots=True)
class Undelivered:
    """An alert that a department has not taken.

    Attributes:
        department: its code.
        alert_id: of the alert.
        path: the alert's page.
        since: when it was first tried.
        attempts: how often it was.
        reason: why it was not taken the last time; None where it was not tried yet.
        next_at: when it is tried next; None where it is not, or waits for another alert.
        is_dead: whether it was given up.
        is_news: whether the department has the alert, and not what is new about it.
    """

    department: str
    alert_id: str
    path: str
    since: datetime
    attempts: int
    reason: Reason | None
    next_at: datetime | None
    is_dead: bool
    is_news: bool


@dataclass(frozen=True, slots=True)
class Troubled:
    """A department that does not take its alerts.

    Attributes:
        target: the name of its deliveries.
        since: when the trouble began.
        waiting, dead: how many alerts are tried again, and how many were given up.
        attempts: how often the alert was tried that waits longest.
        alerts: the oldest of them.
    """

    department: str
    target: str
    since: datetime
    reason: Reason | None
    waiting: int
    dead: int
    attempts: int
    alerts: Sequence[Undelivered]


def undelivered_of(deliveries: Sequence[Delivery]) -> tuple[Undelivered, ...]:
    """What departments have not taken; other targets are left out."""
    return tuple(
        _undelivered(delivery, department)
        for delivery in deliveries
        if (department := department_of(delivery.target)) is not None
    )


def troubled_of(outlooks: Sequence[Outlook], deliveries: Sequence[Delivery]) -> tuple[Troubled, ...]:
    """The departments with alerts that were not taken, the longest in trouble first.

    Args:
        outlooks: of every target.
        deliveries: the oldest that forwarders have not taken.
    """
    found = []
    for outlook in outlooks:
        name = outlook.state.name
        department = department_of(name)
        mine = [delivery for delivery in deliveries if delivery.target == name]
        if department is None or not mine:
            continue
        reasons = [delivery.reason for delivery in mine if delivery.reason]
        reason = outlook.state.reason or (reasons[0] if reasons else None)
        found.append(
            Troubled(
                department=department,
                target=name,
                since=min(delivery.since for delivery in mine),
                reason=reason_of(reason) if reason else None,
                waiting=outlook.waiting,
                dead=outlook.dead,
                attempts=max(delivery.attempts for delivery in mine),
                alerts=undelivered_of(mine),
            )
        )
    return tuple(sorted(found, key=lambda one: one.since))


def forward_again(store: Store, alert_id: str, at: datetime) -> list[str]:
    """Try at once what departments have not taken of an alert; the targets that it is tried for.

    Raises:
        StoreFailed: the store cannot be used.
    """
    names = {delivery.target for delivery in store.deliveries_of([alert_id])}
    return [name for name in sorted(names) if department_of(name) and store.try_again(name, at, alert_id)]


def reference_of(event: OutboxEvent) -> str | None:
    """What the department calls an alert that it took."""
    reference = event.body.get("reference")
    return reference if isinstance(reference, str) else None


def _undelivered(delivery: Delivery, department: str) -> Undelivered:
    return Undelivered(
        department=department,
        alert_id=delivery.event.alert_id,
        path=f"{desk_path(delivery.event.alert_id)}?look=1",
        since=delivery.since,
        attempts=delivery.attempts,
        reason=reason_of(delivery.reason) if delivery.reason else None,
        next_at=delivery.next_at,
        is_dead=delivery.state == "dead",
        is_news=delivery.event.kind in NEWS,
    )
