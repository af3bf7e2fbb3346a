"""Augmentation: the same alert as another person would have typed it, and nothing worse."""

import random

from hypothesis import given
from hypothesis import strategies as st

from training.augmentation import augment
from triage.redaction import MARK

TEXT = "Réverbère éteint devant l'école, rue Févret : c'est dangereux ! Plaque <PLAQUE>, tel <TEL>."
SHORT = "Réverbère éteint"
seeds = st.integers(0, 2**32)


def variants(text: str, count: int = 400) -> list[str]:
    generator = random.Random(13)
    return [augment(text, generator) for _ in range(count)]


def test_the_same_generator_gives_the_same_texts() -> None:
    assert variants(TEXT) == variants(TEXT)


def test_a_text_often_stays_as_it_is() -> None:
    # Three of four keep accents, four of five punctuation, three of five their case, 0.85² their
    # manners, 0.85 come without contact details: 0.22, less the texts in which a word slips.
    share = sum(variant == TEXT for variant in variants(TEXT)) / 400
    assert 0.15 < share < 0.32


def test_each_way_of_typing_occurs() -> None:
    found = variants(TEXT)
    assert any(variant == variant.upper() for variant in found)
    assert any(variant.replace("<PLAQUE>", "").replace("<TEL>", "").islower() for variant in found)
    assert any("éteint" not in variant and "eteint" in variant for variant in found)
    assert any("," not in variant for variant in found)
    assert len(set(found)) > 50


def test_about_three_texts_in_ten_gain_a_manner_before_or_after() -> None:
    kept = [variant for variant in variants(SHORT, 3000) if SHORT in variant and not MARK.search(variant)]
    before = sum(not variant.startswith(SHORT) for variant in kept) / len(kept)
    after = sum(not variant.endswith(SHORT) for variant in kept) / len(kept)
    assert 0.11 < before < 0.19
    assert 0.11 < after < 0.19


def test_about_one_text_in_seven_gains_contact_details() -> None:
    share = sum(MARK.search(variant) is not None for variant in variants(SHORT, 2000)) / 2000
    assert 0.11 < share < 0.19


@given(st.text(alphabet=st.characters(categories=["L", "N", "Zs", "P"]), min_size=1), seeds)
def test_a_text_with_a_word_never_becomes_empty(text: str, seed: int) -> None:
    if any(character.isalnum() for character in text):
        assert augment(text, random.Random(seed)).strip()


def test_marks_of_redaction_are_left_alone() -> None:
    assert all("<PLAQUE>" in variant and "<TEL>" in variant for variant in variants(TEXT))


def test_spaces_are_single_and_none_is_at_an_edge() -> None:
    assert all(variant == " ".join(variant.split()) for variant in variants(TEXT))
