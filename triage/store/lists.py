"""Reading the store: single alerts, neighbours, pages, clusters and counts."""

from collections.abc import Sequence

from sqlalchemy import func, select

from triage.store.base import StoreBase
from triage.store.clusters import find_cluster, links_of, members_of
from triage.store.nearby import near
from triage.store.pages import MAX_PAGE, page
from triage.store.records import STATES, AlertFilter, Cluster, Link, Neighbour, Page, Search, State, StoredAlert
from triage.store.rows import as_alert, chunks, digests_of, find_alert, get_alert, select_alerts
from triage.store.schema import alerts


class Lists(StoreBase):
    """What lists, maps and single pages need. Every method raises StoreFailed where the database cannot be read."""

    def alert(self, alert_id: str) -> StoredAlert | None:
        """The alert with this id, if there is one."""
        with self._database.reading("read an alert") as connection:
            return find_alert(connection, alert_id)

    def states(self, alert_ids: Sequence[str]) -> dict[str, State]:
        """Id → state of those alerts that are stored."""
        found: dict[str, State] = {}
        with self._database.reading("read states") as connection:
            for chunk in chunks(alert_ids):
                rows = connection.execute(select(alerts.c.id, alerts.c.state).where(alerts.c.id.in_(chunk)))
                found.update((row.id, row.state) for row in rows)
        return found

    def digests(self, alert_ids: Sequence[str]) -> dict[str, str]:
        """Id → digest of the content of those alerts that are stored."""
        with self._database.reading("read digests") as connection:
            return digests_of(connection, alert_ids)

    def alerts(self, chosen: AlertFilter | None = None, cursor: str | None = None, limit: int = MAX_PAGE) -> Page:
        """A page of alerts, newest first; at most 500.

        Raises:
            BadCursor: the cursor comes from elsewhere.
        """
        with self._database.reading("list alerts") as connection:
            return page(connection, chosen or AlertFilter(), cursor, limit)

    def near(self, search: Search) -> list[Neighbour]:
        """The alerts within a radius and a time, in any state, nearest first."""
        with self._database.reading("search for neighbours") as connection:
            return near(connection, search)

    def links(self, alert_id: str, *, rejected: bool = False) -> tuple[Link, ...]:
        """What ties an alert to others, likeliest first; `rejected` adds those that a person told apart.

        Raises:
            UnknownAlert: there is no such alert.
        """
        with self._database.reading("read links") as connection:
            return links_of(connection, get_alert(connection, alert_id), rejected=rejected)

    def cluster(self, cluster_id: str) -> Cluster | None:
        """A cluster, also by the id of one that became part of it; None where no alert is left in it."""
        with self._database.reading("read a cluster") as connection:
            return find_cluster(connection, cluster_id)

    def cluster_alerts(self, cluster_id: str) -> tuple[StoredAlert, ...]:
        """The alerts of a cluster in the order in which they were created."""
        with self._database.reading("read a cluster") as connection:
            return members_of(connection, cluster_id)

    def covered_alerts(self, alert_id: str) -> tuple[StoredAlert, ...]:
        """The alerts that the report of a whole area covers, in the order in which they were created."""
        covered = select_alerts().where(alerts.c.covered_by == alert_id)
        with self._database.reading("read alerts") as connection:
            rows = connection.execute(covered.order_by(alerts.c.created_at, alerts.c.seq))
            return tuple(as_alert(row) for row in rows)

    def counts(self) -> dict[State, int]:
        """How many alerts there are in each state."""
        statement = select(alerts.c.state, func.count().label("number")).group_by(alerts.c.state)
        with self._database.reading("count alerts") as connection:
            found = {row.state: row.number for row in connection.execute(statement)}
        return {state: found.get(state, 0) for state in STATES}
