"""Alerts whose labels two numbers tell, and what a model may say of them."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from evaluation.benchmarks.learning.examples import Examples
from evaluation.benchmarks.learning.strategies import Offered
from triage.settings import PROJECT_ROOT
from triage.taxonomy import HEADS, Taxonomy, load_taxonomy

MakeExamples = Callable[..., Examples]
MakeOffered = Callable[..., Offered]


@pytest.fixture(scope="session")
def taxonomy() -> Taxonomy:
    return load_taxonomy(PROJECT_ROOT / "datasets" / "taxonomy.yaml")


@pytest.fixture(scope="session")
def make_examples(taxonomy: Taxonomy) -> MakeExamples:
    """Rows around one centre for each code of the priority; the other heads follow it."""

    def make(rows: int, seed: int) -> Examples:
        generator = np.random.default_rng(seed)
        codes = generator.integers(len(taxonomy.codes("priority")), size=rows)
        angles = codes * np.pi / 2
        features = np.stack([np.cos(angles), np.sin(angles)], axis=1) + generator.normal(scale=0.3, size=(rows, 2))
        return Examples(tuple(f"row-{number}" for number in range(rows)), features, dict.fromkeys(HEADS, codes))

    return make


@pytest.fixture(scope="session")
def make_offered(taxonomy: Taxonomy) -> MakeOffered:
    """Alerts of the first codes; each is given the confidences of its answers and may be given a priority."""

    def make(confidences: Sequence[float], priorities: Sequence[str] | None = None, features: Any = None) -> Offered:
        probabilities = {}
        for head in HEADS:
            size = len(taxonomy.codes(head))
            rows = np.repeat((1 - np.array(confidences))[:, None] / (size - 1), size, axis=1)
            likeliest = [taxonomy.codes(head).index(code) for code in priorities or []] if head == "priority" else []
            rows[np.arange(len(rows)), likeliest or [0] * len(rows)] = confidences
            probabilities[head] = rows
        ids = tuple(f"alert-{number}" for number in range(len(confidences)))
        return Offered(ids, np.zeros((len(ids), 2)) if features is None else np.array(features), probabilities)

    return make
