"""The measures of a pair, and the phrases that a person reads of them."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from triage.duplicates.evidence import MEASURES, Likeness, levels, measure
from triage.duplicates.report import Report
from triage.duplicates.rules import DuplicateRules

MakeReport = Callable[..., Report]
Measure = Callable[..., dict[str, float | None]]
Say = Callable[..., tuple[str, ...]]

ALIKE = Likeness(meaning=2.0, topic=0.8, letters=0.5, words=0.4, rare=3.0, category=0.7, area=0.0)
MEANING_LEVELS = (0.0, 1.5)


@pytest.fixture
def taken(rules: DuplicateRules, report: MakeReport) -> Measure:
    """Measures of two reports, the later an hour and 30 m from the earlier unless told otherwise."""

    def take(
        later: Mapping[str, Any] | None = None, earlier: Mapping[str, Any] | None = None, likeness: Likeness = ALIKE
    ) -> dict[str, float | None]:
        new = report(**{"name": "new", "hours": 1, "north_m": 30, **(later or {})})
        return measure(new, report(**{"name": "old", **(earlier or {})}), likeness, rules)

    return take


@pytest.fixture
def said(taken: Measure) -> Say:
    """Phrases for a pair, some of whose measures are given."""
    return lambda **measures: levels(taken() | measures, MEANING_LEVELS)


# Measures


def test_every_measure_is_taken_in_the_order_that_the_model_reads(taken: Measure) -> None:
    assert tuple(taken()) == MEASURES


def test_distance_and_time_are_measured_in_metres_and_hours(taken: Measure) -> None:
    found = taken()
    assert found["distance"] == pytest.approx(30, abs=0.1)
    assert (found["gap"], found["window"]) == (1, 60)
    assert found["gap_share"] == pytest.approx(1 / (24 * 60))


def test_a_gap_is_as_long_either_way(taken: Measure) -> None:
    assert taken({"hours": -5})["gap"] == 5


def test_the_window_is_that_of_the_later_ones_category(taken: Measure, rules: DuplicateRules) -> None:
    window = rules.reach("eau_assainissement").days
    assert window != rules.reach("voirie").days
    found = taken({"category": "eau_assainissement", "hours": 24 * window / 2}, {"category": "voirie"})
    assert (found["window"], found["gap_share"]) == (window, 0.5)


def test_what_models_say_is_handed_on(taken: Measure) -> None:
    found = taken()
    assert [found[name] for name in ("meaning", "topic", "letters", "words", "rare", "category")] == [
        2.0,
        0.8,
        0.5,
        0.4,
        3.0,
        0.7,
    ]


def test_a_text_that_is_missing_has_measures_that_are_missing(taken: Measure) -> None:
    nothing = Likeness(meaning=None, topic=None, letters=None, words=None, rare=None, category=0.2, area=0.0)
    found = taken({"text": ""}, likeness=nothing)
    assert [name for name, value in found.items() if value is None] == ["meaning", "topic", "letters", "words", "rare"]
    assert found["shortest"] == 0


@pytest.mark.parametrize(
    ("hints", "expected"), [(("lamp", "lamp"), 1), (("lamp", "road"), 0), (("lamp", None), 0.7), ((None, "lamp"), 0.7)]
)
def test_categories_that_callers_named_are_believed_where_both_did(
    taken: Measure, hints: tuple[str | None, str | None], expected: float
) -> None:
    assert taken({"hint": hints[0]}, {"hint": hints[1]})["category"] == expected


@pytest.mark.parametrize(
    ("name", "one", "two", "other"),
    [
        ("house", "au 12 rue Monge", "devant le 12", "devant le 14"),
        ("number", "arrêt L3", "au L3 direction centre", "arrêt L4"),
        ("name", "rue Monge", "place Monge", "rue Berbisey"),
        ("code", "lampe EP 0123", "ep0123", "ep0124"),
    ],
)
def test_what_both_name_speaks_for_and_what_differs_against(
    taken: Measure, name: str, one: str, two: str, other: str
) -> None:
    values = [taken({"text": one}, {"text": text})[name] for text in (two, other, "lampe morte")]
    assert values == [1, -1, 0]


def test_plates_are_compared_by_their_digests(taken: Measure) -> None:
    plates = {"plates": frozenset({"digest one", "digest two"})}
    others = ({"plates": frozenset({"digest two"})}, {"plates": frozenset({"digest three"})}, {})
    assert [taken(plates, other)["plate"] for other in others] == [1, -1, 0]


def test_words_of_recurrence_count_in_the_later_one_alone(taken: Measure) -> None:
    text = {"text": "encore une autre lampe, nettoyée, toujours là"}
    flags = ("again", "cleared", "known", "other")
    assert [taken(text)[flag] for flag in flags] == [1, 1, 1, 1]
    assert [taken(None, text)[flag] for flag in flags] == [0, 0, 0, 0]


@pytest.mark.parametrize(("later", "earlier"), [("bravo", "lampe"), ("lampe", "bravo"), ("bravo", "bravo")])
def test_thanks_count_in_either(taken: Measure, later: str, earlier: str) -> None:
    assert taken({"text": later}, {"text": earlier})["thanks"] == 1


def test_the_shorter_text_counts(taken: Measure) -> None:
    assert taken({"text": "trois mots là"}, {"text": "lampe"})["shortest"] == 1


@pytest.mark.parametrize("side", ["lat", "lon"])
def test_reports_without_a_place_cannot_be_compared(taken: Measure, side: str) -> None:
    for fields in ({side: None}, {"lat": None, "lon": None}):
        with pytest.raises(ValueError, match="with a place"):
            taken(fields)
        with pytest.raises(ValueError, match="with a place"):
            taken(None, fields)


# Phrases


@pytest.mark.parametrize(
    ("measures", "phrase"),
    [
        ({"category": 0.5}, "same category"),
        ({"category": 0.49}, "other category"),
        ({"distance": 25.0}, "within 25 m"),
        ({"distance": 25.1}, "within 50 m"),
        ({"distance": 100.0}, "within 100 m"),
        ({"distance": 100.1}, "over 100 m apart"),
        ({"gap": 1.0}, "within an hour"),
        ({"gap": 1.1}, "within a day"),
        ({"gap": 168.0}, "within a week"),
        ({"gap": 168.1}, "over a week apart"),
        ({"meaning": 1.5}, "text very similar"),
        ({"meaning": 0.0}, "text similar"),
        ({"house": 1.0}, "same house number"),
        ({"house": -1.0}, "other house number"),
        ({"number": -1.0}, "other number"),
        ({"name": 1.0}, "same street or place named"),
        ({"code": -1.0}, "other plate or code"),
        ({"plate": 1.0}, "same plate"),
        ({"again": 1.0}, "says again"),
        ({"cleared": 1.0}, "speaks of cleaning or repair"),
        ({"known": 1.0}, "says it is known"),
        ({"other": 1.0}, "says it is another"),
        ({"thanks": 1.0}, "says it is done"),
        ({"area": 2.0}, "whole area"),
    ],
)
def test_a_measure_is_said_in_words(said: Say, measures: dict[str, float], phrase: str) -> None:
    assert phrase in said(**measures)


def test_what_says_nothing_is_not_said(said: Say) -> None:
    assert said(meaning=-1.0) == ("same category", "within 50 m", "within an hour")
    assert said(meaning=None) == said(meaning=-1.0)


def test_category_distance_and_time_come_first_and_once_each(said: Say) -> None:
    phrases = said(distance=10.0, gap=30.0, house=1.0, again=1.0, area=2.0)
    assert phrases[:3] == ("same category", "within 25 m", "within a week")
    assert len(set(phrases)) == len(phrases)
