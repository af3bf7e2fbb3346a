"""From alerts to predictions: masked first, answered in order, in the words of the city."""

import base64
import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from PIL import Image

from models.bundle import RULES, TAXONOMY
from models.predictor import Predictor
from models.text import TextModel, TextOutput
from triage.alert import Alert, Photo
from triage.errors import InvalidBundle, InvalidTaxonomy
from triage.prediction import Decision, Prediction
from triage.rules import load_rules
from triage.settings import PROJECT_ROOT
from triage.taxonomy import HEADS

SHIPPED = PROJECT_ROOT / "models" / "pretrained"
Sign = Callable[..., Path]
TEXTS = [
    "lampadaire éteint rue Monge",
    "trou énorme dans la chaussée, un cycliste est tombé, danger immédiat pour tout le monde devant l'école",
    "tag",
    "encombrants sur le trottoir depuis lundi",
]
PERSONAL = {
    "plate": ("voiture ventouse immatriculée {} rue Monge", "AB-123-CD", "EF-456-GH"),
    "telephone": ("lampadaire éteint, rappelez-moi au {}", "06 12 34 56 78", "07 98 76 54 32"),
    "e-mail": ("tag sur le mur, écrire à {} svp", "jean@exemple.fr", "marie.k@autre.example"),
    "name": ("je m'appelle {}, le trottoir est cassé", "Durand", "Martin"),
}


class RecordingModel:
    """Passes texts on to the shipped model and remembers them."""

    def __init__(self, model: TextModel) -> None:
        self._model = model
        self.description = model.description
        self.read: list[str] = []

    def predict(self, texts: Sequence[str], **_: Any) -> TextOutput:
        self.read.extend(texts)
        return self._model.predict(texts)

    def probabilities(self, output: TextOutput) -> Any:
        return self._model.probabilities(output)


@pytest.fixture(scope="module")
def model(predictor: Predictor) -> TextModel:
    return TextModel.from_bundle(predictor.bundle, threads=1)


@pytest.fixture
def recording(predictor: Predictor, model: TextModel) -> tuple[Predictor, RecordingModel]:
    recorder = RecordingModel(model)
    rules = load_rules(predictor.bundle.path(RULES), predictor.taxonomy)
    return Predictor(predictor.bundle, predictor.taxonomy, rules, recorder), recorder  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def photo() -> Photo:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), "grey").save(buffer, "PNG")
    return Photo(base64=base64.b64encode(buffer.getvalue()).decode())


def ask(predictor: Predictor, *texts: str) -> tuple[Prediction, ...]:
    return predictor.predict([Alert(id=f"t{number}", text=text) for number, text in enumerate(texts)]).predictions


def answers(prediction: Prediction) -> dict[str, Any]:
    return prediction.model_dump(exclude={"id"})


# Answers


def test_answers_come_in_the_order_of_the_alerts_whatever_the_batch(predictor: Predictor) -> None:
    texts = [text for text in TEXTS for _ in range(3)]
    for order in (texts, texts[::-1]):
        found = ask(predictor, *order)
        assert [prediction.id for prediction in found] == [f"t{number}" for number in range(len(order))]
        for prediction, text in zip(found, order, strict=True):
            (alone,) = ask(predictor, text)
            for head in HEADS:
                together = _by_code(prediction, head)
                assert together == pytest.approx(_by_code(alone, head), abs=0.001)


def _by_code(prediction: Prediction, head: str) -> dict[str, float]:
    answer = getattr(prediction, head)
    return {item.code: item.confidence for item in (answer, *answer.alternatives)}


def test_every_code_is_answered_once_best_first(predictor: Predictor) -> None:
    for prediction in ask(predictor, *TEXTS):
        for head in HEADS:
            answer = getattr(prediction, head)
            found = [answer, *answer.alternatives]
            assert sorted(item.code for item in found) == sorted(predictor.taxonomy.codes(head))
            confidences = [item.confidence for item in found]
            assert confidences == sorted(confidences, reverse=True)
            assert sum(confidences) == pytest.approx(1.0, abs=0.001)


def test_an_answer_is_what_its_contract_says(predictor: Predictor) -> None:
    # Predictions are built without validation, for speed; this is the proof that they would pass.
    for prediction in ask(predictor, *TEXTS):
        assert Prediction.model_validate_json(prediction.model_dump_json()) == prediction


def test_the_answer_names_the_model(predictor: Predictor) -> None:
    (prediction,) = ask(predictor, TEXTS[0])
    manifest = predictor.bundle.manifest
    assert prediction.model.name == manifest.name
    assert prediction.model.version == manifest.version
    assert prediction.model.taxonomy == manifest.taxonomy_version
    assert prediction.model.bundle_sha256 == predictor.bundle.sha256


def test_an_unread_photo_without_words_is_always_reviewed(predictor: Predictor, photo: Photo) -> None:
    alerts = [Alert(id="p", photo=(photo,)), Alert(id="e", text="🤢 !!!", photo=(photo,))]
    for prediction in predictor.predict(alerts, [(None,), (None,)]).predictions:
        assert prediction.decision in {Decision.REVIEW, Decision.ROUTE_AND_REVIEW}
        assert "text_missing" in prediction.reasons


def test_an_unread_photo_without_words_is_reviewed_even_where_everything_may_be_routed(
    copy: Path, sign: Sign, photo: Photo
) -> None:
    lenient = {"category": 0.0, "department": 0.0, "urgent": 1.0, "error_rate": 0.05}
    predictor = Predictor.load(sign(copy, thresholds=lenient), threads=1)
    (wordless,) = predictor.predict([Alert(id="p", photo=(photo,))], [(None,)]).predictions
    assert wordless.decision is not Decision.ROUTE
    worded = ask(predictor, *TEXTS)
    assert all("text_missing" not in prediction.reasons for prediction in worded)


def test_a_photo_that_cannot_be_read_is_a_reason_of_its_own_alert(predictor: Predictor) -> None:
    alerts = [Alert(id="a", text=TEXTS[0]), Alert(id="b", text=TEXTS[2])]
    one, two = predictor.predict(alerts, [(), (None,)]).predictions
    assert "photo_unreadable" not in one.reasons
    assert "photo_unreadable" in two.reasons


def test_no_alerts_are_no_predictions(predictor: Predictor) -> None:
    assert predictor.predict([]).predictions == ()


# Personal data


@pytest.mark.parametrize("kind", PERSONAL)
def test_personal_data_does_not_change_an_answer(predictor: Predictor, kind: str) -> None:
    sentence, one, two = PERSONAL[kind]
    (first,), (second,) = ask(predictor, sentence.format(one)), ask(predictor, sentence.format(two))
    assert answers(first) == answers(second)


@pytest.mark.parametrize("kind", PERSONAL)
def test_personal_data_never_reaches_the_model(recording: tuple[Predictor, RecordingModel], kind: str) -> None:
    predictor, recorder = recording
    sentence, one, two = PERSONAL[kind]
    ask(predictor, sentence.format(one), sentence.format(two))
    assert len(recorder.read) == 2
    assert recorder.read[0] == recorder.read[1]
    assert not any(secret in text for secret in (one, two) for text in recorder.read)


def test_emoji_alone_are_read_as_no_text(recording: tuple[Predictor, RecordingModel], photo: Photo) -> None:
    predictor, recorder = recording
    predictor.predict([Alert(id="e", text="🤢 !!!", photo=(photo,))])
    assert recorder.read == [""]


# Taxonomies


def edit_taxonomy(path: Path, source: Path, edit: Callable[[dict[str, Any]], None]) -> Path:
    content = yaml.safe_load(source.read_text(encoding="utf-8"))
    edit(content)
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path


def test_the_city_may_change_words_and_add_codes(tmp_path: Path) -> None:
    def edit(content: dict[str, Any]) -> None:
        content["categories"]["voirie"]["fr"] = "Routes"
        content["categories"]["fontaines"] = {"fr": "Fontaines", "en": "Fountains", "default_department": "eau"}

    city = edit_taxonomy(tmp_path / "city.yaml", SHIPPED / TAXONOMY, edit)
    predictor = Predictor.load(SHIPPED, taxonomy=city, threads=1)
    assert "fontaines" in predictor.taxonomy.codes("category")
    (prediction,) = ask(predictor, TEXTS[0])
    assert "fontaines" not in _by_code(prediction, "category")


def test_the_city_may_not_remove_a_code(tmp_path: Path) -> None:
    city = edit_taxonomy(
        tmp_path / "city.yaml", SHIPPED / TAXONOMY, lambda content: content["categories"].pop("animaux")
    )
    with pytest.raises(InvalidTaxonomy, match="animaux"):
        Predictor.load(SHIPPED, taxonomy=city)


def test_a_model_that_answers_a_code_beyond_its_taxonomy_is_refused(copy: Path, sign: Sign) -> None:
    edit_taxonomy(copy / TAXONOMY, SHIPPED / TAXONOMY, lambda content: content["categories"].pop("animaux"))
    with pytest.raises(InvalidBundle, match="category that its taxonomy lacks"):
        Predictor.load(sign(copy))


def test_probabilities_follow_the_codes_of_the_model_not_of_the_city(tmp_path: Path, predictor: Predictor) -> None:
    def reverse(content: dict[str, Any]) -> None:
        content["categories"] = dict(reversed(content["categories"].items()))

    city = edit_taxonomy(tmp_path / "city.yaml", SHIPPED / TAXONOMY, reverse)
    (here,), (there,) = ask(predictor, TEXTS[0]), ask(Predictor.load(SHIPPED, taxonomy=city, threads=1), TEXTS[0])
    assert here.category.code == there.category.code
    np.testing.assert_allclose(
        list(_by_code(here, "category").values()), list(_by_code(there, "category").values()), atol=1e-4
    )
