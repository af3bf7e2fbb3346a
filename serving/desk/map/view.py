"""What the page shows of an alert's place: the sketch, its tiles, and the alerts that are numbered on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from serving.desk.map.backdrop import Backdrop, Picture
from serving.desk.map.sketch import RADIUS_M, Mark, Sketch, sketch
from serving.desk.view.links import desk_path
from triage.store.records import Neighbour, Search, StoredAlert
from triage.store.store import Store

# Half a year back, as the search for duplicates looks at most; phones' clocks may run fast.
BACK, LATE = timedelta(days=180), timedelta(days=2)
MOST_SHOWN = 40
# Those beyond the nearest are folded away in the list.
NEAREST = 4
# Closed alerts are not drawn, so more must be looked at than are shown.
_LOOKED_AT = 120
_TITLE_CHARACTERS = 70
_UNDONE = {"open", "in_progress"}
WINDS = ("n", "ne", "e", "se", "s", "sw", "w", "nw")


@dataclass(frozen=True, slots=True)
class Spot:
    """An alert nearby, as it is drawn and listed."""

    mark: Mark
    category: str | None
    title: str
    created_at: datetime

    @property
    def href(self) -> str:
        """Its page, which leaves it to whoever works on it."""
        return f"{desk_path(self.mark.id)}?look=1"

    @property
    def wind(self) -> str:
        """The nearest of eight directions."""
        return WINDS[round(self.mark.bearing / 45) % 8]


@dataclass(frozen=True, slots=True)
class MapView:
    """An alert's place; `spots` are the open alerts around it, nearest first."""

    sketch: Sketch
    spots: tuple[Spot, ...]
    pictures: tuple[Picture, ...]
    attribution: str
    radius_m: int = RADIUS_M

    @property
    def near_spots(self) -> tuple[Spot, ...]:
        """Those that are listed at once."""
        return self.spots[:NEAREST]

    @property
    def far_spots(self) -> tuple[Spot, ...]:
        """Those that are folded away."""
        return self.spots[NEAREST:]


def neighbours_of(store: Store, alert: StoredAlert, now: datetime) -> tuple[Neighbour, ...]:
    """The open alerts around an alert, nearest first; none where it has no place."""
    if alert.lat is None or alert.lon is None:
        return ()
    search = Search(alert.lat, alert.lon, RADIUS_M, now - BACK, now + LATE, limit=_LOOKED_AT)
    found = (other for other in store.near(search) if other.id != alert.id and other.state in _UNDONE)
    return tuple(found)[:MOST_SHOWN]


def map_view(alert: StoredAlert, others: Sequence[Neighbour], backdrop: Backdrop) -> MapView | None:
    """What is shown of an alert's place; None where it has none."""
    if alert.lat is None or alert.lon is None:
        return None
    drawn = sketch(alert, others)
    by_id = {other.id: other for other in others}
    return MapView(
        sketch=drawn,
        spots=tuple(_spot(mark, by_id[mark.id]) for mark in drawn.marks),
        pictures=backdrop.pictures(alert.lat, alert.lon, drawn.units_per_m),
        attribution=backdrop.attribution,
    )


def _spot(mark: Mark, other: Neighbour) -> Spot:
    return Spot(mark, other.category, _shortened(other.text), other.created_at)


def _shortened(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= _TITLE_CHARACTERS else words[: _TITLE_CHARACTERS - 1].rstrip() + "…"
