"""Which answers of staff test a challenger: drawn at random, new, and not learned from."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from models.bundle import Bundle, load_bundle
from training.promotion.contest import TrainingTexts
from training.promotion.newest_reviews import newest_reviews
from triage.store.records import NewAlert, QueuePlace
from triage.store.review_records import ReviewDecision
from triage.store.store import Store
from triage.taxonomy import Taxonomy

MakeVariant = Callable[[str], Path]
ReadReviews = Callable[..., list[str]]

PROVEN = TrainingTexts(("Le banc du quai Galliot penche, une latte a sauté hier soir",), proven=True)
TEXTS = {
    "sample": "flaque d'huile sur trois mètres au carrefour Mirande, ça glisse en vélo",
    "learned": "le banc du quai galliot penche, une latte a sauté hier soir",
    "review": "Hibou mort accroché au grillage du stade des Poussots",
}


@pytest.fixture
def bundle(variant: MakeVariant) -> Bundle:
    return load_bundle(variant("same"))


@pytest.fixture
def read(tmp_path: Path, bundle: Bundle, taxonomy: Taxonomy) -> ReadReviews:
    """The texts of the newest reviews, some days after the challenger was made."""
    url = f"sqlite:///{tmp_path}/alerts.db"
    made = bundle.manifest.origin.created_at
    with Store.open(url) as store:
        for kind, text in TEXTS.items():
            store.add(_alert(kind, text, made, "review" if kind == "review" else "sample"))
            decided = made + timedelta(days=1)
            store.decide(ReviewDecision(kind, "c.roux", decided, None, "voirie", "voirie", "normale"))

    def texts(training: TrainingTexts = PROVEN, days: float = 2) -> list[str]:
        rows = newest_reviews(url, bundle, taxonomy, training, made + timedelta(days=days))
        return [row.text for row in rows]

    return texts


def _alert(alert_id: str, text: str, at: datetime, queue: Any) -> NewAlert:
    answer: dict[str, Any] = {"category": None, "department": None, "priority": None, "prediction": None}
    rest: dict[str, Any] = {"original": None, "lat": None, "lon": None, "category_hint": None, "vector": None}
    kept: dict[str, Any] = {"reasons": (), "photos": (), "plates": (), "vector_version": "", "decision": "review"}
    when: dict[str, Any] = {"created_at": at, "received_at": at, "queue_place": QueuePlace(queue, 1.0)}
    return NewAlert(id=alert_id, text=text, content_sha256=alert_id, language="fr", **answer, **rest, **kept, **when)


def test_only_alerts_drawn_at_random_that_were_not_learned_from_count(read: ReadReviews) -> None:
    assert read() == [TEXTS["sample"]]


def test_answers_older_than_half_a_year_do_not_count(read: ReadReviews) -> None:
    assert read(days=200) == []


def test_without_proof_of_what_was_learned_only_answers_younger_than_the_challenger_count(read: ReadReviews) -> None:
    assert read(TrainingTexts((), proven=False)) == [TEXTS["sample"], TEXTS["learned"]]


def test_a_store_that_is_not_there_holds_no_answers(bundle: Bundle, taxonomy: Taxonomy, tmp_path: Path) -> None:
    found = newest_reviews(f"sqlite:///{tmp_path}/none.db", bundle, taxonomy, PROVEN, datetime.now(UTC))
    assert tuple(found) == ()
    assert not (tmp_path / "none.db").exists()
