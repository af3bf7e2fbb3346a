"""From compared pairs to what an alert is tied to: a cluster, an area's report, an earlier fault that came back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from triage.duplicates.report import Report
from triage.duplicates.rules import DuplicateRules
from triage.store.records import Link, Linking

# An outage of an area and a lamp in it are one outage on the same evening (guide §4).
AREA_HOURS = 24
# A fault that comes back is at the same place, as phones measure it.
RECURRENCE_M = 50
# Fewer percent than this are not worth a person's look; more than so many pairs neither.
LEAST_LINK, MOST_LINKS = 0.05, 20
# Who is named as a probable duplicate in an answer, at most.
MOST_DUPLICATES = 5
_HALF = 0.5


@dataclass(frozen=True, slots=True)
class Compared:
    """An earlier report as compared with a new one; `evidence` is ready for JSON, `category` the shared probability."""

    other: Report
    area: bool
    probability: float
    distance_m: float
    category: float
    phrases: tuple[str, ...]
    evidence: tuple[dict[str, Any], ...]


def link(report: Report, area: bool, compared: Sequence[Compared], rules: DuplicateRules, threshold: float) -> Linking:
    """Decide what a report is tied to.

    It joins the cluster whose members are likeliest duplicates on average, if that reaches the threshold. The report
    of a whole area joins no single fault: it covers those of the same evening. A fault that was closed before is never
    a duplicate; the same place failing again is a recurrence.
    """
    open_ones = [item for item in compared if not closed_before(item.other, report)]
    peers = [item for item in open_ones if item.area == area and within(item.other, report, rules)]
    others = [item for item in open_ones if item.area != area and _same_evening(item, report)]
    joined = best_cluster(peers, threshold)
    members = {item.other.id for item in joined}
    covered_by = None if area or not others else max(others, key=_likelihood).other.id
    again = [] if joined or area else [item for item in compared if _comes_back(item, report)]
    recurrence = max(again, key=lambda item: item.other.closed_at or item.other.created_at).other.id if again else None
    named = members | {name for name in (covered_by, recurrence) if name}
    kept = sorted(compared, key=lambda item: (item.other.id in named, item.probability), reverse=True)
    kept = [item for item in kept if item.other.id in named or item.probability >= LEAST_LINK][:MOST_LINKS]
    return Linking(
        join=max(joined, key=_likelihood).other.id if joined else None,
        covered_by=covered_by,
        recurrence_of=recurrence,
        covers=tuple(item.other.id for item in others) if area else (),
        links=tuple(_link(report, item, members, covered_by, recurrence) for item in kept),
    )


def best_cluster(peers: Sequence[Compared], threshold: float) -> list[Compared]:
    """The members of the likeliest cluster; none where no cluster reaches the threshold on average."""
    clusters: dict[str, list[Compared]] = {}
    for item in peers:
        clusters.setdefault(item.other.cluster or f"alone {item.other.id}", []).append(item)
    best = max(clusters.values(), key=_mean, default=[])
    return best if best and _mean(best) >= threshold else []


def _mean(members: Sequence[Compared]) -> float:
    return sum(item.probability for item in members) / len(members)


def _likelihood(item: Compared) -> float:
    return item.probability


def closed_before(other: Report, report: Report) -> bool:
    """Whether a report's fault was closed when another was made: then it is no duplicate."""
    return other.closed_at is not None and other.closed_at <= report.created_at


def within(other: Report, report: Report, rules: DuplicateRules) -> bool:
    """Whether another report is young enough to be of the same occurrence."""
    return abs(report.created_at - other.created_at) <= timedelta(days=rules.reach(report.category).days)


def _same_evening(item: Compared, report: Report) -> bool:
    age = abs(report.created_at - item.other.created_at)
    return age <= timedelta(hours=AREA_HOURS) and item.category >= _HALF


def _comes_back(item: Compared, report: Report) -> bool:
    at_place = item.distance_m <= RECURRENCE_M and item.category >= _HALF
    return at_place and not item.area and closed_before(item.other, report)


def _link(report: Report, item: Compared, members: set[str], covered_by: str | None, recurrence: str | None) -> Link:
    name = item.other.id
    kinds = {covered_by: "covered_by", recurrence: "recurrence_of"} | dict.fromkeys(members, "duplicate")
    return Link(
        other_id=name,
        kind=kinds.get(name, "candidate"),  # type: ignore[arg-type]  # the four kinds are those above
        probability=item.probability,
        distance_m=item.distance_m,
        age_hours=(report.created_at - item.other.created_at).total_seconds() / 3600,
        evidence=item.evidence,
    )
