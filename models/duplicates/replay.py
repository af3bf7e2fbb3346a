"""Files of alerts read as if they arrived: the clusters that grow, or the likeliest candidates of each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import combinations

from models.duplicates.finder import MOST_COMPARED, DuplicateFinder
from models.duplicates.ranking import rank
from triage.duplicates.index import ReportIndex
from triage.duplicates.linking import Compared, link
from triage.duplicates.report import Report
from triage.duplicates.rules import earlier, later

# Candidates for a rank: a crowded place has more than anybody would look at.
MOST_RANKED = 200


@dataclass(frozen=True, slots=True)
class Pair:
    """Two alerts, the later first, and how likely both are about one fault."""

    id: str
    duplicate_of: str
    probability: float


@dataclass(frozen=True, slots=True)
class RankWindow:
    """Which alerts are candidates: so much older, so much younger, so far away."""

    before: timedelta
    after: timedelta
    radius_m: float


class Replay:
    """Takes alerts in the order of their time and grows clusters."""

    def __init__(self, finder: DuplicateFinder) -> None:
        self._finder = finder
        self._index = ReportIndex(days=30)
        self._arrivals: list[tuple[Report, list[Compared]]] = []

    def take(self, report: Report) -> None:
        """The next alert; it must not be older than those before it."""
        self._arrivals.append((report, self._finder.compare(report, self._around(report))))
        self._index.add(report)

    def scored(self) -> Iterator[Pair]:
        """Every pair that was compared."""
        for report, compared in self._arrivals:
            for item in compared:
                yield Pair(report.id, item.other.id, item.probability)

    def clusters(self, threshold: float | None = None) -> list[list[Report]]:
        """The clusters of more than one, as they grow at a threshold; the bundle's by default."""
        threshold = self._finder.threshold if threshold is None else threshold
        name_of: dict[str, str] = {}
        clusters: dict[str, list[Report]] = {}
        for report, compared in self._arrivals:
            known = [replace(item, other=replace(item.other, cluster=name_of.get(item.other.id))) for item in compared]
            linking = link(report, self._finder.scorer.is_area(report), known, self._finder.rules, threshold)
            if linking.join is not None:
                other = next(item.other for item in compared if item.other.id == linking.join)
                name = name_of.setdefault(other.id, other.id)
                clusters.setdefault(name, [other]).append(report)
                name_of[report.id] = name
        return list(clusters.values())

    def pairs(self, threshold: float | None = None) -> Iterator[Pair]:
        """Every pair of every cluster."""
        known = {(pair.id, pair.duplicate_of): pair.probability for pair in self.scored()}
        for members in self.clusters(threshold):
            for first, second in combinations(members, 2):
                probability = known.get((second.id, first.id))
                if probability is None:  # out of one another's reach, tied by others of the cluster
                    [item] = self._finder.compare(second, [first])
                    probability = item.probability
                yield Pair(second.id, first.id, probability)

    def _around(self, report: Report) -> list[Report]:
        search = self._finder.search(report)
        if search is None:
            return []
        since = earlier(report.created_at, timedelta(days=self._finder.rules.reach(report.category).days))
        near = self._index.near(report, search.radius_m, since, search.until)
        return [other for other in near if may_match(report, other)][:MOST_COMPARED]


def may_match(one: Report, two: Report) -> bool:
    """Whether two reports are compared at all: not where the caller named two categories."""
    return one.hint is None or two.hint is None or one.hint == two.hint


def in_time(reports: Sequence[Report]) -> list[Report]:
    """Reports in the order in which they were made."""
    return sorted(reports, key=lambda report: report.created_at)


class Ranker:
    """Ranks for each alert those around it, later ones included where the window allows."""

    def __init__(self, finder: DuplicateFinder, reports: Sequence[Report], window: RankWindow) -> None:
        self._finder = finder
        self._window = window
        self._index = ReportIndex(days=window.before / timedelta(days=1))
        for report in reports:
            self._index.add(report)

    def best(self, report: Report, count: int) -> list[tuple[str, float]]:
        """The `count` best candidates with their probabilities, best first."""
        window = self._window
        since, until = earlier(report.created_at, window.before), later(report.created_at, window.after)
        near = self._index.near(report, window.radius_m, since, until)
        near = [other for other in near if may_match(report, other)]
        return rank(report, near[:MOST_RANKED], self._finder.scorer, self._finder.rules)[:count]
