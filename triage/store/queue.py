"""The queue of alerts that wait for a person, best first, and who looks at which.

A claim is good until its time is over. All of the store's writers take turns, so two who ask for the next alert at
the same moment get two alerts, on either database and in however many processes.
"""

import base64
import heapq
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, func, insert, or_, select, update

from triage.store.base import StoreBase
from triage.store.errors import BadCursor
from triage.store.records import QueueKind, StoredAlert
from triage.store.review_records import QueuePage, QueueRow
from triage.store.review_tables import claims, skips
from triage.store.rows import as_alert, change_alert, find_alert, get_alert, select_alerts
from triage.store.schema import alerts, reviews
from triage.store.waiting import refuse_claimed

_MAX_ROWS = 200

# The rank of an alert that waits, the highest first, and its number.
_Place = tuple[float, int]


class ReviewQueue(StoreBase):
    """Who looks at what. Every method raises StoreFailed where the database cannot be read or written."""

    def claim_next(
        self, kinds: Sequence[QueueKind], reviewer: str, now: datetime, until: datetime
    ) -> StoredAlert | None:
        """Give a person the next alert of some queues, for them alone until a time.

        Whoever looks at one already gets that one again. None where all are claimed by others or passed on.
        """
        with self._database.writing("claim an alert") as connection:
            seq = _own(connection, kinds, reviewer, now)
            if seq is None:
                free = [_not_others(reviewer, now), _not_skipped(reviewer, now)]
                seq = next((seq for _, seq in _best(connection, kinds, free, 1)), None)
            if seq is None:
                return None
            _claim(connection, seq, reviewer, now, until)
            return as_alert(connection.execute(select_alerts().where(alerts.c.seq == seq)).one())

    def claim(self, alert_id: str, reviewer: str, now: datetime, until: datetime) -> StoredAlert:
        """Give a person one alert, for them alone until a time, wherever it waits and if it does not.

        Raises:
            ClaimedByOther: somebody else looks at it.
            UnknownAlert: it is not stored.
        """
        with self._database.writing("claim an alert") as connection:
            alert = get_alert(connection, alert_id)
            refuse_claimed(connection, alert.seq, reviewer, now)
            _claim(connection, alert.seq, reviewer, now, until)
            return alert

    def release(self, alert_id: str, reviewer: str) -> None:
        """Give an alert back; nothing happens where it is not claimed by this person."""
        with self._database.writing("release an alert") as connection:
            alert = find_alert(connection, alert_id)
            if alert is not None:
                _release(connection, alert.seq, reviewer)

    def skip(self, alert_id: str, reviewer: str, now: datetime, until: datetime) -> None:
        """Pass an alert on: it is given back, and not offered to this person before a time.

        Raises:
            UnknownAlert: it is not stored.
        """
        with self._database.writing("skip an alert") as connection:
            seq = get_alert(connection, alert_id).seq
            _release(connection, seq, reviewer)
            connection.execute(delete(skips).where(skips.c.alert_seq == seq, skips.c.reviewer == reviewer))
            connection.execute(insert(skips).values(alert_seq=seq, reviewer=reviewer, at=now, until=until))

    def queue(self, kinds: Sequence[QueueKind], now: datetime, limit: int = 50, after: str | None = None) -> QueuePage:
        """What waits in some queues, next alert first, and who looks at what; at most 200 at a time.

        Raises:
            BadCursor: the cursor comes from elsewhere.
        """
        size = max(1, min(limit, _MAX_ROWS))
        behind = [] if after is None else [_behind(*_read_cursor(after))]
        with self._database.reading("list the queue") as connection:
            found = _best(connection, kinds, behind, size + 1)
            rows = _rows(connection, [seq for _, seq in found[:size]], now)
        return QueuePage(rows, _write_cursor(found[size - 1]) if len(found) > size else None)

    def queue_counts(self) -> dict[QueueKind, int]:
        """How many alerts wait in each queue, those that somebody looks at included."""
        number = func.count().label("number")
        statement = select(alerts.c.queue, number).where(alerts.c.queue.is_not(None)).group_by(alerts.c.queue)
        counts: dict[QueueKind, int] = {"review": 0, "sample": 0, "suspect": 0}
        with self._database.reading("count the queue") as connection:
            counts.update((row.queue, row.number) for row in connection.execute(statement))
        return counts

    def suspect(self, ranks: Mapping[str, float]) -> int:
        """Put alerts whose label may be wrong before the staff; how many there were.

        Left alone are those that wait already, were withdrawn, or were looked at as suspects before.

        Args:
            ranks: id → rank in the queue.
        """
        put = 0
        with self._database.writing("suspect labels") as connection:
            now = self._clock()
            for alert_id, rank in ranks.items():
                alert = find_alert(connection, alert_id)
                idle = alert is not None and alert.queue is None and alert.state != "withdrawn"
                if alert is not None and idle and not _was_suspect(connection, alert.seq):
                    change_alert(connection, alert_id, now, queue="suspect", queue_rank=rank)
                    put += 1
        return put


def _own(connection: Connection, kinds: Sequence[QueueKind], reviewer: str, now: datetime) -> int | None:
    mine = select(claims.c.alert_seq).join(alerts, alerts.c.seq == claims.c.alert_seq)
    mine = mine.where(claims.c.reviewer == reviewer, claims.c.until > now, alerts.c.queue.in_(kinds))
    newest = mine.order_by(claims.c.since.desc(), claims.c.alert_seq.desc()).limit(1)
    return connection.execute(newest).scalar_one_or_none()


def _best(
    connection: Connection, kinds: Iterable[QueueKind], conditions: Sequence[ColumnElement[bool]], limit: int
) -> list[_Place]:
    """The next ones of several queues: each is read in the order of its index, as far as needed."""
    found: list[_Place] = []
    for kind in kinds:
        waiting = select(alerts.c.queue_rank, alerts.c.seq).where(alerts.c.queue == kind, *conditions)
        rows = connection.execute(waiting.order_by(alerts.c.queue_rank.desc(), alerts.c.seq).limit(limit))
        found += [(row.queue_rank, row.seq) for row in rows]
    return heapq.nsmallest(limit, found, key=lambda place: (-place[0], place[1]))


def _not_others(reviewer: str, now: datetime) -> ColumnElement[bool]:
    claimed = exists().where(claims.c.alert_seq == alerts.c.seq, claims.c.reviewer != reviewer, claims.c.until > now)
    return ~claimed


def _not_skipped(reviewer: str, now: datetime) -> ColumnElement[bool]:
    skipped = exists().where(skips.c.alert_seq == alerts.c.seq, skips.c.reviewer == reviewer, skips.c.until > now)
    return ~skipped


def _claim(connection: Connection, seq: int, reviewer: str, now: datetime, until: datetime) -> None:
    mine = claims.c.alert_seq == seq, claims.c.reviewer == reviewer, claims.c.until > now
    if not connection.execute(update(claims).where(*mine).values(until=until)).rowcount:
        connection.execute(delete(claims).where(claims.c.alert_seq == seq))
        connection.execute(insert(claims).values(alert_seq=seq, reviewer=reviewer, since=now, until=until))


def _release(connection: Connection, seq: int, reviewer: str) -> None:
    connection.execute(delete(claims).where(claims.c.alert_seq == seq, claims.c.reviewer == reviewer))


def _rows(connection: Connection, numbers: Sequence[int], now: datetime) -> tuple[QueueRow, ...]:
    running = select(claims).where(claims.c.alert_seq.in_(numbers), claims.c.until > now)
    held: dict[int, Any] = {row.alert_seq: row for row in connection.execute(running)}
    found = {row.seq: as_alert(row) for row in connection.execute(select_alerts().where(alerts.c.seq.in_(numbers)))}
    return tuple(
        QueueRow(found[seq], held[seq].reviewer, held[seq].until) if seq in held else QueueRow(found[seq], None, None)
        for seq in numbers
        if seq in found
    )


def _was_suspect(connection: Connection, seq: int) -> bool:
    judged = exists().where(reviews.c.alert_seq == seq, reviews.c.queue == "suspect", reviews.c.undone_at.is_(None))
    return bool(connection.execute(select(judged)).scalar_one())


def _behind(rank: float, seq: int) -> ColumnElement[bool]:
    # The first condition says nothing more than the second, but it lets the index begin at the right place.
    same = and_(alerts.c.queue_rank == rank, alerts.c.seq > seq)
    return and_(alerts.c.queue_rank <= rank, or_(alerts.c.queue_rank < rank, same))


def _write_cursor(last: _Place) -> str:
    return base64.urlsafe_b64encode(json.dumps(last).encode()).decode().rstrip("=")


def _read_cursor(cursor: str) -> _Place:
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        rank, seq = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        place = float(rank), int(seq)
        if not math.isfinite(place[0]) or not 0 <= place[1] < 2**63:
            raise ValueError(place)
    except (ValueError, TypeError, OverflowError, RecursionError):
        raise BadCursor("The cursor is not one that this queue gave; start again without it.") from None
    return place
