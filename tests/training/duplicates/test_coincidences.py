"""Two faults at one place: which reports are put together, and where."""

from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from evaluation.duplicate_corpus import LinkedReport
from training.duplicates.coincidences import draw_coincidences, moved
from training.duplicates.examples import Examples
from training.duplicates.fit import PairSet
from triage.duplicates.report import Report

MOMENT = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def examples() -> Examples:
    """Eight scenes of two duplicates each, by two hands, of two categories in turn; the last two reports are areas."""
    scenes = tuple(
        LinkedReport(
            id=str(number),
            text="",
            lat=47.3,
            lon=5.0,
            created_at=MOMENT,
            category="voirie",
            fault=f"s{number // 2}/A",
            hand=f"hand {number % 2}",
            area=number >= 14,
            covered_by=None,
        )
        for number in range(16)
    )
    one = np.arange(0, 16, 2)
    always = np.ones(8, bool)
    pairs = PairSet(one, one + 1, always, always, one // 2, np.ones(8))
    fold = (np.arange(16) // 4) % 2
    category = (np.arange(16) // 2) % 2
    found: Any = SimpleNamespace(scenes=scenes, scene_pairs=pairs, fold=fold, category=category)
    return cast(Examples, found)


def test_a_stranger_of_the_same_group_stands_in_for_a_duplicate(examples: Examples) -> None:
    found = draw_coincidences(examples, 3, seed=1)
    one, two = found.pairs.one, found.pairs.two
    assert len(one) == 24
    assert (found.stands_in_for == one + 1).all()
    assert (examples.fold[one] == examples.fold[two]).all()
    assert (examples.category[one] != examples.category[two]).all()
    assert all(examples.scenes[a].scene != examples.scenes[b].scene for a, b in zip(one, two, strict=True))


def test_coincidences_are_two_faults_of_two_categories(examples: Examples) -> None:
    pairs = draw_coincidences(examples, 1, seed=1).pairs
    assert not pairs.same_fault.any()
    assert not pairs.same_category.any()


def test_the_report_of_an_area_is_no_stranger(examples: Examples) -> None:
    assert draw_coincidences(examples, 3, seed=1).pairs.two.max() < 14


def test_the_same_seed_draws_the_same(examples: Examples) -> None:
    first, again, other = (draw_coincidences(examples, 3, seed).pairs.two.tolist() for seed in (1, 1, 2))
    assert first == again != other


def test_none_are_drawn_where_none_are_wanted(examples: Examples) -> None:
    assert len(draw_coincidences(examples, 0, seed=1).stands_in_for) == 0


def test_a_stranger_keeps_its_words_and_comes_from_where_and_when_the_duplicate_did() -> None:
    stranger = Report(id="a", text="chien errant", lat=1.0, lon=2.0, created_at=MOMENT)
    duplicate = replace(stranger, id="b", text="lampe", lat=3.0, lon=4.0, created_at=MOMENT.replace(day=5))
    found = moved(stranger, duplicate)
    assert (found.id, found.text) == ("a", "chien errant")
    assert (found.lat, found.lon, found.created_at) == (3.0, 4.0, duplicate.created_at)
