"""The pair network is fitted to pairs, and to strangers of other scenes."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from models.networks.pairs import PairNetwork
from training.duplicates.config import DuplicateConfig
from training.duplicates.fit import PairSet, _with_strangers, fit_network, join_pairs, steps_of
from training.duplicates.reading import ReadTexts

pytestmark = pytest.mark.usefixtures("few_threads")

VOIRIE = np.zeros(12, int)
UNKNOWN = np.full(12, -1)


@pytest.fixture
def quick(duplicate_config: DuplicateConfig) -> DuplicateConfig:
    return duplicate_config.model_copy(
        update={"narrow": 8, "epochs": 3, "scenes": 2, "dropout": 0.0, "learning_rate": 0.01}
    )


def logits(network: PairNetwork, texts: ReadTexts, pairs: PairSet) -> np.ndarray:
    states = torch.from_numpy(texts.states.astype(np.float32))
    mask = torch.from_numpy((np.arange(states.shape[1])[None] < texts.lengths[:, None]).astype(np.float32))
    with torch.inference_mode():
        narrow = network.encoder(states)
        found = network.comparison(narrow[pairs.one], mask[pairs.one], narrow[pairs.two], mask[pairs.two])
    return found.numpy()


def test_it_advances_as_often_as_was_said(texts: ReadTexts, pairs: PairSet, quick: DuplicateConfig) -> None:
    done: list[int] = []
    fit_network(texts, pairs, VOIRIE, quick, lambda: done.append(1))
    # Three scenes, two a step, three times.
    assert len(done) == steps_of(pairs, quick) == 6


def test_the_same_seed_gives_the_same_network(texts: ReadTexts, pairs: PairSet, quick: DuplicateConfig) -> None:
    one, two = (fit_network(texts, pairs, VOIRIE, quick, lambda: None) for _ in range(2))
    other = fit_network(texts, pairs, VOIRIE, quick.model_copy(update={"seed": 12}), lambda: None)
    np.testing.assert_array_equal(logits(one, texts, pairs), logits(two, texts, pairs))
    assert np.abs(logits(one, texts, pairs) - logits(other, texts, pairs)).max() > 0.01


def test_texts_that_say_the_same_are_told_from_those_that_do_not(
    texts: ReadTexts, pairs: PairSet, quick: DuplicateConfig
) -> None:
    network = fit_network(texts, pairs, VOIRIE, quick.model_copy(update={"epochs": 120}), lambda: None)
    found = logits(network, texts, pairs)
    assert found[pairs.same_fault].min() > found[~pairs.same_fault].max()
    assert not network.training


def test_texts_without_words_break_nothing(texts: ReadTexts, pairs: PairSet, quick: DuplicateConfig) -> None:
    empty = replace(pairs, one=pairs.one.copy(), two=np.full(len(pairs.two), 11))
    network = fit_network(texts, empty, VOIRIE, quick, lambda: None)
    assert np.isfinite(logits(network, texts, empty)).all()


def test_steps_of_real_reports_alone_have_no_strangers(
    texts: ReadTexts, pairs: PairSet, quick: DuplicateConfig
) -> None:
    network = fit_network(texts, pairs, UNKNOWN, quick, lambda: None)
    assert np.isfinite(logits(network, texts, pairs)).all()


def test_strangers_are_of_one_category_and_two_scenes_and_are_two_faults(pairs: PairSet) -> None:
    category = np.array([0, 1] * 6)
    scene = dict(zip(pairs.one.tolist(), pairs.scene.tolist(), strict=True))
    scene |= dict(zip(pairs.two.tolist(), pairs.scene.tolist(), strict=True))
    rows = np.arange(len(pairs.one))
    one, two, truth, weight = _with_strangers(pairs, rows, category, 0.5, np.random.default_rng(1))
    added = slice(len(rows), None)
    assert len(one[added]) == 5
    assert (category[one[added]] == category[two[added]]).all()
    assert all(scene[first] != scene[second] for first, second in zip(one[added], two[added], strict=True))
    assert not truth[added].any()
    assert (weight[added] == 0.5).all()


def test_pairs_of_two_categories_weigh_less(pairs: PairSet) -> None:
    mixed = replace(pairs, same_category=np.arange(10) % 2 == 0)
    weight = _with_strangers(mixed, np.arange(10), UNKNOWN, 0.5, np.random.default_rng(1))[3]
    assert weight.tolist() == pytest.approx([1.0, 0.4] * 5)


def test_sets_of_pairs_are_joined_and_filtered(pairs: PairSet) -> None:
    both = join_pairs((pairs, pairs.of(pairs.same_fault)))
    assert len(both.one) == len(both.weight) == 15
    assert both.same_fault[10:].all()
