"""Looks for duplicates of an alert among those around it."""

import base64
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Any, Protocol

from models.duplicates.scorer import DuplicateScorer, ScoredPair
from triage.duplicates.linking import MOST_DUPLICATES, Compared, closed_before, link, within
from triage.duplicates.report import Report, SeenPhoto
from triage.duplicates.rules import DuplicateRules, earlier, later
from triage.prediction import Duplicate
from triage.store.records import Json, Linking, Neighbour, Search

# Beyond these nearest, a candidate is less likely than those before it, and each costs time.
MOST_COMPARED = 64


class ReadTexts(Protocol):
    """Reads texts without personal data into vectors, as `Predictor` does."""

    def __call__(self, texts: Sequence[str]) -> Sequence[bytes]:
        """A vector for each text."""
        ...


@dataclass(frozen=True, slots=True)
class Found:
    """Who is probably about the same fault, likeliest first, and what the alert is tied to."""

    duplicates: tuple[Duplicate, ...]
    linking: Linking


class DuplicateFinder:
    """Searches, compares and decides, by the rules of a city.

    Args:
        scorer: compares pairs.
        rules: how far and how long to look.
        read: reads again what an older model had read, and had better remember it.
    """

    def __init__(self, scorer: DuplicateScorer, rules: DuplicateRules, read: ReadTexts) -> None:
        self.scorer = scorer
        self.rules = rules
        self._read = read

    @property
    def version(self) -> str:
        """Whose vectors can be compared."""
        return self.scorer.version

    @property
    def threshold(self) -> float:
        """The probability from which an alert joins a cluster."""
        return self.scorer.description.threshold

    def search(self, report: Report) -> Search | None:
        """Where and when to look; None where the alert has no place, or its category is not looked for."""
        reach = self.rules.reach(report.category)
        if report.lat is None or report.lon is None or not reach.radius_m:
            return None
        return Search(
            lat=report.lat,
            lon=report.lon,
            radius_m=reach.radius_m,
            since=earlier(report.created_at, self.rules.looks_back(report.category)),
            until=later(report.created_at, self.rules.late),
            limit=MOST_COMPARED,
            category_hint=report.hint,
        )

    def find(self, report: Report, neighbours: Sequence[Neighbour]) -> Found:
        """Compare an alert with stored ones and decide what it is tied to."""
        others = [as_report(item, self.version) for item in neighbours if item.state != "withdrawn"]
        unread = [row for row, other in enumerate(others) if other.vector is None]
        if unread:
            vectors = self._read([others[row].text for row in unread])
            for row, vector in zip(unread, vectors, strict=True):
                others[row] = replace(others[row], vector=vector)
        return self.decide(report, others)

    def prepare(self, texts: Sequence[str]) -> None:
        """Read texts that an older model had read, before they are met as neighbours."""
        self._read(texts)

    def decide(self, report: Report, others: Sequence[Report], threshold: float | None = None) -> Found:
        """The same with reports that have been read."""
        threshold = self.threshold if threshold is None else threshold
        compared = self.compare(report, others)
        linking = link(report, self.scorer.is_area(report), compared, self.rules, threshold)
        same = [
            item
            for item in compared
            if within(item.other, report, self.rules) and not closed_before(item.other, report)
        ]
        likely = sorted(same, key=lambda item: -item.probability)
        named = [item for item in likely if item.probability >= threshold]
        return Found(tuple(_duplicate(report, item) for item in named[:MOST_DUPLICATES]), linking)

    def compare(self, report: Report, others: Sequence[Report]) -> list[Compared]:
        """How a report compares with each of the others."""
        pairs = self.scorer.score(report, others, self.rules) if others else []
        return [self._compared(other, pair) for other, pair in zip(others, pairs, strict=True)]

    def _compared(self, other: Report, pair: ScoredPair) -> Compared:
        return Compared(
            other=other,
            area=self.scorer.is_area(other),
            probability=round(pair.probability, 4),
            distance_m=round(pair.measures["distance"] or 0.0, 1),
            category=pair.measures["category"] or 0.0,
            phrases=pair.phrases,
            evidence=(
                *(_json(item) for item in map(asdict, pair.contributions)),
                *({"phrase": phrase} for phrase in pair.phrases),
            ),
        )


def as_report(neighbour: Neighbour, version: str) -> Report:
    """A stored alert as it is compared; its vector is left out where another model made it."""
    return Report(
        id=neighbour.id,
        text=neighbour.text,
        lat=neighbour.lat,
        lon=neighbour.lon,
        created_at=neighbour.created_at,
        hint=neighbour.category_hint,
        category=neighbour.category,
        vector=neighbour.vector if neighbour.vector_version == version else None,
        photos=tuple(seen for seen in map(seen_photo, neighbour.photos) if seen),
        plates=frozenset(neighbour.plates),
        closed_at=neighbour.closed_at if neighbour.state == "closed" else None,
        cluster=neighbour.cluster_id,
    )


def seen_photo(photo: Json) -> SeenPhoto | None:
    """What tells a stored photo from another, if that is known."""
    embedding, digest = photo.get("embedding"), photo.get("hash")
    if not isinstance(embedding, str) or not isinstance(digest, int):
        return None
    return SeenPhoto(base64.b64decode(embedding), digest)


def stored_photo(seen: SeenPhoto) -> Json:
    """The same the other way round."""
    return {"embedding": base64.b64encode(seen.embedding).decode("ascii"), "hash": seen.hash}


def _duplicate(report: Report, item: Compared) -> Duplicate:
    age: timedelta = report.created_at - item.other.created_at
    return Duplicate(
        id=item.other.id,
        probability=item.probability,
        distance_m=item.distance_m,
        age_hours=round(age.total_seconds() / 3600, 1),
        evidence=item.phrases,
    )


def _json(contribution: dict[str, Any]) -> dict[str, Any]:
    values = [None if value is None else round(value, 3) for value in contribution["values"]]
    return {
        "measures": list(contribution["measures"]),
        "values": values,
        "contribution": round(contribution["amount"], 3),
    }
