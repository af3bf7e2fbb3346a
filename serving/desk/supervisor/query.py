"""What a supervisor asks for: the time to look back, and the threshold or error rate to try."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from triage.store.figures import Window

PERIODS = (4, 12, 26, 52)
USUAL_WEEKS = 12
# What the simulator reads of stored answers.
SIMULATED_DAYS = 28

# In percent, as the forms send them.
ERROR_RATES = (0.5, 15.0)
THRESHOLDS = (30.0, 100.0)


@dataclass(frozen=True, slots=True)
class Query:
    """A look at the figures; without `error_rate` and `threshold`, nothing else than today's thresholds is tried."""

    weeks: int
    error_rate: float | None = None
    threshold: float | None = None

    def window(self, now: datetime) -> Window:
        """The time to look back."""
        return Window(now - timedelta(weeks=self.weeks), now)


def read_query(parameters: Mapping[str, str]) -> Query:
    """The query of an address. What cannot be read is left out: an old bookmark shows the usual page."""
    weeks = parameters.get("weeks", "")
    return Query(
        weeks=int(weeks) if weeks in map(str, PERIODS) else USUAL_WEEKS,
        error_rate=_percent(parameters.get("error_rate"), *ERROR_RATES),
        threshold=_percent(parameters.get("threshold"), *THRESHOLDS),
    )


def simulated(now: datetime) -> Window:
    """The time whose answers the simulator rehearses."""
    return Window(now - timedelta(days=SIMULATED_DAYS), now)


def _percent(value: str | None, least: float, most: float) -> float | None:
    try:
        percent = float((value or "").replace(",", "."))
    except ValueError:
        return None
    return min(max(percent, least), most) / 100 if math.isfinite(percent) else None
