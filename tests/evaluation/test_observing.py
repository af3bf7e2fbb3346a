"""Alerts of a file beside the shipped reference, with the real models: what is alike, and what is not."""

from collections.abc import Sequence

import numpy as np
import pytest

from evaluation.live.drift.report import compare
from evaluation.observing import AlertObserver
from models.predictor import Predictor
from models.reference import Photos, Reference, read_reference
from models.text import TextModel
from triage.alert import Alert
from triage.corpus import LabelledAlert, Split, in_split, read_corpus
from triage.settings import PROJECT_ROOT

DATASETS = PROJECT_ROOT / "datasets"
PHOTO = {"base64": "aGFsbG8="}


@pytest.fixture(scope="module")
def shipped() -> Predictor:
    return Predictor.load(PROJECT_ROOT / "models" / "pretrained", threads=1)


@pytest.fixture(scope="module")
def model(shipped: Predictor) -> TextModel:
    return TextModel.from_bundle(shipped.bundle, threads=1)


@pytest.fixture(scope="module")
def reference(shipped: Predictor) -> Reference:
    found = read_reference(shipped.bundle)
    assert found is not None
    return found


@pytest.fixture
def observer(shipped: Predictor, model: TextModel, reference: Reference) -> AlertObserver:
    return AlertObserver(shipped, model, reference)


@pytest.fixture(scope="module")
def held_out(shipped: Predictor) -> Sequence[LabelledAlert]:
    return in_split(read_corpus(DATASETS / "corpus", shipped.taxonomy), Split.TEST)


def drifted(observer: AlertObserver, reference: Reference, rows: Sequence[LabelledAlert]) -> set[str]:
    observer.add([Alert(id=row.id, text=row.text) for row in rows])
    return {finding.code for finding in compare(reference, observer.observed()).drifted}


def test_texts_are_read_without_personal_data_and_photos_are_counted(
    observer: AlertObserver, model: TextModel, reference: Reference
) -> None:
    said = "Trou devant le 12 rue Monge, appelez le 06 12 34 56 78"
    observer.add([Alert(id="a", text=said), Alert(id="b", photo=[PHOTO])])  # type: ignore[list-item]
    observer.add([Alert(id="c", photo=[PHOTO])])  # type: ignore[list-item]
    found = observer.observed()
    masked = "Trou devant le 12 rue Monge, appelez le <TEL>"
    assert (found.alerts, list(found.lengths), list(found.languages)) == (3, [len(masked)], ["fr"])
    assert found.photos == Photos(alerts=3, with_photo=2)
    assert len(found.categories) == len(found.confidences) == len(found.unseen) == 1
    expected = reference.embeddings.project(model.predict([masked]).embeddings)
    assert np.allclose(found.coordinates, expected, atol=1e-5)


def test_nothing_looked_at_is_nothing_observed(observer: AlertObserver) -> None:
    found = observer.observed()
    assert (found.alerts, len(found.coordinates), list(found.categories)) == (0, 0, [])


@pytest.mark.slow
def test_held_out_alerts_of_other_authors_have_not_drifted(
    observer: AlertObserver, reference: Reference, held_out: Sequence[LabelledAlert]
) -> None:
    assert drifted(observer, reference, held_out[::2]) == set()


@pytest.mark.slow
def test_alerts_of_another_country_differ_in_language_words_and_content(
    observer: AlertObserver, reference: Reference, shipped: Predictor
) -> None:
    rows = read_corpus(DATASETS / "other_cities" / "alerts.jsonl", shipped.taxonomy)
    assert drifted(observer, reference, rows[::2]) >= {"DRF003", "DRF004", "DRF007"}


@pytest.mark.slow
def test_a_wave_of_one_category_differs_in_categories_and_content(
    observer: AlertObserver, reference: Reference, held_out: Sequence[LabelledAlert]
) -> None:
    wave = [row for row in held_out if row.category == "eau_assainissement"]
    found = drifted(observer, reference, [*held_out[::6], *wave])
    assert {"DRF001", "DRF003"} <= found
    assert not found & {"DRF004", "DRF005", "DRF007"}


@pytest.mark.slow
def test_texts_cut_short_differ_in_length_and_confidence(
    observer: AlertObserver, reference: Reference, held_out: Sequence[LabelledAlert]
) -> None:
    cut = [row.model_copy(update={"text": row.text[:18] + " svp"}) for row in held_out[::3]]
    assert drifted(observer, reference, cut) >= {"DRF002", "DRF005"}
