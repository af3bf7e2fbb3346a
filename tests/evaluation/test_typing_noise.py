"""Typing noise: what a thumb does to a text, and nothing worse."""

import random
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.typing_noise import add_typos, change_between_marks, slip_words, strip_accents, strip_punctuation

TEXT = "Réverbère éteint devant l'école, rue Févret : c'est dangereux ! Plaque <PLAQUE>, tel <TEL>."
seeds = st.integers(0, 2**32)


def changed_words(text: str, other: str) -> int:
    return sum(one != two for one, two in zip(text.split(" "), other.split(" "), strict=True))


# Accents and punctuation


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


# Slips at a rate


def test_without_a_rate_no_word_slips() -> None:
    assert add_typos(TEXT, 0.0, random.Random(1)) == TEXT


@given(st.text(), st.floats(0, 1), seeds)
def test_slips_change_neither_the_number_of_words_nor_their_first_letters(text: str, rate: float, seed: int) -> None:
    words, slipped = text.split(" "), add_typos(text, rate, random.Random(seed)).split(" ")
    assert len(slipped) == len(words)
    assert [word[:1] for word in slipped] == [word[:1] for word in words]


@given(st.text(alphabet="abcdefghij ", min_size=1), seeds)
def test_short_words_never_slip(text: str, seed: int) -> None:
    words, slipped = text.split(" "), add_typos(text, 1.0, random.Random(seed)).split(" ")
    assert all(after == before for before, after in zip(words, slipped, strict=True) if len(before) <= 3)


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz", min_size=4), seeds)
def test_a_slip_adds_or_drops_at_most_one_letter(word: str, seed: int) -> None:
    assert abs(len(add_typos(word, 1.0, random.Random(seed))) - len(word)) <= 1


def test_about_the_stated_share_of_long_words_slips() -> None:
    words = " ".join(["lampadaire"] * 4000)
    assert 0.12 < changed_words(words, add_typos(words, 0.15, random.Random(2))) / 4000 < 0.18


# Slips of a share


@pytest.mark.parametrize(("words", "slips"), [(10, 1), (20, 2), (50, 5)])
def test_a_whole_number_of_words_slips_exactly(words: int, slips: int) -> None:
    text = " ".join(["bcdfghjk"] * words)  # all letters differ, so that every slip shows
    for seed in range(20):
        assert changed_words(text, slip_words(text, 0.1, random.Random(seed))) == slips


def test_a_share_of_less_than_a_word_holds_on_average() -> None:
    text = "bcdfghjk bcdfghjk bcdfghjk bcdfghjk"
    slipped = [changed_words(text, slip_words(text, 0.1, random.Random(seed))) for seed in range(2000)]
    assert set(slipped) == {0, 1}
    assert sum(slipped) / len(slipped) == pytest.approx(0.4, abs=0.04)


def test_where_too_few_words_are_long_enough_all_of_those_slip() -> None:
    text = "le feu est en bas du bcdfghjk"
    assert changed_words(text, slip_words(text, 1.0, random.Random(3))) == 1
    assert slip_words("le feu est bas", 1.0, random.Random(3)) == "le feu est bas"


# Marks


def test_changes_apply_one_after_the_other_to_what_stands_between_marks() -> None:
    found = change_between_marks(TEXT, [strip_accents, str.upper])
    assert found == "REVERBERE ETEINT DEVANT L'ECOLE, RUE FEVRET : C'EST DANGEREUX ! PLAQUE <PLAQUE>, TEL <TEL>."


def test_a_mark_alone_and_no_change_at_all_leave_the_text() -> None:
    assert change_between_marks("<TEL>", [str.lower]) == "<TEL>"
    assert change_between_marks(TEXT, []) == TEXT
