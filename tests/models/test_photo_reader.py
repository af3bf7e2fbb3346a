"""The photos of alerts: answered in order, whichever cannot be read, and joined to one answer for each alert."""

import base64
import io
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from PIL import Image

from models.fusion import Fusion, TextAnswer
from models.photo import PhotoModel, Picture
from models.photo_reader import DISAGREES, IRRELEVANT, UNREADABLE, PhotoReader, ReadPhotos
from models.predictor import Predictor
from models.text import TextModel
from triage.prediction import ExplainedPhoto, PhotoAnswer
from triage.taxonomy import HEADS

Paint = Callable[..., Image.Image]
Show = Callable[..., list[Picture | None]]

UNSURE = "#ff8000"  # as far from the red of one label as from the yellow of another


@pytest.fixture(scope="module")
def text_model(seeing: Predictor) -> TextModel:
    return TextModel.from_bundle(seeing.bundle, threads=1)


@pytest.fixture(scope="module")
def reader(seeing: Predictor, colour_model: PhotoModel, text_model: TextModel) -> PhotoReader:
    fusion = Fusion.from_bundle(seeing.bundle, seeing.taxonomy, text_model.description.codes)
    return PhotoReader(colour_model, fusion, seeing.taxonomy)


@pytest.fixture
def show(colour_model: PhotoModel, paint: Paint, colour_of: dict[str, str]) -> Show:
    """Pictures that show labels, or other colours by their names; None is a photo that cannot be read."""

    def pictures(*names: str | None) -> list[Picture | None]:
        return [name and colour_model.prepare(paint(colour_of.get(name, name))) for name in names]  # type: ignore[misc]

    return pictures


def labels(found: ReadPhotos) -> list[str]:
    return [answer.label for answer in found.answers]


# What is answered


def test_each_alert_gets_the_answers_to_its_own_photos_in_order(reader: PhotoReader, show: Show) -> None:
    groups = [("waste", "graffiti"), (), (None, "flooding"), ("manhole",), (None,), ("irrelevant", None, "waste")]
    found = reader.read([show(*group) for group in groups])
    assert [len(item.answers) for item in found] == [len(group) for group in groups]
    for group, item in zip(groups, found, strict=True):
        readable = [answer.label for name, answer in zip(group, item.answers, strict=True) if name]
        assert readable == [name for name in group if name]
        (alone,) = reader.read([show(*group)])
        assert labels(alone) == labels(item)


def test_an_answer_is_what_its_contract_says(reader: PhotoReader, show: Show) -> None:
    # Answers are built without validation, for speed; this is the proof that they would pass.
    (found,) = reader.read([show("waste", None, UNSURE)])
    for answer in found.answers:
        assert PhotoAnswer.model_validate_json(answer.model_dump_json()) == answer
        ranked = [answer.label, *(item.label for item in answer.alternatives)]
        assert sorted(ranked) == sorted(reader.model.description.labels)
        assert [item.code for item in answer.alternatives] == ranked[1:]
        confidences = [answer.confidence, *(item.confidence for item in answer.alternatives)]
        assert confidences == sorted(confidences, reverse=True)
        assert sum(confidences) == pytest.approx(1, abs=0.001)


def test_a_photo_that_cannot_be_read_abstains_and_is_noted(reader: PhotoReader, show: Show) -> None:
    (found,) = reader.read([show(None)])
    (answer,) = found.answers
    assert answer.abstains
    assert answer.confidence == pytest.approx(1 / len(reader.model.description.labels), abs=1e-4)
    assert (found.joined, found.reliable, found.notes) == (None, False, (UNREADABLE,))


def test_one_unreadable_photo_is_noted_once_and_costs_the_others_nothing(reader: PhotoReader, show: Show) -> None:
    (alone,), (beside,) = reader.read([show("waste")]), reader.read([show(None, "waste", None)])
    assert beside.notes == (UNREADABLE,)
    assert beside.joined == pytest.approx(alone.joined)
    assert [answer.abstains for answer in beside.answers] == [True, False, True]


def test_a_photo_between_two_labels_abstains(reader: PhotoReader, show: Show) -> None:
    (found,) = reader.read([show(UNSURE)])
    assert found.answers[0].abstains
    assert not found.reliable


def test_photos_are_noted_as_irrelevant_only_if_all_of_them_are(reader: PhotoReader, show: Show) -> None:
    groups = [("irrelevant",), ("irrelevant", "irrelevant"), ("irrelevant", "waste"), ("street_normal",), ()]
    noted = [IRRELEVANT in item.notes for item in reader.read([show(*group) for group in groups])]
    assert noted == [True, True, False, False, False]


def test_photos_that_cannot_be_read_are_left_out_of_what_is_irrelevant(reader: PhotoReader, show: Show) -> None:
    (found,) = reader.read([show(None, "irrelevant")])
    assert found.notes == (UNREADABLE, IRRELEVANT)


def test_no_photos_have_no_answers_and_nothing_is_run(reader: PhotoReader) -> None:
    assert reader.read([(), ()]) == [ReadPhotos(), ReadPhotos()]
    assert reader.read([]) == []


def test_more_photos_than_fit_one_pass_keep_their_order(
    reader: PhotoReader, show: Show, colour_of: dict[str, str]
) -> None:
    names = [name for _ in range(6) for name in colour_of]
    found = reader.read([show(*names[start : start + 3]) for start in range(0, len(names), 3)])
    assert [label for item in found for label in labels(item)] == names


# Together with a text


@pytest.fixture(scope="module")
def litter(text_model: TextModel) -> TextAnswer:
    """What the shipped model says of a text about litter."""
    output = text_model.predict(["Gros dépôt sauvage de cartons et de sacs poubelle sur le trottoir rue Monge"])
    rows = text_model.probabilities(output)
    return TextAnswer({head: rows[head][0] for head in HEADS}, output.embeddings[0], has_words=True)


@pytest.mark.parametrize(
    ("names", "noted"),
    [
        (("flooding",), True),
        (("graffiti",), False),
        (("waste",), False),
        (("street_normal",), False),
        ((UNSURE,), False),
        ((None,), False),
    ],
    ids=["another fault", "akin", "the same", "nothing wrong", "unsure", "unreadable"],
)
def test_only_a_photo_that_surely_shows_another_fault_disagrees(
    reader: PhotoReader, litter: TextAnswer, show: Show, names: Sequence[str | None], noted: bool
) -> None:
    (photos,) = reader.read([show(*names)])
    _, notes = reader.fuse(litter, photos)
    assert (DISAGREES in notes) is noted


def test_without_a_readable_photo_there_is_no_joint_answer(reader: PhotoReader, litter: TextAnswer, show: Show) -> None:
    for group in ((), (None,)):
        (photos,) = reader.read([show(*group)])
        fused, notes = reader.fuse(litter, photos)
        assert fused is None
        assert notes == photos.notes


# Explanations


def test_a_heat_map_marks_where_the_photo_shows_its_label(reader: PhotoReader, show: Show) -> None:
    found = reader.explain(show("manhole", None, "black"))
    assert [item.label for item in found] == ["manhole", reader.model.description.labels[0], "street_normal"]
    assert found[1].heat_map is None
    assert all(ExplainedPhoto.model_validate_json(item.model_dump_json()) == item for item in found)
    content = base64.b64decode(found[2].heat_map or "", validate=True)
    with Image.open(io.BytesIO(content)) as image:
        assert image.format == "PNG"
        assert image.size == (reader.model.description.size,) * 2
        assert np.asarray(image)[..., 0].min() > 150  # the whole picture is of the label's colour


def test_the_marked_half_is_the_one_of_the_answered_label(
    reader: PhotoReader, colour_model: PhotoModel, paint: Paint
) -> None:
    picture = colour_model.prepare(paint("black", "black", "black", "lime"))
    (found,) = reader.explain([picture])
    with Image.open(io.BytesIO(base64.b64decode(found.heat_map or ""))) as image:
        marked = np.asarray(image)[..., 0]
    assert found.label == "street_normal"
    assert marked[:, :16].min() > 150
    assert marked[:, 28:].max() < 50
