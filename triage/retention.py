"""Erases what was kept long enough, and what a resident wants erased: rows of the store, and photos beside it."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from functools import partial

from triage.errors import InvalidConfiguration
from triage.personal_data import PersonalDataErased
from triage.photo_storage import PhotoStorage
from triage.store.purging import BATCH, OF_PHOTOS, PERSONAL, OldPhotos, Outdated, photo_keys
from triage.store.store import Store

# Between two batches others write for as long as the batch took, but for no less than this.
_LEAST_PAUSE_S = 0.02
_FORWARDED = "alert.forwarded"


@dataclass(frozen=True, slots=True)
class Retention:
    """How long things are kept; None is for ever."""

    personal: timedelta | None
    photos: timedelta | None


@dataclass
class PurgeReport:
    """How much was erased, or would be, by kind; `photos` counts files, `alerts_with_photos` those that named some."""

    dry_run: bool
    erased: dict[str, int] = field(default_factory=dict)
    alerts_with_photos: int = 0
    photos: int = 0

    @property
    def total(self) -> int:
        """How many things in all."""
        return sum(self.erased.values()) + self.alerts_with_photos


@dataclass(frozen=True)
class Purger:
    """Erases what is too old, in batches so short that a running service goes on.

    Args:
        store: whose rows.
        photos: where photos are kept; None where none are.
        clock: tells what is old.
        pause: waits for some seconds between batches.
        advance: is told what is being erased, and how much of it so far.
    """

    store: Store
    photos: PhotoStorage | None
    clock: Callable[[], datetime]
    pause: Callable[[float], None] = time.sleep
    advance: Callable[[str, int], None] = lambda *_: None

    def purge(self, retention: Retention, actor: str, *, dry_run: bool = False) -> PurgeReport:
        """Erase it; what is erased stays so if this is cut off, and the next purge goes on.

        Args:
            retention: what is too old.
            actor: who does it, for the audit log.
            dry_run: whether to count alone.

        Raises:
            InvalidConfiguration: alerts name photos, and nothing says where they are.
            PhotoStorageFailed: a photo cannot be erased.
            StoreFailed: the store cannot be read or written.
        """
        report, now = PurgeReport(dry_run), self.clock()
        if retention.personal is not None:
            self._purge_rows(PERSONAL, now - retention.personal, report)
        if retention.photos is not None:
            self._purge_photos(now - retention.photos, report)
            self._purge_rows(OF_PHOTOS, now - retention.photos, report)
        if report.total and not dry_run:
            self.store.record_purge(actor, asdict(report))
        return report

    def _purge_rows(self, kinds: tuple[Outdated, ...], before: datetime, report: PurgeReport) -> None:
        for kind in kinds:
            if report.dry_run:
                report.erased[kind.name] = self.store.count_outdated(kind, before)
                continue
            report.erased[kind.name] = after = 0
            while numbers := self.store.outdated(kind, before, after):
                self._unhurried(partial(self.store.erase_outdated, kind, numbers))
                after = numbers[-1]
                report.erased[kind.name] += len(numbers)
                self.advance(kind.name, report.erased[kind.name])

    def _purge_photos(self, before: datetime, report: PurgeReport) -> None:
        # The same picture is kept once, and younger alerts may have it too.
        needed, last = self.store.newer_photos(before), 0
        gone: set[bytes] = set()
        while (page := self.store.old_photos(before, last)).last is not None:
            for start in range(0, len(page.found), BATCH):
                part = page.found[start : start + BATCH]
                self._erase_files(part, needed, gone, report)
                if not report.dry_run:
                    self._unhurried(partial(self.store.forget_photos, [alert.seq for alert in part]))
                report.alerts_with_photos += len(part)
                self.advance("photos", report.photos)
            last = page.last

    def _erase_files(
        self, alerts: tuple[OldPhotos, ...], needed: frozenset[str], gone: set[bytes], report: PurgeReport
    ) -> None:
        # Before the rows: a key whose photo is gone does no harm, a photo without a key would never be erased.
        for key in sorted(key for alert in alerts for key in alert.keys - needed):
            if bytes.fromhex(key) in gone:
                continue
            if not report.dry_run:
                _required(self.photos).delete(key)
            gone.add(bytes.fromhex(key))
            report.photos += 1

    def _unhurried(self, work: Callable[[], None]) -> None:
        started = time.monotonic()
        work()
        self.pause(max(_LEAST_PAUSE_S, time.monotonic() - started))


def erase(store: Store, photos: PhotoStorage | None, alert_id: str, actor: str) -> PersonalDataErased:
    """Erase what an alert holds of a person, its photos included; a second time changes nothing.

    Args:
        store: whose alert.
        photos: where photos are kept; None where none are.
        alert_id: which alert.
        actor: who does it, for the audit log.

    Raises:
        UnknownAlert: there is no such alert.
        InvalidConfiguration: it names photos, and nothing says where they are.
        PhotoStorageFailed: a photo cannot be erased; then nothing else is, and it may be tried again.
        StoreFailed: the store cannot be read or written.
    """
    alert = store.alert(alert_id)
    keys = frozenset[str]() if alert is None else photo_keys(alert.photos)
    gone = _erase_photos(store, photos, alert_id, keys)
    erased = store.erase_personal_data(alert_id, actor)
    gone += _erase_photos(store, photos, alert_id, erased.photos - keys)  # added in between
    told = {str(event.body.get("department")) for event in store.events_of([alert_id], [_FORWARDED])}
    return PersonalDataErased(
        id=alert_id, changed=erased.changed, original=erased.original, photos=gone, told=tuple(sorted(told))
    )


def _erase_photos(store: Store, photos: PhotoStorage | None, alert_id: str, keys: frozenset[str]) -> int:
    if not keys:
        return 0
    storage = _required(photos)
    alone = keys - store.photos_elsewhere(alert_id, keys)
    for key in sorted(alone):
        storage.delete(key)
    return len(alone)


def _required(photos: PhotoStorage | None) -> PhotoStorage:
    if photos is None:
        raise InvalidConfiguration(
            "Alerts name photos that are kept somewhere; say where with TRIAGE_PHOTO_STORE, then try again."
        )
    return photos
