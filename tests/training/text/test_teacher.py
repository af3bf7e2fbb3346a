"""A teacher in a folder: its answers are found by text, cached, and refused when something was changed."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer

from training.encoder.source import EncoderSource
from training.text.answers import TeacherAnswers, answers_of, text_key
from training.text.examples import Example
from training.text.losses import Targets
from training.text.network import BuiltNetwork, student_of
from training.text.teacher import CACHE, CACHE_DIGEST, DESCRIPTION, NETWORK, load_teacher, write_teacher
from triage.errors import InvalidBundle
from triage.taxonomy import HEADS, Taxonomy

FITTED = ["lampe rue", "une autre"]
TEXTS = ["lampe rue", "trou route noir", "tag mur"]


@pytest.fixture
def built(make_tiny: Any) -> BuiltNetwork:
    tiny = make_tiny()
    source = EncoderSource("package", "tiny", "0" * 64)
    return BuiltNetwork(tiny.network, Tokenizer.from_file(str(tiny.tokenizer_file)), source)


@pytest.fixture
def folder(built: BuiltNetwork, taxonomy: Taxonomy, tmp_path: Path) -> Path:
    write_teacher(tmp_path / "teacher", built, taxonomy, FITTED, "run")
    return tmp_path / "teacher"


def targets(count: int) -> Targets:
    return Targets.of([Example("", dict.fromkeys(HEADS, 0))] * count)


def test_a_written_teacher_answers_as_before(built: BuiltNetwork, folder: Path, taxonomy: Taxonomy) -> None:
    expected = answers_of(built.network, built.text_tokenizer(), TEXTS)
    loaded = load_teacher(folder, taxonomy).built
    found = answers_of(loaded.network, loaded.text_tokenizer(), TEXTS)
    for head in HEADS:
        np.testing.assert_allclose(found.logits[head], expected.logits[head], atol=1e-5)


def test_answers_are_found_by_text_and_missing_ones_are_not_numbers(
    built: BuiltNetwork, folder: Path, taxonomy: Taxonomy
) -> None:
    answers = load_teacher(folder, taxonomy).answers(TEXTS)
    found = answers.add_to(targets(2), [TEXTS[1], "unknown"])
    expected = answers_of(built.network, built.text_tokenizer(), TEXTS)
    assert found.taught is not None
    assert found.anchors is not None
    for head in HEADS:
        np.testing.assert_allclose(found.taught[head][0], expected.logits[head][1], atol=2e-3)
        assert found.taught[head][1].isnan().all()
    np.testing.assert_allclose(found.anchors[0], expected.embeddings[1], atol=2e-3)


def test_the_cache_grows_by_what_is_missing(folder: Path, taxonomy: Taxonomy) -> None:
    teacher = load_teacher(folder, taxonomy)
    teacher.answers(TEXTS[:2])
    first = (folder / CACHE).read_bytes()
    teacher.answers(TEXTS[:2])
    assert (folder / CACHE).read_bytes() == first
    grown = teacher.answers(TEXTS).add_to(targets(3), TEXTS)
    assert grown.anchors is not None
    assert not grown.anchors.isnan().any()


def test_a_changed_cache_is_refused(folder: Path, taxonomy: Taxonomy) -> None:
    teacher = load_teacher(folder, taxonomy)
    teacher.answers(TEXTS)
    (folder / CACHE).write_bytes((folder / CACHE).read_bytes()[:-1] + b"\x01")
    with pytest.raises(InvalidBundle, match="was changed or belongs to another teacher"):
        teacher.answers(TEXTS)


def test_changed_weights_are_refused(folder: Path, taxonomy: Taxonomy) -> None:
    (folder / NETWORK).write_bytes((folder / NETWORK).read_bytes()[:-1] + b"\x01")
    with pytest.raises(InvalidBundle, match="was changed"):
        load_teacher(folder, taxonomy)


def test_a_cache_without_its_digest_is_refused(folder: Path, taxonomy: Taxonomy) -> None:
    teacher = load_teacher(folder, taxonomy)
    teacher.answers(TEXTS)
    (folder / CACHE_DIGEST).unlink()
    with pytest.raises(InvalidBundle, match="was changed"):
        teacher.answers(TEXTS)


def test_a_teacher_of_other_codes_is_refused(folder: Path, taxonomy: Taxonomy) -> None:
    reordered = taxonomy.model_copy(update={"categories": dict(reversed(taxonomy.categories.items()))})
    with pytest.raises(InvalidBundle, match="other codes"):
        load_teacher(folder, reordered)


def test_a_teacher_that_saw_held_out_texts_is_refused(folder: Path, taxonomy: Taxonomy) -> None:
    teacher = load_teacher(folder, taxonomy)
    teacher.refuse_to_have_seen(["jamais vu"])
    with pytest.raises(InvalidBundle, match="fitted on 1 texts that are now held out"):
        teacher.refuse_to_have_seen(["jamais vu", FITTED[1]])


def test_a_missing_teacher_says_how_to_make_one(tmp_path: Path, taxonomy: Taxonomy) -> None:
    with pytest.raises(InvalidBundle, match="triage train teacher"):
        load_teacher(tmp_path / "nowhere", taxonomy)


def test_the_description_names_its_source(folder: Path) -> None:
    assert json.loads((folder / DESCRIPTION).read_text())["source"]["name"] == "tiny"


def test_a_teacher_without_opinions_lends_embeddings_alone(built: BuiltNetwork) -> None:
    answers = answers_of(built.network, built.text_tokenizer(), TEXTS)
    lent = TeacherAnswers([text_key(text) for text in TEXTS], answers, opinions=False).add_to(targets(3), TEXTS)
    assert lent.taught is None
    assert lent.anchors is not None


def test_a_student_keeps_the_first_layers_and_leaves_its_teacher_whole(built: BuiltNetwork) -> None:
    student = student_of(built, 1)
    assert student.size().layers == 1
    assert built.size().layers == 2
    kept, original = (network.encoder.encoder.layer[0].state_dict() for network in (student.network, built.network))
    assert all(torch.equal(kept[name], original[name]) for name in original)
