"""What the model reads: neither capitals nor politeness, everything else as it was typed."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.reading import as_read

FAULT = "le lampadaire du 12 rue Monge ne marche plus"


@pytest.mark.parametrize(
    "opening",
    ["Bonjour, ", "Bonjour Madame, Monsieur, ", "BONSOIR ", "slt ", "Bonjour je vous signale que ", "Hello! "],
)
def test_an_opening_formula_is_not_read(opening: str) -> None:
    assert as_read(opening + FAULT) == FAULT


@pytest.mark.parametrize("closing", [". Merci d'avance.", ", cordialement", " svp", ". Merci, bonne journée !"])
def test_a_closing_formula_is_not_read(closing: str) -> None:
    assert as_read(FAULT + closing) == FAULT


@pytest.mark.parametrize("text", ["bonjour", "Bonjour, merci", "merci beaucoup", "svp", "Bonjour Madame", ""])
def test_a_text_of_nothing_but_politeness_is_read_whole(text: str) -> None:
    assert as_read(text) == text


@pytest.mark.parametrize(
    "text", [FAULT, "merci pour les fleurs du parc", "Monsieur bruyant au deuxième étage tous les soirs"[9:]]
)
def test_other_texts_are_read_as_typed(text: str) -> None:
    assert as_read(text) == text


def test_capitals_are_read_as_small_letters_and_marks_as_they_are() -> None:
    assert as_read("VOITURE <PLAQUE> SUR LE TROTTOIR") == "voiture <PLAQUE> sur le trottoir"
    assert as_read("Panneau STOP couché par terre") == "Panneau STOP couché par terre"


@given(st.text())
def test_something_is_left_of_every_text(text: str) -> None:
    assert bool(as_read(text).strip()) == bool(text.strip())


@pytest.mark.parametrize("piece", [" ", ",", "bonjour ", "merci ", ". svp", "madame,", "- "])
def test_no_text_makes_reading_slow(piece: str) -> None:
    started = time.perf_counter()
    as_read(piece * (5000 // len(piece)))
    assert time.perf_counter() - started < 0.5
