"""The shipped text model: the same answer to a text in any company."""

import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from models.bundle import load_bundle
from models.text import DESCRIPTION, MODEL, TextModel
from triage.errors import InvalidBundle
from triage.settings import PROJECT_ROOT
from triage.taxonomy import HEADS

SHIPPED = PROJECT_ROOT / "models" / "pretrained"
Sign = Callable[[Path], Path]
SHORT = [
    "lampadaire éteint rue Monge",
    "trou",
    "tag sur le mur de l'école",
    "encombrants sur le trottoir depuis lundi",
    "The street light is broken",
    "عمود الإنارة مكسور",
    "bruit toute la nuit",
    "chien errant",
]
LONG = "Je vous écris pour la troisième fois au sujet du nid de poule devant le 12 rue Févret, " * 12
CLOSE = 0.001


@pytest.fixture(scope="module")
def model() -> TextModel:
    return TextModel.from_bundle(load_bundle(SHIPPED), threads=1)


def probabilities(model: TextModel, texts: list[str], max_batch_tokens: int = 4096) -> dict[str, np.ndarray]:
    return dict(model.probabilities(model.predict(texts, max_batch_tokens)))


def test_each_head_answers_probabilities_over_its_codes(model: TextModel) -> None:
    found = probabilities(model, SHORT)
    assert set(found) == set(HEADS)
    for head in HEADS:
        assert found[head].shape == (len(SHORT), len(model.description.codes[head]))
        np.testing.assert_allclose(found[head].sum(axis=1), 1.0, atol=1e-5)


def test_embeddings_have_unit_length_and_the_width_of_the_encoder(model: TextModel) -> None:
    embeddings = model.predict(SHORT).embeddings
    assert embeddings.shape == (len(SHORT), model.description.encoder.width)
    np.testing.assert_allclose(np.linalg.norm(embeddings, axis=1), 1.0, atol=1e-4)


def test_different_texts_get_different_answers(model: TextModel) -> None:
    assert len({row.tobytes() for row in model.predict(SHORT).embeddings}) == len(SHORT)


@pytest.mark.parametrize("budget", [1, 40, 200, 4096])
def test_answers_keep_the_order_of_the_texts_whatever_the_batch(model: TextModel, budget: int) -> None:
    texts = [*SHORT, LONG]
    random.Random(budget).shuffle(texts)
    alone = {text: model.predict([text]).embeddings[0] for text in texts}
    found = model.predict(texts, budget).embeddings
    for number, text in enumerate(texts):
        likeness = {other: float(found[number] @ alone[other]) for other in texts}
        assert max(likeness, key=likeness.__getitem__) == text


def test_a_long_text_is_answered_alike_alone_and_among_short_ones(model: TextModel) -> None:
    alone, together = probabilities(model, [LONG]), probabilities(model, [*SHORT, LONG])
    for head in HEADS:
        np.testing.assert_allclose(together[head][-1], alone[head][0], atol=CLOSE)


@pytest.mark.parametrize("number", range(len(SHORT)))
def test_a_short_text_is_answered_alike_alone_and_beside_a_long_one(model: TextModel, number: int) -> None:
    alone, together = probabilities(model, [SHORT[number]]), probabilities(model, [*SHORT, LONG])
    for head in HEADS:
        np.testing.assert_allclose(together[head][number], alone[head][0], atol=CLOSE)


def test_a_text_asked_twice_is_answered_twice_alike(model: TextModel) -> None:
    found = model.predict([SHORT[0]] * 3)
    for head in HEADS:
        np.testing.assert_array_equal(found.logits[head][0], found.logits[head][2])


@pytest.mark.parametrize("text", ["", " ", "?", "🤢🤢🤢", "\u200b", "a" * 5000, "é" * 5000, "<s></s><pad>"])
def test_odd_texts_are_answered_with_finite_numbers(model: TextModel, text: str) -> None:
    output = model.predict([text])
    assert np.isfinite(output.embeddings).all()
    assert all(np.isfinite(output.logits[head]).all() for head in HEADS)


def test_the_time_of_each_stage_is_told(model: TextModel) -> None:
    output = model.predict(SHORT)
    assert output.tokenize_s > 0
    assert output.inference_s > 0


def test_no_texts_are_no_answers(model: TextModel) -> None:
    assert len(model.predict([]).embeddings) == 0


def test_a_file_that_is_no_model_is_refused(copy: Path, sign: Sign) -> None:
    (copy / MODEL).write_bytes(b"no model")
    with pytest.raises(InvalidBundle, match=r"model\.onnx"):
        TextModel.from_bundle(load_bundle(sign(copy)))


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"encoder": 1}'])
def test_a_description_of_something_else_is_refused(copy: Path, sign: Sign, content: str) -> None:
    (copy / DESCRIPTION).write_text(content)
    with pytest.raises(InvalidBundle, match=r"description\.json"):
        TextModel.from_bundle(load_bundle(sign(copy)))
