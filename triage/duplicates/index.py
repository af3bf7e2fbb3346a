"""Reports by place in memory, for files of alerts that no store holds."""

import math
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta

from triage.duplicates.report import Report
from triage.places import box, distance_m

# A cell of about 220 m from south to north: a search looks at few cells and few strangers.
_CELL_DEGREES = 0.002
_MOST_CELLS = 10_000
_DAY = timedelta(days=1)

_Cell = tuple[int, int, int]


class ReportIndex:
    """Finds reports near a place and a moment; those without a place are not kept."""

    def __init__(self, days: float) -> None:
        """Prepare an index whose searches look at about `days` days at a time."""
        self._cells: dict[_Cell, list[Report]] = defaultdict(list)
        self._period = max(1.0, days)

    def add(self, report: Report) -> None:
        """Take in a report; it replaces none."""
        if report.lat is not None and report.lon is not None:
            self._cells[self._cell(report.lat, report.lon, report.created_at)].append(report)

    def near(self, report: Report, radius_m: float, since: datetime, until: datetime) -> list[Report]:
        """Other reports within `radius_m` metres and from `since` to `until`, nearest first."""
        if report.lat is None or report.lon is None or radius_m <= 0:
            return []
        found = []
        # Beside a pole two spans may name a cell twice.
        for cell in dict.fromkeys(self._cells_around(report.lat, report.lon, radius_m, since, until)):
            for other in self._cells.get(cell, ()):
                away = distance_m(report.lat, report.lon, other.lat or 0.0, other.lon or 0.0)
                if away <= radius_m and since <= other.created_at <= until and other.id != report.id:
                    found.append((away, other))
        return [other for _, other in sorted(found, key=lambda item: item[0])]

    def _cells_around(
        self, lat: float, lon: float, radius_m: float, since: datetime, until: datetime
    ) -> Iterator[_Cell]:
        around = box(lat, lon, radius_m)
        first, last = self._period_of(since), self._period_of(until)
        rows = range(_row(around.south), _row(around.north) + 1)
        for west, east in around.spans():
            columns = range(_row(west), _row(east) + 1)
            if len(rows) * len(columns) > _MOST_CELLS:  # beside a pole: every place that is there
                yield from [cell for cell in self._cells if first <= cell[2] <= last]
                return
            yield from (
                (row, column, period) for row in rows for column in columns for period in range(first, last + 1)
            )

    def _cell(self, lat: float, lon: float, moment: datetime) -> _Cell:
        return _row(lat), _row(lon), self._period_of(moment)

    def _period_of(self, moment: datetime) -> int:
        return math.floor(moment.timestamp() / (self._period * _DAY.total_seconds()))


def _row(degrees: float) -> int:
    return math.floor(degrees / _CELL_DEGREES)
