"""Folds leave whole sources out, and weights let labels and sources count alike."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.photo.folds import balanced_weights, leave_sources_out
from training.photo.pictures import PictureSet

MakePictures = Callable[..., PictureSet]

rows = st.lists(st.tuples(st.integers(0, 3), st.sampled_from("abcde")), min_size=2, max_size=60)


def is_lone(pictures: PictureSet) -> np.ndarray:
    """Whether one source alone has each picture's label."""
    sources = [set(pictures.sources[pictures.labels == label].tolist()) for label in pictures.labels]
    return np.array([len(found) == 1 for found in sources])


@settings(deadline=None)
@given(rows, st.integers(2, 8), st.integers(0, 100))
def test_no_source_is_fitted_and_measured_in_one_fold_but_for_lone_labels(
    make_pictures: MakePictures, drawn: list[tuple[int, str]], folds: int, seed: int
) -> None:
    pictures = make_pictures([label for label, _ in drawn], [source for _, source in drawn])
    lone = is_lone(pictures)
    measured: list[int] = []
    for fold in leave_sources_out(pictures, folds, seed):
        assert not set(fold.train.tolist()) & set(fold.held_out.tolist())
        assert set(pictures.sources[fold.held_out].tolist()) <= set(fold.sources)
        shared = np.isin(pictures.sources[fold.train], list(fold.sources))
        assert lone[fold.train[shared]].all()
        measured += fold.held_out.tolist()
    assert len(measured) == len(set(measured))
    assert set(np.flatnonzero(~lone).tolist()) <= set(measured)


def test_there_are_no_more_folds_than_sources_and_each_source_is_left_out_once(make_pictures: MakePictures) -> None:
    pictures = make_pictures([0, 1] * 6, list("aabbccddeeff"))
    for folds, expected in ((3, 3), (6, 6), (20, 6)):
        found = list(leave_sources_out(pictures, folds, 0))
        assert len(found) == expected
        assert sorted(source for fold in found for source in fold.sources) == list("abcdef")


def test_folds_are_of_like_size(make_pictures: MakePictures) -> None:
    sizes = {"a": 40, "b": 20, "c": 20, "d": 10, "e": 10, "f": 20}
    sources = [name for name, size in sizes.items() for _ in range(size)]
    pictures = make_pictures([number % 2 for number in range(len(sources))], sources)
    assert [len(fold.held_out) for fold in leave_sources_out(pictures, 3, 0)] == [40, 40, 40]


def test_half_of_a_lone_label_stays_in_the_fit_and_the_other_half_is_measured(make_pictures: MakePictures) -> None:
    pictures = make_pictures([0] * 200 + [1] * 50 + [1] * 50, ["a"] * 250 + ["b"] * 50)
    of_a = next(fold for fold in leave_sources_out(pictures, 2, 0) if fold.sources == ("a",))
    stays, measured = ((pictures.labels[side] == 0).sum() for side in (of_a.train, of_a.held_out))
    assert stays + measured == 200
    assert 70 < stays < 130


def test_the_drawn_folds_are_the_same_again(pictures: PictureSet) -> None:
    one, two = ([fold.held_out.tolist() for fold in leave_sources_out(pictures, 2, 5)] for _ in range(2))
    other = [fold.held_out.tolist() for fold in leave_sources_out(pictures, 2, 6)]
    assert one == two
    assert one != other  # another half of the lone label


# Weights


@settings(deadline=None)
@given(rows, st.floats(0, 1))
def test_weights_have_a_mean_of_one_and_every_label_counts_alike(drawn: list[tuple[int, str]], power: float) -> None:
    labels, sources = np.array([label for label, _ in drawn]), np.array([source for _, source in drawn])
    weights = balanced_weights(labels, sources, power)
    assert weights.mean() == pytest.approx(1)
    assert (weights > 0).all()
    totals = [weights[labels == label].sum() for label in np.unique(labels)]
    assert totals == pytest.approx([len(labels) / len(totals)] * len(totals))


@pytest.mark.parametrize(("power", "expected"), [(0.0, [1, 1]), (0.5, [3, 1]), (1.0, [9, 1])])
def test_the_power_says_how_much_a_large_source_counts(power: float, expected: list[float]) -> None:
    sources = np.array(["large"] * 9 + ["small"])
    weights = balanced_weights(np.zeros(10, int), sources, power)
    totals = np.array([weights[sources == name].sum() for name in ("large", "small")])
    assert totals / totals[1] == pytest.approx(expected)
