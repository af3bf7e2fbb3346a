"""Clusters of alerts about one fault, and the links between alerts: made, merged, left and read."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, insert, or_, select, update

from triage.places import distance_m
from triage.store.errors import UnknownAlert
from triage.store.records import Cluster, Link, Linking, LinkKind, State, StoredAlert
from triage.store.rows import as_alert, change_alert, chunks, get_alert, numbers_of, select_alerts
from triage.store.schema import alerts, clusters, links

_HOUR_S = 3_600
_KEY = ("alert_seq", "other_seq", "kind")
# Somebody works on a fault as soon as they do for one of its reports, and it is there until all of them are closed.
_FOREMOST: tuple[State, ...] = ("in_progress", "open", "closed", "withdrawn")
BOTH_WAYS: tuple[LinkKind, ...] = ("duplicate", "candidate", "rejected")


def apply_linking(connection: Connection, alert: StoredAlert, linking: Linking, now: datetime) -> None:
    """Tie a newly stored alert to others.

    Raises:
        UnknownAlert: one of the others is not stored.
    """
    others = {linking.join, linking.covered_by, linking.recurrence_of, *linking.covers} - {None}
    others |= {link.other_id for link in linking.links}
    numbers = numbers_of(connection, [other for other in others if other is not None])
    if len(numbers) < len(others):
        raise UnknownAlert("An alert cannot be linked to one that is not stored.")
    if linking.join is not None:
        join(connection, alert, get_alert(connection, linking.join), now)
    if linking.covered_by is not None or linking.recurrence_of is not None:
        change_alert(connection, alert.id, now, covered_by=linking.covered_by, recurrence_of=linking.recurrence_of)
    for covered in linking.covers:
        change_alert(connection, covered, now, covered_by=alert.id)
    rows = [_covering(connection, alert, covered, linking) for covered in linking.covers]
    rows += [
        _row(alert.seq, numbers[link.other_id], link)
        for link in linking.links
        if not (link.kind == "covered_by" and link.other_id in linking.covers)
    ]
    once = {(row["alert_seq"], row["other_seq"], row["kind"]): row for row in rows}
    if once:
        connection.execute(insert(links), list(once.values()))


def join(connection: Connection, one: StoredAlert, other: StoredAlert, now: datetime) -> bool:
    """Bring two alerts into one cluster, with all that are in theirs; False where they are already."""
    if one.id == other.id or (one.cluster_id is not None and one.cluster_id == other.cluster_id):
        return False
    known = [cluster_id for cluster_id in (one.cluster_id, other.cluster_id) if cluster_id is not None]
    if len(known) == 2:
        _merge(connection, known, now)
        return True
    cluster_id = known[0] if known else _new_cluster(connection, now)
    for alert in (one, other):
        if alert.cluster_id is None:
            change_alert(connection, alert.id, now, cluster_id=cluster_id)
    return True


def link_by_hand(connection: Connection, one: StoredAlert, other: StoredAlert) -> None:
    """Say that two alerts, which were joined, are duplicates; what a model said about them is kept."""
    if not _turn(connection, one.seq, [other.seq], ("candidate", "rejected"), "duplicate"):
        connection.execute(insert(links).values(_row(one.seq, other.seq, _measured(one, other, "duplicate"))))
    for alert in (one, other):  # who was told apart from one of them is not any more
        _turn(connection, alert.seq, _others(connection, alert), ("rejected",), "duplicate")


def leave(connection: Connection, alert: StoredAlert, now: datetime) -> bool:
    """Take an alert out of its cluster; a cluster of one is none. False where it was in none."""
    if alert.cluster_id is None:
        return False
    left = [other for other in members_of(connection, alert.cluster_id) if other.id != alert.id]
    change_alert(connection, alert.id, now, cluster_id=None)
    if len(left) == 1:
        change_alert(connection, left[0].id, now, cluster_id=None)
    for other in left:
        tell_apart(connection, alert, other)
    return True


def tell_apart(connection: Connection, one: StoredAlert, other: StoredAlert) -> bool:
    """Say that two alerts are no duplicates, so that nobody proposes it again; False where that was said before."""
    if _linked(connection, one.seq, [other.seq], ("rejected",)):
        return False
    if not _turn(connection, one.seq, [other.seq], ("duplicate", "candidate"), "rejected"):
        measured = replace(_measured(one, other, "rejected"), probability=0.0)
        connection.execute(insert(links).values(_row(one.seq, other.seq, measured)))
    return True


def links_of(connection: Connection, alert: StoredAlert, *, rejected: bool = False) -> tuple[Link, ...]:
    """What ties an alert to others, likeliest first; duplicates and candidates whichever of the two came first.

    Pairs that a person told apart are left out unless `rejected` asks for them.
    """
    outgoing = select(links, alerts.c.id).join(alerts, alerts.c.seq == links.c.other_seq)
    incoming = select(links, alerts.c.id).join(alerts, alerts.c.seq == links.c.alert_seq)
    found: dict[tuple[str, str], Any] = {}
    for statement in (
        incoming.where(links.c.other_seq == alert.seq, links.c.kind.in_(BOTH_WAYS)),
        outgoing.where(links.c.alert_seq == alert.seq),
    ):
        found.update(((row.id, row.kind), row) for row in connection.execute(statement))
    best_first = sorted(found.values(), key=lambda row: (-row.probability, row.id))
    return tuple(
        Link(row.id, row.kind, row.probability, row.distance_m, row.age_hours, tuple(row.evidence))
        for row in best_first
        if rejected or row.kind != "rejected"
    )


def find_cluster(connection: Connection, cluster_id: str) -> Cluster | None:
    """The cluster with this id, or the one that it became part of."""
    members = members_of(connection, cluster_id)
    if not members:
        return None
    states = {alert.state for alert in members}
    return Cluster(
        id=members[0].cluster_id or cluster_id,
        alert_ids=tuple(alert.id for alert in members),
        first_at=members[0].created_at,
        last_at=members[-1].created_at,
        state=next(state for state in _FOREMOST if state in states),
    )


def members_of(connection: Connection, cluster_id: str) -> tuple[StoredAlert, ...]:
    """The alerts of a cluster in the order in which they were created, not in that of their arrival."""
    merged = select(clusters.c.merged_into).where(clusters.c.id == cluster_id)
    current = connection.execute(merged).scalar_one_or_none() or cluster_id
    statement = select_alerts().where(alerts.c.cluster_id == current)
    rows = connection.execute(statement.order_by(alerts.c.created_at, alerts.c.seq))
    return tuple(as_alert(row) for row in rows)


def _new_cluster(connection: Connection, now: datetime) -> str:
    cluster_id = uuid.uuid4().hex
    connection.execute(insert(clusters).values(id=cluster_id, created_at=now))
    return cluster_id


def _merge(connection: Connection, known: Sequence[str], now: datetime) -> None:
    """Two clusters become the one whose fault was reported first."""
    oldest_first = select(alerts.c.cluster_id).where(alerts.c.cluster_id.in_(known))
    kept = connection.execute(oldest_first.order_by(alerts.c.created_at, alerts.c.seq).limit(1)).scalar_one()
    (gone,) = set(known) - {kept}
    connection.execute(update(alerts).where(alerts.c.cluster_id == gone).values(cluster_id=kept, updated_at=now))
    into = or_(clusters.c.id == gone, clusters.c.merged_into == gone)
    connection.execute(update(clusters).where(into).values(merged_into=kept))


def _covering(connection: Connection, area: StoredAlert, covered_id: str, linking: Linking) -> dict[str, Any]:
    """A link that leads from the covered alert to the report of the area, though that one came later."""
    covered = get_alert(connection, covered_id)
    for link in linking.links:
        if link.kind == "covered_by" and link.other_id == covered_id:
            return _row(covered.seq, area.seq, link)
    return _row(covered.seq, area.seq, _measured(covered, area, "covered_by"))


def _turn(connection: Connection, seq: int, others: Sequence[int], old: Sequence[LinkKind], new: LinkKind) -> bool:
    """Turn links between an alert and others from some kinds into another; False where there is none of any."""
    found = _linked(connection, seq, others, old)
    kept = _linked(connection, seq, others, (new,))
    has_new = {frozenset((row["alert_seq"], row["other_seq"])) for row in kept}
    turned: dict[frozenset[int], dict[str, Any]] = {}
    for row in found:
        connection.execute(delete(links).where(*(links.c[name] == row[name] for name in _KEY)))
        pair = frozenset((row["alert_seq"], row["other_seq"]))
        if pair not in has_new:
            turned.setdefault(pair, row | {"kind": new})
    if turned:
        connection.execute(insert(links), list(turned.values()))
    return bool(found or kept)


def _linked(connection: Connection, seq: int, others: Sequence[int], kinds: Sequence[LinkKind]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for chunk in chunks(others):
        between = or_(
            and_(links.c.alert_seq == seq, links.c.other_seq.in_(chunk)),
            and_(links.c.other_seq == seq, links.c.alert_seq.in_(chunk)),
        )
        found = select(links).where(between, links.c.kind.in_(kinds)).order_by(links.c.probability.desc())
        rows += [dict(row._mapping) for row in connection.execute(found)]
    return rows


def _others(connection: Connection, alert: StoredAlert) -> list[int]:
    """The numbers of those in the cluster that an alert is in by now."""
    cluster_id = select(alerts.c.cluster_id).where(alerts.c.seq == alert.seq).scalar_subquery()
    others = select(alerts.c.seq).where(alerts.c.cluster_id == cluster_id, alerts.c.seq != alert.seq)
    return list(connection.execute(others).scalars())


def _measured(one: StoredAlert, other: StoredAlert, kind: LinkKind) -> Link:
    """A link that no model weighed."""
    apart = None
    if one.lat is not None and one.lon is not None and other.lat is not None and other.lon is not None:
        apart = distance_m(one.lat, one.lon, other.lat, other.lon)
    age_hours = abs((one.created_at - other.created_at).total_seconds()) / _HOUR_S
    return Link(other.id, kind, 1.0, apart, age_hours)


def _row(seq: int, other_seq: int, link: Link) -> dict[str, Any]:
    return {
        "alert_seq": seq,
        "other_seq": other_seq,
        "kind": link.kind,
        "probability": link.probability,
        "distance_m": link.distance_m,
        "age_hours": link.age_hours,
        "evidence": list(link.evidence),
    }
