"""What is stored of an alert is enough to look at it again as the reference was looked at."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from models.bundle import load_bundle
from models.observation import TextObserver
from models.predictor import Predictor
from models.reference import Reference, read_reference
from models.text import TextModel
from triage.alert import Alert

Sign = Callable[..., Path]
TEXTS = (
    "Le lampadaire est éteint rue Monge",
    "Gros trou dans la chaussée",
    "Verkeersbord omgewaaid na de storm, het ligt dwars op het fietspad",
)


@pytest.fixture(scope="module")
def reference(predictor: Predictor) -> Reference:
    found = read_reference(predictor.bundle)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def observer(predictor: Predictor, reference: Reference) -> TextObserver:
    return TextObserver.from_bundle(predictor.bundle, reference)


def test_stored_vectors_lie_where_their_texts_lie(
    predictor: Predictor, reference: Reference, observer: TextObserver
) -> None:
    alerts = [Alert(id=str(number), text=text) for number, text in enumerate(TEXTS)]
    vectors = [report.vector or b"" for report in predictor.predict(alerts).reports]
    embeddings = TextModel.from_bundle(predictor.bundle, 1).predict(TEXTS).embeddings
    assert np.allclose(observer.coordinates(vectors), reference.embeddings.project(embeddings), atol=1e-3)
    assert predictor.finder is not None
    assert observer.vector_version == predictor.finder.version


def test_words_that_training_never_met_are_told_apart(observer: TextObserver) -> None:
    known, other, strange = observer.unseen(TEXTS)
    assert known == other == 0
    assert strange > 0.1
    assert observer.unseen([]) == []


def test_no_vectors_have_no_coordinates(observer: TextObserver, reference: Reference) -> None:
    assert observer.coordinates([]).shape == (0, len(reference.embeddings.steps))


def test_a_bundle_without_duplicates_keeps_no_vectors(
    bundle_without_duplicates: Path, reference: Reference, predictor: Predictor
) -> None:
    observer = TextObserver.from_bundle(load_bundle(bundle_without_duplicates), reference)
    assert observer.vector_version == ""
    vector = predictor.predict([Alert(id="a", text=TEXTS[0])]).reports[0].vector or b""
    assert len(observer.coordinates([vector])) == 0
