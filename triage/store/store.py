"""The store itself: opened by a URL, it takes alerts one by one or many at once."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType, TracebackType
from typing import Self

from triage.store.alert_events import AlertEvents
from triage.store.arrivals import Arrivals
from triage.store.audit import AuditLog
from triage.store.base import Clock, utc_now
from triage.store.clusters import apply_linking
from triage.store.database import Database
from triage.store.dead_letters import DeadLetters
from triage.store.deliveries import Deliveries
from triage.store.desk import Desk
from triage.store.erasing import Erasing
from triage.store.event_reading import EventReading
from triage.store.figures import Figures
from triage.store.holdings import Holdings
from triage.store.lists import Lists
from triage.store.nearby import near
from triage.store.originals import Originals
from triage.store.outbox import Outbox, append
from triage.store.personal import PersonalKeys
from triage.store.photo_links import PhotoLinks
from triage.store.progress import ProgressReports
from triage.store.purging import Purging
from triage.store.queue import ReviewQueue
from triage.store.records import Added, ImportReport, Linking, Neighbour, NewAlert, NewEvent, Search, State, StoredAlert
from triage.store.retries import Retries
from triage.store.returns import Returns
from triage.store.reviews import Reviews
from triage.store.revising import Revising
from triage.store.rows import digests_of, find_alert, get_alert, insert_alerts, refuse_other_content
from triage.store.sessions import Sessions
from triage.store.shadow import ShadowAnswers
from triage.store.staff import Staff
from triage.store.untriaged import UntriagedAlerts
from triage.store.upgrade import upgrade
from triage.store.webhooks import Webhooks

Linker = Callable[[Sequence[Neighbour]], Linking]
Events = Callable[[StoredAlert, Linking], Sequence[NewEvent]] | Sequence[NewEvent]


class Store(
    Lists,
    Desk,
    ProgressReports,
    ReviewQueue,
    Reviews,
    Returns,
    Revising,
    Originals,
    Outbox,
    AlertEvents,
    EventReading,
    Deliveries,
    DeadLetters,
    Retries,
    Webhooks,
    Staff,
    Sessions,
    AuditLog,
    Figures,
    Arrivals,
    ShadowAnswers,
    UntriagedAlerts,
    PhotoLinks,
    Holdings,
    Erasing,
    Purging,
):
    """Alerts and all that is known of them. Threads may share one; so may processes share a database."""

    @classmethod
    def open(cls, url: str, *, key: PersonalKeys | None = None, migrate: bool = True, clock: Clock = utc_now) -> Self:
        """Open a store, after bringing its tables to this version.

        Args:
            url: `sqlite:///folder/alerts.db` or `postgresql://user:password@host/database`.
            key: the keys for personal data; without them texts as sent are not stored at all.
            migrate: whether tables may be made or upgraded.
            clock: tells the time of changes.

        Raises:
            InvalidConfiguration: the URL cannot be used.
            StoreTooNew: a newer version of this project made the tables.
            StoreTooOld: the tables must be upgraded, and `migrate` forbids it.
            StoreFailed: the database cannot be reached or upgraded.
        """
        database = Database(url)
        try:
            upgrade(database, allowed=migrate)
        except BaseException:
            database.close()
            raise
        return cls(database, key, clock)

    def close(self) -> None:
        """Close every connection; nothing waits to be written."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def add(
        self, new: NewAlert, link: Linker | None = None, search: Search | None = None, events: Events = ()
    ) -> Added:
        """Store an alert with its prediction, links, clusters and events: all of it or nothing.

        Nobody else writes meanwhile, so of two reports of one fault that arrive together the later sees the earlier.

        Args:
            new: the alert; sent again with the same content, it is not stored again, and nothing else happens.
            link: decides from the neighbours found how the alert is tied to them; it should be quick.
            search: which neighbours to look for; without it `link` is shown none.
            events: what to tell others, or what makes it from the stored alert.

        Raises:
            IdTaken: the id is stored with other content.
            UnknownAlert: `link` named an alert that is not stored.
            StoreFailed: the database cannot be written.
        """
        with self._database.writing("store an alert") as connection:
            known = find_alert(connection, new.id)
            if known is not None:
                refuse_other_content(known, new)
                return Added(known, created=False)
            neighbours = near(connection, search) if search is not None else []
            linking = link(neighbours) if link is not None else Linking()
            insert_alerts(connection, [linking.revised or new], self._keys)
            now = self._clock()
            alert = get_alert(connection, new.id)
            if linking != Linking():
                apply_linking(connection, alert, linking, now)
                alert = get_alert(connection, new.id)
            append(connection, new.id, events(alert, linking) if callable(events) else events, now)
            return Added(alert, created=True)

    def import_many(
        self,
        new: Sequence[NewAlert],
        closed: Mapping[str, datetime] = MappingProxyType({}),
        states: Mapping[str, State] = MappingProxyType({}),
    ) -> ImportReport:
        """Store past alerts, in one transaction and without looking for duplicates or telling anybody.

        Args:
            new: some thousands at a time go fastest; those already stored are left as they are.
            closed: when the alerts that are closed were, by id.
            states: those of all others, by id; they are open by default.

        Raises:
            StoreFailed: the database cannot be written.
        """
        with self._database.writing("import alerts") as connection:
            known = digests_of(connection, [alert.id for alert in new])
            fresh, conflicting = [], []
            for alert in new:
                if alert.id not in known:
                    known[alert.id] = alert.content_sha256
                    fresh.append(alert)
                elif known[alert.id] != alert.content_sha256:
                    conflicting.append(alert.id)
            insert_alerts(connection, fresh, self._keys, closed, states)
        return ImportReport(len(fresh), len(new) - len(fresh) - len(conflicting), tuple(conflicting))
