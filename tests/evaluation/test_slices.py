"""Slices: which rows belong to which, and what is counted on them."""

from collections.abc import Callable
from typing import Any

import pytest

from evaluation.answers import Answers
from evaluation.slices import SliceFigures, not_french, slice_figures
from triage.corpus import LabelledAlert
from triage.prediction import Decision

ROUTE, REVIEW = Decision.ROUTE, Decision.REVIEW
ROAD, TAG = ("voirie", "voirie", "haute"), ("graffiti", "proprete", "basse")


@pytest.fixture
def slices(answered: Callable[..., Answers]) -> dict[tuple[str, str], SliceFigures]:
    cases: dict[str, Any] = {
        "a": (ROAD, ROAD, ROUTE, 0.8),
        "b": (TAG, ROAD, ROUTE, 0.8),
        "c": (TAG, TAG, REVIEW, 0.8),
        "d": (ROAD, ROAD, ROUTE, 0.8),
    }
    texts = {"a": "trou", "b": "un tag " * 3, "c": "été " * 16, "d": "word " * 31}
    found = slice_figures(answered(cases, texts, {"c": "fr-CA", "d": "en"}))
    return {(item.family, item.name): item for item in found}


def test_a_regional_french_is_french_and_a_mix_is_not() -> None:
    rows = [
        LabelledAlert(id=lang, text="x", category="c", department="d", priority="p", lang=lang)
        for lang in ("fr", "fr-CA", "en", "mul", "frr")
    ]
    assert not_french(tuple(rows)).tolist() == [False, False, True, True, True]


def test_every_family_covers_every_row_once(slices: dict[tuple[str, str], SliceFigures]) -> None:
    families: dict[str, int] = {}
    for (family, _), item in slices.items():
        families[family] = families.get(family, 0) + item.rows
    assert families == {"French": 4, "language": 4, "length": 4, "accents": 4, "category": 4}


def test_words_are_counted_into_lengths(slices: dict[tuple[str, str], SliceFigures]) -> None:
    names = [name for family, name in slices if family == "length"]
    assert names == ["up to 5 words", "6 to 15 words", "16 to 30 words", "over 30 words"]


def test_figures_are_those_of_the_rows_of_the_slice(slices: dict[tuple[str, str], SliceFigures]) -> None:
    french = slices["French", "French"]
    assert french.rows == 3
    assert (french.category, french.department, french.priority) == pytest.approx((2 / 3, 2 / 3, 2 / 3))
    assert french.category_macro_f1 == pytest.approx(2 / 3)  # each class: 1 right, 1 answered or missed beside it
    assert (french.routed.hits, french.routed.total) == (2, 3)
    assert (french.routed_error.hits, french.routed_error.total) == (1, 2)


def test_the_calibration_error_is_that_of_the_category(slices: dict[tuple[str, str], SliceFigures]) -> None:
    assert slices["language", "en"].calibration_error == pytest.approx(0.2)


def test_one_category_has_no_macro_f1(slices: dict[tuple[str, str], SliceFigures]) -> None:
    assert slices["category", "graffiti"].category_macro_f1 is None
    assert slices["category", "graffiti"].category == pytest.approx(0.5)


def test_accents_are_looked_for_in_the_text(slices: dict[tuple[str, str], SliceFigures]) -> None:
    assert slices["accents", "with accents"].rows == 1
    assert slices["accents", "without accents"].rows == 3


def test_slices_of_few_rows_say_so_and_empty_ones_are_left_out(slices: dict[tuple[str, str], SliceFigures]) -> None:
    assert all(item.few for item in slices.values())
    assert ("category", "animaux") not in slices
