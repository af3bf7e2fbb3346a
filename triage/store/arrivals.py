"""What came in of late, as drift is looked for in it: bounded queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from triage.store.base import StoreBase
from triage.store.figures import Window
from triage.store.rows import chunks
from triage.store.schema import alerts, predictions, vectors

# At 1,000 alerts a day: most of a week, and two months.
MAX_ARRIVALS = 5_000
MAX_COUNTED = 60_000


@dataclass(frozen=True, slots=True)
class Arrival:
    """An alert that came in.

    Attributes:
        text: without personal data; "" where there are photos alone.
        language: None where it could not be told.
        category, confidence: what the bundle asked for answered, and how sure it was of the less sure of category and
            department; None where another one answered last.
        vector_version: whose vector is kept of it; "" where none is.
    """

    seq: int
    created_at: datetime
    text: str
    language: str | None
    has_photo: bool
    category: str | None
    confidence: float | None
    vector_version: str


class Arrivals(StoreBase):
    """Alerts of a window. Every method raises StoreFailed where the store cannot be read."""

    def arrivals(self, window: Window, bundle_sha256: str, limit: int = MAX_ARRIVALS) -> tuple[Arrival, ...]:
        """The alerts created in a window, oldest first; of more than `limit` the newest.

        Of alerts about one fault the first counts: a burst of them says nothing about all others.
        """
        given = predictions.alias("given")
        latest = select(func.max(given.c.seq)).where(given.c.alert_seq == alerts.c.seq)
        body = predictions.c.body
        answers = (
            body["category", "code"].as_string().label("category"),
            body["category", "confidence"].as_float().label("category_confidence"),
            body["department", "confidence"].as_float().label("department_confidence"),
            body["model", "bundle_sha256"].as_string().label("bundle"),
        )
        said = (alerts.c.seq, alerts.c.created_at, alerts.c.text, alerts.c.language, alerts.c.photos)
        statement = (
            select(*said, alerts.c.cluster_id, alerts.c.vector_version, *answers)
            .select_from(alerts)
            .outerjoin(predictions, predictions.c.seq == latest.scalar_subquery())
            .where(alerts.c.created_at >= window.since, alerts.c.created_at < window.until)
            .order_by(alerts.c.created_at.desc(), alerts.c.seq.desc())
            .limit(limit)
        )
        with self._database.reading("read what came in") as connection:
            rows = connection.execute(statement).all()
        return tuple(_arrival(row, bundle_sha256) for row in _one_for_each_fault(list(reversed(rows))))

    def arrivals_with_photos(self, window: Window, limit: int = MAX_COUNTED) -> tuple[int, int]:
        """How many alerts were created in a window, and how many of them have a photo; of more than `limit` the newest.

        Alerts about one fault count each: that changes a share of many weeks little.
        """
        some = (
            select(func.json_array_length(alerts.c.photos).label("photos"))
            .where(alerts.c.created_at >= window.since, alerts.c.created_at < window.until)
            .order_by(alerts.c.created_at.desc())
            .limit(limit)
            .subquery()
        )
        statement = select(func.count(), func.count().filter(some.c.photos > 0)).select_from(some)
        with self._database.reading("count photos") as connection:
            number, with_photo = connection.execute(statement).one()
        return number, with_photo

    def stored_vectors(self, numbers: Sequence[int]) -> dict[int, bytes]:
        """The vectors of alerts by their number, as far as there are any."""
        found: dict[int, bytes] = {}
        statement = select(vectors.c.alert_seq, vectors.c.body)
        with self._database.reading("read vectors") as connection:
            for chunk in chunks(list(numbers)):
                rows = connection.execute(statement.where(vectors.c.alert_seq.in_(chunk)))
                found.update((row.alert_seq, row.body) for row in rows)
        return found


def _one_for_each_fault(rows: Sequence[Any]) -> list[Any]:
    known: set[str] = set()
    kept = []
    for row in rows:
        if row.cluster_id is None or row.cluster_id not in known:
            kept.append(row)
        if row.cluster_id is not None:
            known.add(row.cluster_id)
    return kept


def _arrival(row: Any, bundle_sha256: str) -> Arrival:
    confidences = (row.category_confidence, row.department_confidence)
    answered = row.bundle == bundle_sha256 and None not in (row.category, *confidences)
    return Arrival(
        seq=row.seq,
        created_at=row.created_at,
        text=row.text,
        language=row.language,
        has_photo=bool(row.photos),
        category=row.category if answered else None,
        confidence=min(confidences) if answered else None,
        vector_version=row.vector_version,
    )
