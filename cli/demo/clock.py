"""A clock that can be set back, so that the demo's alerts arrive when they were sent."""

from datetime import datetime

from triage.store.base import utc_now


class TravellingClock:
    """Tells the time; between `travel` and `come_back` it stands still at another."""

    def __init__(self) -> None:
        self._at: datetime | None = None

    def __call__(self) -> datetime:
        """The time."""
        return self._at or utc_now()

    def travel(self, at: datetime) -> None:
        """Stand still at a time."""
        self._at = at

    def come_back(self) -> None:
        """Tell the true time from now on."""
        self._at = None
