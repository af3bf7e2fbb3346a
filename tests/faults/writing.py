"""Clients that write without a pause, as an intake does that must lose nothing: each alert until it is acknowledged."""

import contextlib
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx

from triage.store.store import Store

TEXT = "Lampadaire éteint devant le 12 rue Monge depuis trois jours"
STORED = (200, 201, 202)
_PAGE = 5_000


@dataclass
class Writers:
    """Clients of one service, which may be gone for a while.

    Attributes:
        acknowledged: ids of alerts, each answered with a status of success.
        refusals: answers of 503, all of which said when to come back.
        faults: whatever should not have been answered.
        cut_off: requests without an answer.
    """

    base: str
    key: str
    clients: int = 3
    acknowledged: list[str] = field(default_factory=list)
    refusals: int = 0
    cut_off: int = 0
    faults: list[str] = field(default_factory=list)
    _ended: threading.Event = field(default_factory=threading.Event)

    @contextlib.contextmanager
    def running(self) -> Iterator["Writers"]:
        """Write until the end; what was not acknowledged by then is given up."""
        threads = [threading.Thread(target=self._write, args=(number,)) for number in range(self.clients)]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            self._ended.set()
            for thread in threads:
                thread.join(90)

    def until_written(self, more: int, seconds: float = 150) -> None:
        """Wait until so many more alerts are acknowledged."""
        enough, deadline = len(self.acknowledged) + more, time.monotonic() + seconds
        while len(self.acknowledged) < enough:
            assert time.monotonic() < deadline, f"nothing is stored any more: {self}"
            time.sleep(0.02)

    def until_refused(self, more: int = 1, seconds: float = 60) -> None:
        """Wait until so many more requests are answered 503."""
        enough, deadline = self.refusals + more, time.monotonic() + seconds
        while self.refusals < enough:
            assert time.monotonic() < deadline, f"nothing is refused: {self}"
            time.sleep(0.02)

    def _write(self, client_number: int) -> None:
        number = 0
        while not self._ended.is_set():
            number += 1
            # Far from all others: comparing neighbours would take longer the more there are.
            place = {"lat": 47.25 + number % 150 / 1000, "lon": 4.9 + (client_number + number // 150 * 10) / 500}
            self._send({"id": f"w{client_number}-{number}", "text": TEXT} | place)

    def _send(self, alert: dict[str, object]) -> None:
        while not self._ended.is_set():
            try:
                answer = self._post(alert)
            except httpx.TransportError:
                self.cut_off += 1
                time.sleep(0.05)
                continue
            if answer.status_code in STORED:
                self.acknowledged.append(str(alert["id"]))
                return
            if answer.status_code == 503 and answer.headers.get("Retry-After", "").isdigit():
                self.refusals += 1
                time.sleep(0.05)  # sooner than asked for: the service must bear that
                continue
            self.faults.append(f"{answer.status_code} {answer.text[:200]}")
            return

    def _post(self, alert: dict[str, object]) -> httpx.Response:
        # A connection of its own: one that a kill cut off would be tried again.
        headers = {"X-API-Key": self.key}
        return httpx.post(f"{self.base}/v1/alerts", json=alert, headers=headers, timeout=60, trust_env=False)


def whole(store: Store, acknowledged: list[str]) -> Counter[str]:
    """Checks that what was acknowledged is stored once, and nothing by half; how often each alert's events are there.

    Every stored alert has its events, and an answer or a place among those that wait for the model.
    """
    assert len(acknowledged) == len(set(acknowledged))
    stored: Counter[str] = Counter()
    waiting = 0
    page = store.alerts()
    while True:
        stored.update(alert.id for alert in page.alerts)
        waiting += sum(alert.prediction is None for alert in page.alerts)
        for alert in page.alerts:
            assert alert.prediction is not None or "model_unavailable" in alert.reasons, f"{alert.id} has no answer"
        if page.cursor is None:
            break
        page = store.alerts(cursor=page.cursor)
    assert set(acknowledged) <= set(stored), f"lost: {sorted(set(acknowledged) - set(stored))[:5]}"
    assert max(stored.values(), default=1) == 1
    told = events(store)
    received = {alert_id for alert_id, kind in told if kind == "alert.received"}
    assert received == set(stored), "an alert without its event, or an event without its alert"
    assert max(told.values(), default=1) == 1
    return stored


def events(store: Store) -> Counter[tuple[str, str]]:
    """How often each kind of event is there for each alert."""
    found: Counter[tuple[str, str]] = Counter()
    seq = 0
    while some := store.events_since(seq, _PAGE):
        found.update((event.alert_id, event.kind) for event in some)
        seq = some[-1].seq
    return found
