"""Made-up alerts whose features hang together in no way, so that a change of one is a change of one measure."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from evaluation.live.drift.observed import Observed
from evaluation.reference import Fitted, Looked, summarise
from models.embedding_reference import Directions
from models.reference import Photos, Reference, pack_pieces
from triage.prediction import Decision

CATEGORIES = tuple(f"category-{number}" for number in range(12))
LANGUAGES = ("fr", "en", "de", "")
WIDTH = 8
DECISIONS = (Decision.ROUTE, Decision.REVIEW)
# How often an answer of each decision is wrong.
WRONG = {Decision.ROUTE: 0.08, Decision.REVIEW: 0.5}

Alerts = Callable[..., Looked]


def alerts_like_those_of_the_reference(seed: int, number: int = 600) -> Looked:
    """Alerts without any drift."""
    random = np.random.default_rng(seed)
    decisions = [DECISIONS[place] for place in random.choice(2, number, p=(0.7, 0.3))]
    unit = random.normal(size=(number, WIDTH))
    return Looked(
        categories=random.choice(CATEGORIES, number).tolist(),
        confidences=random.beta(6, 1, number).tolist(),
        languages=random.choice(LANGUAGES, number, p=(0.92, 0.04, 0.02, 0.02)).tolist(),
        lengths=np.round(random.lognormal(4.5, 0.4, number)).astype(int).tolist(),
        unseen=(random.binomial(30, 0.01, number) / 30).tolist(),
        coordinates=directions().project((unit / np.linalg.norm(unit, axis=1)[:, None]).astype(np.float32)),
        decisions=decisions,
        wrong=[bool(random.random() < WRONG[decision]) for decision in decisions],
    )


def directions() -> Directions:
    return Directions(np.zeros(WIDTH, np.float32), np.eye(WIDTH, dtype=np.float32)[: WIDTH - 2])


def as_reference(looked: Looked) -> Reference:
    return summarise(looked, Fitted(pack_pieces({1}, 16), directions()), "made-up alerts", "a" * 64)


def as_observed(looked: Looked, with_photo: float = 0.4) -> Observed:
    """What came in, a share of it with a photo; of the weeks before, 40 of 100 alerts had one."""
    number = len(looked.categories)
    photos = Photos(alerts=number, with_photo=round(with_photo * number))
    return replace(looked.observed(), photos=photos, photos_before=Photos(alerts=3000, with_photo=1200))


@pytest.fixture(scope="session")
def reference() -> Reference:
    return as_reference(alerts_like_those_of_the_reference(seed=1, number=850))


@pytest.fixture(scope="session")
def alerts() -> Looked:
    """Six hundred later alerts without drift."""
    return alerts_like_those_of_the_reference(seed=2)
