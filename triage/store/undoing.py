"""What a decision changed, written down so that it can be undone: codes, place in the queue, and one link."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, or_, select, update

from triage.store.clusters import BOTH_WAYS, members_of
from triage.store.records import Json, StoredAlert
from triage.store.rows import HEADS, change_alert, find_alert, numbers_of
from triage.store.schema import alerts, clusters, links


def remember(connection: Connection, alert: StoredAlert, other: StoredAlert | None) -> Json:
    """What is to come back, ready for JSON; `other` is the alert that the first is about to be joined to."""
    before: Json = {head: getattr(alert, head) for head in HEADS}
    before |= {"queue": alert.queue, "queue_rank": alert.queue_rank}
    together = other is None or alert.id == other.id or (alert.cluster_id and alert.cluster_id == other.cluster_id)
    if other is not None and not together:
        before["join"] = _remember_join(connection, alert, other)
    return before


def separate(connection: Connection, alert: StoredAlert, join: Json, now: datetime) -> None:
    """Undo a join; alerts that came to the cluster later stay in it, and where the two were parted since, so all do."""
    other = find_alert(connection, join["other"])
    joint = alert.cluster_id
    if other is None or joint is None or other.cluster_id != joint:
        return
    _restore_links(connection, (alert, other), join)
    side = join["one"] if joint != join["one"]["cluster"] else join["two"]
    was = side["cluster"]
    back = alerts.c.id.in_(side["ids"]) & (alerts.c.cluster_id == joint)
    connection.execute(update(alerts).where(back).values(cluster_id=was, updated_at=now))
    for cluster_id, into in join["merged"].items():
        connection.execute(update(clusters).where(clusters.c.id == cluster_id).values(merged_into=into))
    left = members_of(connection, joint)
    if len(left) == 1:
        change_alert(connection, left[0].id, now, cluster_id=None)


def _remember_join(connection: Connection, alert: StoredAlert, other: StoredAlert) -> Json:
    sides = [_side(connection, each) for each in (alert, other)]
    known = [side["cluster"] for side in sides if side["cluster"]]
    merged = select(clusters.c.id, clusters.c.merged_into).where(
        or_(clusters.c.id.in_(known), clusters.c.merged_into.in_(known))
    )
    numbers = list(numbers_of(connection, [name for side in sides for name in side["ids"]]).values())
    return {
        "other": other.id,
        "one": sides[0],
        "two": sides[1],
        "merged": {row.id: row.merged_into for row in connection.execute(merged)},
        "numbers": numbers,
        "links": [
            dict(row._mapping) for row in connection.execute(select(links).where(_between((alert, other), numbers)))
        ],
    }


def _side(connection: Connection, alert: StoredAlert) -> Json:
    members = members_of(connection, alert.cluster_id) if alert.cluster_id else (alert,)
    return {"cluster": alert.cluster_id, "ids": [member.id for member in members]}


def _restore_links(connection: Connection, pair: tuple[StoredAlert, StoredAlert], join: Json) -> None:
    connection.execute(delete(links).where(_between(pair, join["numbers"])))
    if join["links"]:
        connection.execute(insert(links), join["links"])


def _between(pair: tuple[StoredAlert, StoredAlert], numbers: list[int]) -> Any:
    """The links between either of two alerts and the members of their clusters."""
    two = [alert.seq for alert in pair]
    ours = (links.c.alert_seq.in_(two) & links.c.other_seq.in_(numbers)) | (
        links.c.other_seq.in_(two) & links.c.alert_seq.in_(numbers)
    )
    return ours & links.c.kind.in_(BOTH_WAYS)
