"""Likeness by words and letters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.duplicates.letters import PLACES, WordWeights, alike, words

CORPUS = ["la lampe est morte", "la lampe rue Monge", "la poubelle est pleine", "la"]
TEXTS = st.text(st.sampled_from("abcé 12"), max_size=30)


@pytest.fixture(scope="module")
def weights() -> WordWeights:
    return WordWeights.learn(CORPUS)


def test_words_are_those_of_a_text_without_accents_and_case() -> None:
    assert words("L'Éclairage, éclairage n°12 !") == {"l", "eclairage", "n", "12"}


def test_a_typing_error_leaves_texts_alike_and_other_words_do_not() -> None:
    near = alike("lampadaire en panne", "lampadere en panne")
    assert near is not None
    assert 0.6 < near < 1
    assert alike("lampadaire", "lampadaire") == 1
    assert alike("lampadaire", "xyz") == 0


@pytest.mark.parametrize("text", ["", "  ", "!!!", "🔥"])
def test_a_text_without_words_is_not_compared(weights: WordWeights, text: str) -> None:
    assert alike(text, "lampe") is None
    assert alike("lampe", text) is None
    assert weights.alike(text, "lampe") is None


def test_words_shorter_than_a_group_count_too() -> None:
    assert alike("a", "a") == 1
    assert alike("a", "b") == 0


def test_rare_words_weigh_more_than_those_of_every_text(weights: WordWeights) -> None:
    rare, frequent = weights.alike("la monge", "monge"), weights.alike("la monge", "la")
    assert rare is not None
    assert frequent is not None
    assert rare[0] > frequent[0]
    assert rare[1] > frequent[1]


def test_a_word_of_every_text_weighs_nothing_and_divides_by_nothing(weights: WordWeights) -> None:
    assert weights.alike("la", "la") == (0, 0)


def test_a_word_never_seen_is_the_rarest(weights: WordWeights) -> None:
    found = weights.alike("la tramway", "tramway")
    assert found is not None
    assert found[1] == max(weights.weights)


def test_the_weight_of_the_rarest_shared_word_is_given(weights: WordWeights) -> None:
    found, alone = weights.alike("lampe monge", "lampe monge bis"), weights.alike("monge", "monge")
    assert found is not None
    assert alone is not None
    assert found[1] == alone[1]


def test_weights_keep_their_size() -> None:
    assert len(WordWeights.learn([]).weights) == len(WordWeights.learn(CORPUS).weights) == PLACES


@given(TEXTS, TEXTS)
def test_likeness_is_the_same_both_ways_and_between_0_and_1(one: str, two: str) -> None:
    weights = WordWeights.learn(CORPUS)
    assert alike(one, two) == alike(two, one)
    assert weights.alike(one, two) == pytest.approx(weights.alike(two, one))
    for value in (alike(one, two), (weights.alike(one, two) or (None,))[0]):
        assert value is None or 0 <= value <= 1 + 1e-9
