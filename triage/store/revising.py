"""Newer answers to stored alerts: after the reporter added something, or once the models can be asked again."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, exists, insert, select

from triage.store.base import StoreBase
from triage.store.change_records import PredictionVersion, Revised, Reviser, Revision, RevisionEvents
from triage.store.errors import AlertChanged, AlertWithdrawn
from triage.store.nearby import near
from triage.store.originals import add_to_original
from triage.store.outbox import append
from triage.store.records import Linking, Search, StoredAlert
from triage.store.relinking import link_again
from triage.store.review_tables import returns, skips
from triage.store.rows import answered, change_alert, get_alert
from triage.store.schema import additions, alerts, predictions, reviews, vectors
from triage.store.waiting import leave_queue


class Revising(StoreBase):
    """Versions of alerts. Every method raises StoreFailed where the database cannot be read or written."""

    def revise(
        self,
        alert_id: str,
        make: Reviser,
        search: Search | None = None,
        *,
        follows: int | None = None,
        digest: str | None = None,
        events: RevisionEvents = (),
    ) -> Revised:
        """Store a newer answer to an alert, with what is new of the alert itself: all of it or nothing.

        Nobody else writes meanwhile. Earlier answers are kept, and a person's answer stays the alert's.

        Args:
            alert_id: which alert.
            make: makes the revision from the alert and its neighbours; it should be quick. None changes nothing.
            search: which neighbours to look for, the alert itself among them; without it `make` is shown none.
            follows: the version that the answer was asked for; without it any.
            digest: of what the reporter adds. It makes a new version; added before, nothing is changed again.
            events: what to tell others, or what makes it from the alert before and after.

        Raises:
            UnknownAlert: the alert, or one that it is linked to, is not stored.
            AlertWithdrawn: the alert was withdrawn.
            AlertChanged: it is at another version.
            OriginalUnreadable: text is added to one that was stored with a key that is not at hand.
        """
        with self._database.writing("revise an alert") as connection:
            before = get_alert(connection, alert_id)
            if digest is not None and _was_added(connection, before, digest):
                return Revised(before, changed=False)
            if before.state == "withdrawn":
                raise AlertWithdrawn("This alert was withdrawn; send what is new as an alert of its own.")
            if follows is not None and before.version != follows:
                raise AlertChanged(before.version)
            revision = make(before, near(connection, search) if search is not None else [])
            if revision is None:
                return Revised(before, changed=False)
            now = self._clock()
            if revision.sent is not None:
                add_to_original(connection, before, revision.sent, revision.text, self._keys)
            after, linking = _apply(connection, before, revision, digest, now)
            append(connection, alert_id, events(before, after, linking) if callable(events) else events, now)
            return Revised(after, changed=True)

    def was_added(self, alert_id: str, digest: str) -> bool:
        """Whether the reporter has added this before.

        Raises:
            UnknownAlert: the alert is not stored.
        """
        with self._database.reading("read what was added") as connection:
            return _was_added(connection, get_alert(connection, alert_id), digest)

    def prediction_versions(self, alert_id: str, limit: int = 50) -> tuple[PredictionVersion, ...]:
        """The latest answers that models gave to an alert, oldest first."""
        columns = (predictions.c.version, predictions.c.created_at, predictions.c.body)
        statement = select(*columns).join(alerts, alerts.c.seq == predictions.c.alert_seq)
        newest = statement.where(alerts.c.id == alert_id).order_by(predictions.c.seq.desc()).limit(limit)
        with self._database.reading("read predictions") as connection:
            rows = connection.execute(newest).all()
        return tuple(PredictionVersion(row.version, row.created_at, row.body) for row in reversed(rows))


def _was_added(connection: Connection, alert: StoredAlert, digest: str) -> bool:
    same = exists().where(additions.c.alert_seq == alert.seq, additions.c.digest == digest)
    return bool(connection.execute(select(same)).scalar_one())


def _apply(
    connection: Connection, before: StoredAlert, revision: Revision, digest: str | None, now: datetime
) -> tuple[StoredAlert, Linking]:
    version = before.version if digest is None else before.version + 1
    if digest is not None:
        added = {"alert_seq": before.seq, "digest": digest, "version": version, "created_at": now}
        connection.execute(insert(additions).values(added))
    answer = {"alert_seq": before.seq, "created_at": now, "body": revision.prediction, "version": version}
    connection.execute(insert(predictions).values(answer))
    if revision.vector_version is not None:
        connection.execute(delete(vectors).where(vectors.c.alert_seq == before.seq))
        if revision.vector is not None:
            connection.execute(insert(vectors).values(alert_seq=before.seq, body=revision.vector))
    values = {} if before.review_id is not None else answered(revision.prediction)
    values |= _new_fields(revision) | _new_queue_place(connection, before, revision)
    change_alert(connection, before.id, now, version=version, **values)
    after = get_alert(connection, before.id)
    if revision.linking is None:
        return after, Linking()
    linking = link_again(connection, after, revision.linking, now)
    return get_alert(connection, before.id), linking


def _new_fields(revision: Revision) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if revision.text is not None:
        values |= {"text": revision.text, "language": revision.language}
    if revision.place is not None:
        values |= {"lat": revision.place[0], "lon": revision.place[1]}
    if revision.photos is not None:
        values["photos"] = list(revision.photos)
    if revision.plates is not None:
        values["plates"] = list(revision.plates)
    if revision.vector_version is not None:
        values["vector_version"] = revision.vector_version
    return values


def _new_queue_place(connection: Connection, alert: StoredAlert, revision: Revision) -> dict[str, Any]:
    place = revision.queue_place
    comes_first = place is not None and place.queue == alert.queue and place.rank > (alert.queue_rank or 0.0)
    if alert.queue is not None and not comes_first and _waits_for_a_person(connection, alert):
        return {}
    if place is None:
        return leave_queue(connection, alert.seq) if alert.queue is not None else {}
    # Whoever passed it on has not seen what is new; whoever looks at it goes on.
    connection.execute(delete(skips).where(skips.c.alert_seq == alert.seq))
    return {"queue": place.queue, "queue_rank": place.rank}


def _waits_for_a_person(connection: Connection, alert: StoredAlert) -> bool:
    """Whether somebody's word, not a model's doubt, is why the alert waits."""
    if alert.queue == "suspect":
        return True
    decided = select(reviews.c.decided_at).where(reviews.c.seq == alert.review_id).scalar_subquery()
    back = exists().where(returns.c.alert_seq == alert.seq)
    if alert.review_id is not None:
        back = back.where(returns.c.at >= decided)
    return bool(connection.execute(select(back)).scalar_one())
