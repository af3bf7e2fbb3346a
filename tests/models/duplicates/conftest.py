"""A real duplicate part, reports read by it, and the same part with weights that a test chooses."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from models.duplicates.additive import AdditiveModel, Term
from models.duplicates.finder import DuplicateFinder
from models.duplicates.scorer import DuplicateScorer
from models.predictor import Predictor
from triage.duplicates.report import Report

MakeReport = Callable[..., Report]
Weighted = Callable[..., DuplicateFinder]

NOON = datetime(2026, 2, 3, 12, tzinfo=UTC)


@pytest.fixture(scope="session")
def comparing(duplicate_bundle: Path) -> Predictor:
    """The predictor whose bundle has a duplicate part."""
    return Predictor.load(duplicate_bundle, threads=1)


@pytest.fixture(scope="session")
def finder(comparing: Predictor) -> DuplicateFinder:
    assert comparing.finder is not None
    return comparing.finder


@pytest.fixture(scope="session")
def scorer(finder: DuplicateFinder) -> DuplicateScorer:
    return finder.scorer


@pytest.fixture(scope="session")
def report(comparing: Predictor) -> MakeReport:
    """Makes a report of a lamp in rue Monge and reads it: `report("b", hours=3, north_m=20, text="…")`."""
    known: dict[str, bytes] = {}

    def make(
        name: str = "a", text: str = "lampadaire éteint", hours: float = 0, north_m: float = 0, **fields: Any
    ) -> Report:
        if text not in known:
            [known[text]] = comparing.read_again([text])
        place = {"lat": 47.3208 + north_m / 111_195, "lon": 5.0352}
        read = {"created_at": NOON + timedelta(hours=hours), "category": "eclairage_public", "vector": known[text]}
        return Report(id=name, text=text, **{**place, **read, **fields})

    return make


@pytest.fixture(scope="session")
def weighted(finder: DuplicateFinder) -> Weighted:
    """The finder with weights for one measure: below the first edge the first score, and so on.

    By default whoever stands within 30 m is a duplicate, and nobody speaks of an area.
    """

    def make(
        measure: str = "distance",
        edges: Sequence[float] = (30,),
        scores: Sequence[float] = (4, -4),
        *,
        areas: bool = False,
    ) -> DuplicateFinder:
        term = Term(measures=(measure,), edges=(tuple(edges),), scores=(0, *scores))
        model = AdditiveModel(intercept=0, terms=(term,))
        described = finder.scorer.description
        area = described.area if areas else described.area.model_copy(update={"bias": -1000.0})
        changed = described.model_copy(update={"pairs": model, "ranking": model, "threshold": 0.6, "area": area})
        return DuplicateFinder(finder.scorer.with_description(changed), finder.rules, finder._read)

    return make


@pytest.fixture(scope="session")
def unread() -> Callable[[Report], Report]:
    """The report as it is before its text was read."""
    return lambda report: replace(report, vector=None)
