"""What a department is told of an alert."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from triage.store.records import StoredAlert
from triage.taxonomy import Taxonomy

News = Literal["added", "withdrawn"]


@dataclass(frozen=True, slots=True)
class Earlier:
    """An alert about the same fault that the department has already, and what the department calls it if it said so."""

    alert_id: str
    reference: str | None


@dataclass(frozen=True, slots=True)
class Handover:
    """One alert on its way to one department.

    Attributes:
        id: the same however often it is sent, so that receivers know a repeat.
        at: when it was decided that the department gets it.
        department: its code.
        alert: as it is now.
        text: what the department may read of the text.
        is_original: whether that is the text as sent, with personal data.
        due_at: when the priority asks for a first action; None without a priority.
        link: the alert's page at the review desk; None where nobody said where browsers find it.
        earlier: the first alert about the same fault that the department has; None where there is none.
        by_staff: whether staff decided, or the model.
        is_test: whether there is no such alert.
        news: what is new about an alert that the department has already; None where it gets it now.
        known_as: what the department calls an alert that it has, if it said so.
    """

    id: str
    at: datetime
    department: str
    alert: StoredAlert
    text: str
    is_original: bool
    due_at: datetime | None
    link: str | None
    earlier: Earlier | None
    by_staff: bool
    is_test: bool = False
    news: News | None = None
    known_as: str | None = None


class Channel(Protocol):
    """A way to a department."""

    async def send(self, handover: Handover) -> str | None:
        """Hand an alert over; what the department calls it, if it says so.

        Raises:
            DeliveryFailed: the department did not take it, or may not have.
        """


@dataclass(frozen=True, slots=True)
class Words:
    """What the city calls codes, in one language."""

    taxonomy: Taxonomy
    language: str

    def category(self, code: str | None) -> str:
        """What a category is called; empty where there is none."""
        return self._name(self.taxonomy.categories, code)

    def department(self, code: str | None) -> str:
        """What a department is called."""
        return self._name(self.taxonomy.departments, code)

    def priority(self, code: str | None) -> str:
        """What a priority is called."""
        return self._name(self.taxonomy.priorities, code)

    def _name(self, entries: Any, code: str | None) -> str:
        if code is None:
            return ""
        return str(getattr(entries[code], self.language)) if code in entries else code


def document(handover: Handover, words: Words) -> dict[str, Any]:
    """A handover as JSON: codes with what the city calls them, times in UTC, degrees of WGS84."""
    alert, earlier = handover.alert, handover.earlier
    return {
        "id": alert.id,
        "test": handover.is_test,
        "news": handover.news,
        "reference": handover.known_as,
        "department": {"code": handover.department, "name": words.department(handover.department)},
        "category": _coded(alert.category, words.category(alert.category)),
        "priority": _coded(alert.priority, words.priority(alert.priority)),
        "decided_by": "staff" if handover.by_staff else "model",
        "text": handover.text,
        "text_is_original": handover.is_original,
        "place": {"lat": alert.lat, "lon": alert.lon, "address": alert.address, "commune": alert.commune},
        "channel": alert.channel,
        "created_at": alert.created_at.isoformat(),
        "received_at": alert.received_at.isoformat(),
        "due_at": handover.due_at.isoformat() if handover.due_at else None,
        "photos": len(alert.photos),
        "link": handover.link,
        "duplicate_of": {"id": earlier.alert_id, "reference": earlier.reference} if earlier else None,
    }


def _coded(code: str | None, name: str) -> dict[str, str] | None:
    return None if code is None else {"code": code, "name": name}
