"""A stored alert tied to others once more: what was known of it stays, and what a person said stands."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, delete, or_, select

from triage.store.clusters import BOTH_WAYS, apply_linking, members_of
from triage.store.records import Link, Linking, StoredAlert
from triage.store.rows import find_alert, numbers_of
from triage.store.schema import links

_Known = dict[tuple[int, str], tuple[int, int]]


def link_again(connection: Connection, alert: StoredAlert, linking: Linking, now: datetime) -> Linking:
    """Add what is new of a linking; returns that part of it.

    An alert that is in a cluster stays in it, and one that a person told apart from a member joins no cluster.

    Raises:
        UnknownAlert: one of the others is not stored.
    """
    known = _known(connection, alert)
    named = [link.other_id for link in linking.links] + list(linking.covers)
    numbers = numbers_of(connection, named)
    fresh = tuple(link for link in linking.links if _is_new(link, numbers, known))
    covers = tuple(name for name in linking.covers if (numbers.get(name), "covered_by") not in known)
    new = Linking(
        join=linking.join if _may_join(connection, alert, linking.join, known) else None,
        covered_by=None if alert.covered_by else linking.covered_by,
        recurrence_of=None if alert.recurrence_of else linking.recurrence_of,
        covers=covers,
        links=fresh,
    )
    for link in fresh:
        _forget_candidate(connection, numbers.get(link.other_id), known)
    if new != Linking():
        kept = replace(
            new,
            covered_by=alert.covered_by or new.covered_by,
            recurrence_of=alert.recurrence_of or new.recurrence_of,
        )
        apply_linking(connection, alert, kept, now)
    return new


def _known(connection: Connection, alert: StoredAlert) -> _Known:
    """The links of an alert by the other alert's number and their kind."""
    mine = or_(links.c.alert_seq == alert.seq, links.c.other_seq == alert.seq)
    rows = connection.execute(select(links.c.alert_seq, links.c.other_seq, links.c.kind).where(mine))
    return {
        (row.other_seq if row.alert_seq == alert.seq else row.alert_seq, row.kind): (row.alert_seq, row.other_seq)
        for row in rows
    }


def _is_new(link: Link, numbers: dict[str, int], known: _Known) -> bool:
    other = numbers.get(link.other_id)
    if other is None:
        return True  # which apply_linking explains
    if link.kind not in BOTH_WAYS:
        return (other, link.kind) not in known
    said = {kind for kind in BOTH_WAYS if (other, kind) in known}
    return not said or (said == {"candidate"} and link.kind == "duplicate")


def _forget_candidate(connection: Connection, other: int | None, known: _Known) -> None:
    pair = known.get((other, "candidate")) if other is not None else None
    if pair is not None:
        one, two = pair
        connection.execute(
            delete(links).where(links.c.alert_seq == one, links.c.other_seq == two, links.c.kind == "candidate")
        )


def _may_join(connection: Connection, alert: StoredAlert, other_id: str | None, known: _Known) -> bool:
    if other_id is None or alert.cluster_id is not None:
        return False
    other = find_alert(connection, other_id)
    if other is None:
        return True  # which apply_linking explains
    members = members_of(connection, other.cluster_id) if other.cluster_id else (other,)
    return not any((member.seq, "rejected") in known for member in members)
