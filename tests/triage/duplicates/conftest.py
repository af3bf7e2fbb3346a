"""The rules that ship, and reports made by hand."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from triage.duplicates.report import Report
from triage.duplicates.rules import DuplicateRules, load_duplicate_rules
from triage.settings import PROJECT_ROOT
from triage.taxonomy import Taxonomy, load_taxonomy

MakeReport = Callable[..., Report]

DATASETS = PROJECT_ROOT / "datasets"


@pytest.fixture(scope="session")
def taxonomy() -> Taxonomy:
    return load_taxonomy(DATASETS / "taxonomy.yaml")


@pytest.fixture(scope="session")
def rules(taxonomy: Taxonomy) -> DuplicateRules:
    return load_duplicate_rules(DATASETS / "duplicate_rules.yaml", taxonomy)


@pytest.fixture(scope="session")
def report() -> MakeReport:
    """Makes a report of a lamp in rue Monge: `report("b", hours=3, north_m=20, text="…")`."""
    noon = datetime(2026, 2, 3, 12, tzinfo=UTC)

    def make(name: str = "a", hours: float = 0, north_m: float = 0, text: str = "lampe morte", **fields: Any) -> Report:
        place = {"lat": 47.3208 + north_m / 111_195, "lon": 5.0352}
        known = {"created_at": noon + timedelta(hours=hours), "category": "eclairage_public"}
        return Report(id=name, text=text, **{**place, **known, **fields})

    return make
