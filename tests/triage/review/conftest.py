"""The rules that ship, and predictions of any confidence."""

from collections.abc import Callable
from typing import Any

import pytest

from triage.prediction import Alternative, Answer, Decision, ModelInfo, Prediction
from triage.review.rules import DEFAULT_RULES, ReviewRules, load_review_rules
from triage.settings import PROJECT_ROOT
from triage.taxonomy import Taxonomy, load_taxonomy

MODEL = ModelInfo(name="none", version="1", taxonomy=1, bundle_sha256="0" * 64)
Predict = Callable[..., Prediction]


@pytest.fixture(scope="session")
def taxonomy() -> Taxonomy:
    return load_taxonomy(PROJECT_ROOT / "datasets" / "taxonomy.yaml")


@pytest.fixture(scope="session")
def rules(taxonomy: Taxonomy) -> ReviewRules:
    return load_review_rules(DEFAULT_RULES, taxonomy)


@pytest.fixture(scope="session")
def predict() -> Predict:
    """Makes a prediction; each head is given as code → probability, best first."""

    def answer(given: dict[str, float]) -> Answer:
        (code, confidence), *rest = given.items()
        others = tuple(Alternative(code=name, confidence=value) for name, value in rest)
        return Answer(code=code, confidence=confidence, alternatives=others)

    def prediction(decision: str = "review", **heads: Any) -> Prediction:
        whole = {"category": {"voirie": 1.0}, "department": {"voirie": 1.0}, "priority": {"normale": 1.0}} | heads
        return Prediction(
            id="a", decision=Decision(decision), reasons=(), model=MODEL, **{n: answer(g) for n, g in whole.items()}
        )

    return prediction
