"""Sends the demo's alerts to the service, each at its time, and closes the faults that were dealt with."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx

from cli.demo.alerts import DemoAlert
from cli.demo.clock import TravellingClock
from cli.demo.photos import PhotoSource
from cli.demo.service import HOST, DemoService

_TIMEOUT_S = 120


@dataclass(frozen=True, slots=True)
class Loader:
    """Sends alerts.

    Attributes:
        service: where to, already started.
        clock: the service's.
        photos: gives the photos.
        now: when the newest alert arrived.
    """

    service: DemoService
    clock: TravellingClock
    photos: PhotoSource
    now: datetime

    async def load(self, alerts: Sequence[DemoAlert], advance: Callable[[], None]) -> None:
        """Send every alert through the real route; `advance` is called for each.

        Raises:
            RuntimeError: the service refused one.
        """
        transport = httpx.ASGITransport(self.service.app)
        headers = {"Authorization": f"Bearer {self.service.key}"}
        base = f"http://{HOST}"
        async with httpx.AsyncClient(transport=transport, base_url=base, headers=headers, timeout=_TIMEOUT_S) as client:
            try:
                for at, alert, is_closing in _timeline(alerts, self.now):
                    self.clock.travel(at)
                    if is_closing:
                        _checked(await client.post(f"/v1/alerts/{alert.id}/close"))
                    else:
                        _checked(await client.post("/v1/alerts", **self._request(alert)))
                        advance()
            finally:
                self.clock.come_back()

    def _request(self, alert: DemoAlert) -> dict[str, Any]:
        document = alert.document(self.now)
        photo = self.photos.photo(alert)
        if photo is None:
            return {"json": document}
        part = ("alert.json", json.dumps(document), "application/json")
        return {"files": {"alert": part, "photo": ("photo.jpg", photo, "image/jpeg")}}


def _timeline(alerts: Sequence[DemoAlert], now: datetime) -> list[tuple[datetime, DemoAlert, bool]]:
    """What happens when: alerts that are sent, and faults that are closed."""
    sent = [(alert.sent_at(now), alert, False) for alert in alerts]
    closed = [
        (now - timedelta(hours=alert.closed_hours_ago), alert, True)
        for alert in alerts
        if alert.closed_hours_ago is not None
    ]
    return sorted(sent + closed, key=lambda happening: happening[0])


def _checked(answer: httpx.Response) -> None:
    if answer.is_error:
        raise RuntimeError(f"The service answered {answer.status_code}: {answer.text}")
