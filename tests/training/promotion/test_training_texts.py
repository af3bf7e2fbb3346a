"""Which texts a challenger was trained on is proven by a digest, or doubted in a sentence."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from models.bundle import load_bundle
from training.config import TextConfig
from training.data import read_training_data
from training.promotion.training_texts import find_training_texts
from triage.corpus import Split, in_split, read_corpus
from triage.settings import PROJECT_ROOT
from triage.taxonomy import Taxonomy

SMOKE = PROJECT_ROOT / "training" / "configs" / "smoke.yaml"

MakeVariant = Callable[..., Path]
WriteCorpus = Callable[[Path], Path]


@pytest.fixture
def corpus(tmp_path: Path, write_corpus: WriteCorpus) -> Path:
    return write_corpus(tmp_path / "corpus")


def test_the_configuration_with_the_right_digest_proves_the_texts(
    corpus: Path, variant: MakeVariant, taxonomy: Taxonomy, smoke_config: TextConfig
) -> None:
    data = read_training_data(smoke_config, corpus, taxonomy)
    manifest = load_bundle(variant("same")).manifest.model_copy(update={"data_sha256": data.digest()})
    found = find_training_texts(manifest, corpus, read_corpus(corpus, taxonomy), taxonomy, [SMOKE])
    assert found.proven
    assert not found.doubts
    assert set(found.texts) == {row.masked_text for row in data.train}


def test_texts_of_scenes_belong_to_what_was_trained_on(
    corpus: Path, variant: MakeVariant, taxonomy: Taxonomy, smoke_config: TextConfig, tmp_path: Path
) -> None:
    scenes = tmp_path / "scenes"
    scenes.mkdir()
    place = {"lat": 47.32, "lon": 5.04, "created_at": "2026-02-03T12:00:00+01:00"}
    told = {"id": "s1", "text": "la lampe du hibou est morte", "category": "voirie", "fault": "s1/A", **place}
    (scenes / "hand_01.jsonl").write_text(json.dumps(told), encoding="utf-8")
    config = tmp_path / "scenes.yaml"
    config.write_text(SMOKE.read_text(encoding="utf-8") + f"\nscenes: {scenes}\n", encoding="utf-8")
    data = read_training_data(smoke_config.model_copy(update={"scenes": scenes}), corpus, taxonomy)
    manifest = load_bundle(variant("same")).manifest.model_copy(update={"data_sha256": data.digest()})
    found = find_training_texts(manifest, corpus, read_corpus(corpus, taxonomy), taxonomy, [SMOKE, config])
    assert found.proven
    assert told["text"] in found.texts


def test_without_that_digest_the_texts_at_hand_are_told_to_be_perhaps_not_all(
    corpus: Path, variant: MakeVariant, taxonomy: Taxonomy
) -> None:
    manifest = load_bundle(variant("same")).manifest
    rows = read_corpus(corpus, taxonomy)
    found = find_training_texts(manifest, corpus, rows, taxonomy, [SMOKE])
    assert not found.proven
    assert manifest.data_sha256[:12] in found.doubts[0]
    assert {row.masked_text for row in in_split(rows, Split.TRAIN)} <= set(found.texts)


def test_a_configuration_whose_data_are_not_at_hand_is_passed_over(
    corpus: Path, variant: MakeVariant, taxonomy: Taxonomy, tmp_path: Path
) -> None:
    far = tmp_path / "far.yaml"
    far.write_text(SMOKE.read_text(encoding="utf-8") + f"\ncorpora: [{json.dumps(str(tmp_path / 'no.jsonl'))}]\n")
    rows = read_corpus(corpus, taxonomy)
    found = find_training_texts(load_bundle(variant("same")).manifest, corpus, rows, taxonomy, [far])
    assert set(found.texts) == {row.masked_text for row in in_split(rows, Split.TRAIN)}
