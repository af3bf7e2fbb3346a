"""Predictions with photos: joined where there are any, and exactly those of the text where there are none."""

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from PIL import Image

from models.bundle import TAXONOMY
from models.fusion import PART as FUSION
from models.photo import DESCRIPTION, PART, Picture
from models.predictor import Predictor
from triage.alert import Alert, Photo
from triage.errors import InvalidBundle, InvalidTaxonomy
from triage.prediction import Decision, ExplainedPrediction, Prediction
from triage.taxonomy import HEADS

Paint = Callable[..., Image.Image]
Reseal = Callable[..., Path]
Ask = Callable[..., Prediction]

LIT = "Lampadaire éteint depuis trois jours devant le 12 rue Monge"
NOTHING = "voir photo"
TEXTS = [LIT, NOTHING, "tag", "trou énorme dans la chaussée, un cycliste est tombé"]
UNSURE = "#ff8000"


@pytest.fixture(scope="module")
def blind(blind_bundle: Path) -> Predictor:
    return Predictor.load(blind_bundle, threads=1)


@pytest.fixture
def show(seeing: Predictor, paint: Paint, colour_of: dict[str, str]) -> Callable[..., list[Picture | None]]:
    """Pictures that show labels or colours; None is a photo that cannot be read."""

    def pictures(*names: str | None) -> list[Picture | None]:
        return [name and seeing.prepare(paint(colour_of.get(name, name))) for name in names]  # type: ignore[misc]

    return pictures


@pytest.fixture
def ask(seeing: Predictor, show: Callable[..., list[Picture | None]]) -> Ask:
    """Asks about a text with photos that show labels."""

    def predict(text: str, *names: str | None) -> Prediction:
        (found,) = seeing.predict([alert(text, len(names))], [show(*names)]).predictions
        return found

    return predict


def alert(text: str, photos: int = 0, name: str = "a") -> Alert:
    return Alert(id=name, text=text, photo=(Photo(base64="eA=="),) * photos)


def answers(prediction: Prediction) -> dict[str, Any]:
    return prediction.model_dump(exclude={"id", "model"})


# Without a photo


def test_a_text_alone_is_answered_to_the_last_digit_as_by_a_bundle_without_photos(
    seeing: Predictor, blind: Predictor
) -> None:
    alerts = [alert(text, name=str(number)) for number, text in enumerate(TEXTS)]
    expected = [answers(item) for item in blind.predict(alerts).predictions]
    nothing: list[Sequence[Sequence[Picture | None]] | None] = [None, [()] * len(alerts), [[]] * len(alerts)]
    for pictures in nothing:
        assert [answers(item) for item in seeing.predict(alerts, pictures).predictions] == expected
    assert all(item["photos"] == () for item in expected)


def test_the_photo_of_one_alert_changes_no_other(
    seeing: Predictor, blind: Predictor, show: Callable[..., list[Picture | None]]
) -> None:
    alerts = [alert(TEXTS[0], name="0"), alert(NOTHING, 1, "1"), alert(TEXTS[2], name="2"), alert(TEXTS[3], 1, "3")]
    found = seeing.predict(alerts, [(), show("waste"), (), show(None)]).predictions
    expected = blind.predict(alerts).predictions
    assert [item.id for item in found] == ["0", "1", "2", "3"]
    assert answers(found[0]) == answers(expected[0])
    assert answers(found[2]) == answers(expected[2])
    assert [len(item.photos) for item in found] == [0, 1, 0, 1]


def test_a_photo_that_cannot_be_read_leaves_the_answer_of_the_text(ask: Ask, blind: Predictor) -> None:
    for text in TEXTS:
        found, (expected,) = ask(text, None), blind.predict([alert(text)]).predictions
        for head in HEADS:
            assert getattr(found, head) == getattr(expected, head)
        assert found.reasons == (*expected.reasons, "photo_unreadable")
        assert [photo.abstains for photo in found.photos] == [True]


# A photo alone


@pytest.mark.parametrize("text", ["", "🤢 !!!"])
def test_a_sure_photo_alone_is_answered_and_its_missing_text_is_no_doubt(
    ask: Ask, seeing: Predictor, text: str
) -> None:
    for label, entry in seeing.taxonomy.photo_labels.items():
        found = ask(text, label)
        assert [photo.label for photo in found.photos] == [label]
        if entry.category:
            assert (found.category.code, found.priority.code) == (entry.category, entry.priority)
            assert not {"text_missing", "category_uncertain"} & set(found.reasons)
        else:
            assert found.decision is not Decision.ROUTE
            assert {"text_missing", "category_uncertain"} <= set(found.reasons)


def test_a_photo_alone_that_cannot_be_relied_on_is_reviewed(ask: Ask) -> None:
    found = ask("", UNSURE)
    assert found.photos[0].abstains
    assert "category_uncertain" in found.reasons
    assert found.decision is not Decision.ROUTE


def test_no_photo_that_can_be_read_and_no_words_are_reviewed(ask: Ask) -> None:
    found = ask("", None)
    assert {"text_missing", "photo_unreadable"} <= set(found.reasons)
    assert found.decision is not Decision.ROUTE


# Both


def test_a_text_that_names_nothing_follows_a_sure_photo(ask: Ask, seeing: Predictor) -> None:
    for label, entry in seeing.taxonomy.photo_labels.items():
        if entry.category:
            found = ask(NOTHING, label)
            assert found.category.code == entry.category
            assert not {"too_vague", "category_uncertain", "photo_disagrees"} & set(found.reasons)


def test_a_text_that_names_nothing_beside_a_photo_that_shows_nothing_is_left_to_staff(ask: Ask) -> None:
    for label in ("irrelevant", "street_normal", UNSURE):
        found = ask(NOTHING, label)
        assert {"category_uncertain", "too_vague"} <= set(found.reasons)
        assert found.decision is not Decision.ROUTE


@pytest.mark.parametrize(
    ("label", "noted"),
    [
        ("waste", ["photo_disagrees"]),
        ("irrelevant", ["photo_irrelevant"]),
        ("street_light", []),
        ("street_normal", []),
        (UNSURE, []),
    ],
)
def test_a_clear_text_decides_and_says_what_is_wrong_with_its_photo(ask: Ask, label: str, noted: list[str]) -> None:
    found = ask(LIT, label)
    assert found.category.code == "eclairage_public"
    assert [reason for reason in found.reasons if reason.startswith("photo")] == noted


def test_three_photos_are_answered_in_order_and_the_one_with_a_fault_decides(ask: Ask) -> None:
    found = ask(NOTHING, "street_normal", None, "graffiti")
    assert found.photos[0].label == "street_normal"
    assert found.photos[2].label == "graffiti"
    assert [photo.abstains for photo in found.photos] == [False, True, False]
    assert found.category.code == "graffiti"
    assert "photo_unreadable" in found.reasons


def test_an_answer_with_photos_is_what_its_contract_says(ask: Ask) -> None:
    # Predictions are built without validation, for speed; this is the proof that they would pass.
    for names in (["waste"], [None], ["irrelevant", UNSURE, None]):
        for text in ("", *TEXTS):
            found = ask(text, *names)
            assert Prediction.model_validate_json(found.model_dump_json()) == found
            for head in HEADS:
                answer = getattr(found, head)
                assert sum(item.confidence for item in (answer, *answer.alternatives)) == pytest.approx(1, abs=0.002)


def test_an_explanation_shows_where_each_photo_shows_its_label(
    seeing: Predictor, ask: Ask, show: Callable[..., list[Picture | None]]
) -> None:
    for text in (LIT, ""):
        explained = seeing.explain(alert(text, 2), ask(text, "waste", None), show("waste", None))
        assert ExplainedPrediction.model_validate_json(explained.model_dump_json()) == explained
        photos = explained.explanation.photos
        assert [photo.label for photo in photos] == [photo.label for photo in explained.photos]
        assert [photo.heat_map is None for photo in photos] == [False, True]
        assert len(explained.explanation.words) == len(text.split())


# Bundles


def test_a_bundle_without_a_photo_part_says_that_it_read_none(blind: Predictor, paint: Paint) -> None:
    assert blind.prepare(paint("red")) is None
    one, two = blind.predict([alert(LIT, 1), alert(LIT)], [(None,), ()]).predictions
    assert one.reasons == (*two.reasons, "photo_unreadable")
    assert one.photos == ()
    explained = blind.explain(alert(LIT, 1), one, (None,))
    assert explained.explanation.photos == ()


def test_a_photo_part_without_a_fusion_is_refused(colour_copy: Path, reseal: Reseal) -> None:
    shutil.rmtree(colour_copy / FUSION)
    with pytest.raises(InvalidBundle, match=r"no file fusion/fusion\.json"):
        Predictor.load(reseal(colour_copy, parts=("text", PART)))


def test_a_photo_model_of_other_labels_is_refused(colour_copy: Path, reseal: Reseal) -> None:
    description = json.loads((colour_copy / DESCRIPTION).read_text(encoding="utf-8"))
    description["labels"].reverse()
    (colour_copy / DESCRIPTION).write_text(json.dumps(description), encoding="utf-8")
    with pytest.raises(InvalidBundle, match="answers other labels than its taxonomy"):
        Predictor.load(reseal(colour_copy))


def test_the_city_may_not_remove_a_photo_label(colour_bundle: Path, tmp_path: Path) -> None:
    content = yaml.safe_load((colour_bundle / TAXONOMY).read_text(encoding="utf-8"))
    del content["photo_labels"]["manhole"]
    city = tmp_path / "city.yaml"
    city.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")
    with pytest.raises(InvalidTaxonomy, match="photo label manhole"):
        Predictor.load(colour_bundle, taxonomy=city)
