"""Augmentation: the same alert as another thumb would have typed it, and nothing worse."""

import random
import re
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from training.augmentation import add_typos, augment, strip_accents, strip_punctuation

TEXT = "Réverbère éteint devant l'école, rue Févret : c'est dangereux ! Plaque <PLAQUE>, tel <TEL>."
seeds = st.integers(0, 2**32)


def variants(text: str, count: int = 400) -> list[str]:
    generator = random.Random(13)
    return [augment(text, generator) for _ in range(count)]


def test_accents_are_lost_and_letters_are_kept() -> None:
    assert strip_accents("Évacué à l'été, garçon naïf, Noël, ÇA") == "Evacue a l'ete, garcon naif, Noel, CA"


def test_accents_written_as_combining_marks_are_lost_too() -> None:
    assert strip_accents(unicodedata.normalize("NFD", "éàç")) == "eac"


def test_letters_that_are_no_accented_form_stay() -> None:
    assert strip_accents("œuf, straße, łódź") == "œuf, straße, łodz"


@given(st.text())
def test_a_text_without_accents_is_not_changed_again(text: str) -> None:
    once = strip_accents(text)
    assert strip_accents(once) == once


def test_punctuation_becomes_spaces_and_marks_stay_whole() -> None:
    assert strip_punctuation(TEXT) == (
        "Réverbère éteint devant l école rue Févret c est dangereux Plaque <PLAQUE> tel <TEL>"
    )


@given(st.text())
def test_a_text_without_punctuation_has_single_spaces_and_no_edges(text: str) -> None:
    stripped = strip_punctuation(text)
    assert stripped == stripped.strip()
    assert "  " not in stripped
    assert not re.search(r"[.,;:!?'’\"()]", stripped)


def test_without_a_rate_no_word_slips() -> None:
    assert add_typos(TEXT, 0.0, random.Random(1)) == TEXT


@given(st.text(), st.floats(0, 1), seeds)
def test_slips_change_neither_the_number_of_words_nor_their_first_letters(text: str, rate: float, seed: int) -> None:
    words, slipped = text.split(" "), add_typos(text, rate, random.Random(seed)).split(" ")
    assert len(slipped) >= len(words) if " " in text else True
    assert [word[:1] for word in slipped][: len(words)] == [word[:1] for word in words]


@given(st.text(alphabet="abcdefghij ", min_size=1), seeds)
def test_short_words_never_slip(text: str, seed: int) -> None:
    words, slipped = text.split(" "), add_typos(text, 1.0, random.Random(seed)).split(" ")
    assert all(after == before for before, after in zip(words, slipped, strict=True) if len(before) <= 3)


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz", min_size=4), seeds)
def test_a_slip_adds_or_drops_at_most_one_letter(word: str, seed: int) -> None:
    assert abs(len(add_typos(word, 1.0, random.Random(seed))) - len(word)) <= 1


def test_about_the_stated_share_of_long_words_slips() -> None:
    words = ["lampadaire"] * 4000
    slipped = add_typos(" ".join(words), 0.15, random.Random(2)).split(" ")
    share = sum(word != "lampadaire" for word in slipped) / len(words)
    assert 0.12 < share < 0.18


def test_the_same_generator_gives_the_same_texts() -> None:
    assert variants(TEXT) == variants(TEXT)


def test_a_text_often_stays_as_it_is() -> None:
    share = sum(variant == TEXT for variant in variants(TEXT)) / 400
    assert 0.2 < share < 0.45


def test_each_way_of_typing_occurs() -> None:
    found = variants(TEXT)
    assert any(variant == variant.upper() for variant in found)
    assert any(variant.replace("<PLAQUE>", "").replace("<TEL>", "").islower() for variant in found)
    assert any("éteint" not in variant and "eteint" in variant for variant in found)
    assert any("," not in variant for variant in found)
    assert len(set(found)) > 50


@given(st.text(alphabet=st.characters(categories=["L", "N", "Zs", "P"]), min_size=1), seeds)
def test_a_text_with_a_word_never_becomes_empty(text: str, seed: int) -> None:
    if any(character.isalnum() for character in text):
        assert augment(text, random.Random(seed)).strip()


def test_marks_of_redaction_are_left_alone() -> None:
    assert all("<PLAQUE>" in variant and "<TEL>" in variant for variant in variants(TEXT))
