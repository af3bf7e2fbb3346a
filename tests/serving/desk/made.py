"""Alerts, answers and links made by hand, for desks and for what they show."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from triage.store.records import Json, NewAlert, QueueKind, QueuePlace, StoredAlert

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
VERSION = "2026.06.01-made"


def ranked(*shares: tuple[str, float]) -> Json:
    """One head's answer, likeliest first."""
    (code, share), *others = shares
    return {
        "code": code,
        "confidence": share,
        "alternatives": [{"code": other, "confidence": rest} for other, rest in others],
    }


def prediction(**heads: Json) -> Json:
    """A model's answer: a dirty pavement, unless said otherwise."""
    return {
        "category": ranked(("proprete", 0.6), ("collecte", 0.3), ("voirie", 0.1)),
        "department": ranked(("proprete", 0.7), ("collecte", 0.3)),
        "priority": ranked(("normale", 0.8), ("haute", 0.2)),
        "photos": [],
        "model": {"name": "made", "version": VERSION, "taxonomy": 1, "bundle_sha256": "0" * 64},
        **heads,
    }


def new_alert(
    alert_id: str, text: str = "Des sacs sur le trottoir", queue: QueueKind | None = "review", **other: Any
) -> NewAlert:
    """An alert to be stored; it waits with a rank of 1 unless said otherwise."""
    answer = other.pop("prediction", prediction())
    rank = other.pop("rank", 1.0)
    values: dict[str, Any] = {
        "original": None,
        "lat": 47.3216,
        "lon": 5.0415,
        "created_at": NOON - timedelta(hours=2),
        "received_at": NOON - timedelta(hours=2),
        "category_hint": None,
        "category": answer["category"]["code"] if answer else None,
        "department": answer["department"]["code"] if answer else None,
        "priority": answer["priority"]["code"] if answer else None,
        "decision": "review",
        "reasons": ("category_uncertain",),
        "photos": (),
        "plates": (),
        "vector": None,
        "vector_version": "",
        "content_sha256": alert_id,
        "queue_place": None if queue is None else QueuePlace(queue, rank),
        "language": "fr",
    }
    return NewAlert(id=alert_id, text=text, prediction=answer, **(values | other))


def stored_alert(alert_id: str = "a", text: str = "Des sacs sur le trottoir", **other: Any) -> StoredAlert:
    """An alert as the store gives it."""
    names = set(NewAlert.__dataclass_fields__) - {"original", "vector", "queue_place"}
    new = new_alert(alert_id, text, **{name: other.pop(name) for name in list(other) if name in names})
    values: dict[str, Any] = {name: getattr(new, name) for name in names}
    later: dict[str, Any] = {
        "seq": 1,
        "state": "open",
        "closed_at": None,
        "cluster_id": None,
        "covered_by": None,
        "recurrence_of": None,
        "updated_at": new.received_at,
        "queue": "review",
        "queue_rank": 1.0,
        "review_id": None,
        "version": 1,
        "expected_at": None,
        "status_note": None,
        "status_department": None,
    }
    return StoredAlert(**(values | later | other))


def evidence(*terms: tuple[Sequence[str], float], said: Sequence[str] = ()) -> tuple[Json, ...]:
    """Evidence of a pair, as a link keeps it."""
    bars: list[Json] = [
        {"measures": list(measures), "values": [None] * len(measures), "contribution": amount}
        for measures, amount in terms
    ]
    return (*bars, *({"phrase": phrase} for phrase in said))


def hidden(page: str, form: str = "decision") -> dict[str, str]:
    """The fields that a form sends by itself."""
    [body] = re.findall(rf'<form[^>]*id="{form}".*?</form>', page, re.DOTALL)
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', body))
    chosen = re.findall(r'<input type="radio" name="(\w+)"[^>]* value="(\w+)"[^>]* checked', body)
    return fields | dict(chosen)
