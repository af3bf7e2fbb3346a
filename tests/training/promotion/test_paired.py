"""The paired bootstrap: an equal model is hardly ever called worse, and a worse one is."""

import numpy as np
import pytest

from training.promotion.paired import change_of_f1, change_of_macro_f1, change_of_share

ROWS, CLASSES = 300, 6


def answers(generator: np.random.Generator, truth: np.ndarray, wrong: float) -> np.ndarray:
    """Answers of which such a share is drawn at random."""
    at_random = generator.integers(CLASSES, size=len(truth))
    return np.where(generator.random(len(truth)) < wrong, at_random, truth)


def test_the_same_answers_change_nothing() -> None:
    generator = np.random.default_rng(1)
    truth = generator.integers(CLASSES, size=ROWS)
    said = answers(generator, truth, 0.2)
    assert change_of_macro_f1(truth, said, said).value == 0
    assert {change.value for change in change_of_f1(truth, said, said)} == {0.0}


def test_the_change_of_a_share_is_its_difference() -> None:
    before = np.repeat([True, False], [80, 20])
    after = np.repeat([True, False], [70, 30])
    change = change_of_share(before, after)
    assert change.value == pytest.approx(-0.10)
    assert -0.10 < change.high < 0


def test_a_much_worse_model_is_called_worse() -> None:
    generator = np.random.default_rng(2)
    truth = generator.integers(CLASSES, size=ROWS)
    good, bad = answers(generator, truth, 0.1), answers(generator, truth, 0.4)
    assert change_of_macro_f1(truth, good, bad).high < 0
    assert change_of_macro_f1(truth, bad, good).value > 0


def test_one_class_that_breaks_is_found_among_many() -> None:
    generator = np.random.default_rng(3)
    truth = generator.integers(CLASSES, size=ROWS)
    good = answers(generator, truth, 0.1)
    bad = np.where(truth == 5, (truth + 1) % CLASSES, good)
    worse = [number for number, change in enumerate(change_of_f1(truth, good, bad)) if change.high < 0]
    assert 5 in worse
    assert set(worse) <= {5, 6 % CLASSES}  # what takes its rows in loses too


def test_equally_good_models_are_seldom_called_worse_in_any_class() -> None:
    generator = np.random.default_rng(4)
    alarms = 0
    for _ in range(30):
        truth = generator.integers(CLASSES, size=ROWS)
        one, other = answers(generator, truth, 0.2), answers(generator, truth, 0.2)
        alarms += any(change.high < 0 for change in change_of_f1(truth, one, other))
    assert alarms <= 5  # one in twenty is meant; more than 5 of 30 has a chance below 1 in 100 then


def test_a_class_that_does_not_occur_is_nobodys_fault() -> None:
    truth = np.array([0, 0, 1, 1, 0, 1])
    changes = change_of_f1(truth, truth, np.array([0, 0, 1, 1, 0, 3]))
    assert [changes[number].value for number in (2, 3)] == [0, 0]
    assert not any(changes[number].high < 0 for number in (2, 3))
