"""The fit: the loss falls, the same seed gives the same weights, and their moving average is what remains."""

import copy
from collections.abc import Callable

import numpy as np
import pytest
import torch

from training.photo.fit import Fitting, Tuned, answer, fit, steps_of

MakeFitting = Callable[..., Fitting]

ALL = np.arange(48)


def fitted(tuned: Tuned, fitting: Fitting, rows: np.ndarray = ALL) -> tuple[Tuned, list[float]]:
    """A fitted copy, and the loss of each step."""
    losses: list[float] = []
    return fit(copy.deepcopy(tuned), fitting, rows, losses.append), losses


def weights(tuned: Tuned) -> torch.Tensor:
    return torch.cat([value.flatten() for value in tuned.state_dict().values()])


def accuracy(tuned: Tuned, fitting: Fitting) -> float:
    return float((answer(tuned, fitting.views, ALL).argmax(axis=1) == fitting.pictures.labels).mean())


@pytest.mark.parametrize("mixing", [0.0, 0.4])
@pytest.mark.parametrize("average_decay", [0.0, 0.8])
def test_the_loss_falls_and_the_kinds_are_told_apart(
    tuned: Tuned, make_fitting: MakeFitting, mixing: float, average_decay: float
) -> None:
    fitting = make_fitting(mixing=mixing, average_decay=average_decay)
    found, losses = fitted(tuned, fitting)
    assert np.mean(losses[-5:]) < 0.7 * np.mean(losses[:5])
    assert accuracy(found, fitting) == 1.0


def test_a_fit_tells_of_every_step(tuned: Tuned, make_fitting: MakeFitting) -> None:
    fitting = make_fitting(epochs=3, batch_size=10)
    assert len(fitted(tuned, fitting)[1]) == steps_of(fitting.config, 48) == 14


def test_a_fit_takes_two_steps_at_least(tuned: Tuned, make_fitting: MakeFitting) -> None:
    # One step has no schedule.
    fitting = make_fitting(epochs=1, batch_size=48)
    assert len(fitted(tuned, fitting, ALL[:10])[1]) == steps_of(fitting.config, 10) == 2


def test_the_same_seed_gives_the_same_weights_and_another_does_not(tuned: Tuned, make_fitting: MakeFitting) -> None:
    one, two, other = (fitted(tuned, make_fitting(seed=seed, epochs=2))[0] for seed in (1, 1, 2))
    assert torch.equal(weights(one), weights(two))
    assert not torch.equal(weights(one), weights(other))


def test_the_moving_average_of_the_weights_remains(tuned: Tuned, make_fitting: MakeFitting) -> None:
    last, averaged, slow = (fitted(tuned, make_fitting(average_decay=decay, epochs=4))[0] for decay in (0.0, 0.5, 0.99))
    way = [float((weights(found) - weights(tuned)).norm()) for found in (slow, averaged, last)]
    assert way == sorted(way)
    assert way[0] < way[2]


def test_only_the_given_pictures_are_fitted(tuned: Tuned, make_fitting: MakeFitting) -> None:
    fitting = make_fitting()
    foreign = copy.deepcopy(fitting)
    foreign.views.maps[40:] = 9.0
    one, two = fitted(tuned, fitting, ALL[:40])[0], fitted(tuned, foreign, ALL[:40])[0]
    assert torch.equal(weights(one), weights(two))


def test_pictures_of_a_rare_label_are_drawn_as_often(tuned: Tuned, make_fitting: MakeFitting) -> None:
    fitting = make_fitting()
    rows = np.concatenate([ALL[fitting.pictures.labels != 2], ALL[fitting.pictures.labels == 2][:2]])
    found, _ = fitted(tuned, fitting, rows)
    assert accuracy(found, fitting) > 0.9


def test_statistics_of_batches_stay_those_of_the_backbone(make_fitting: MakeFitting, tuned: Tuned) -> None:
    with_norm = Tuned(torch.nn.Sequential(tuned.stages, torch.nn.BatchNorm2d(8)), tuned.head)
    found, _ = fitted(with_norm, make_fitting(epochs=2))
    norm = found.stages[1]  # type: ignore[index]
    assert not norm.running_mean.any()
    assert (norm.running_var == 1).all()


# Answers


def test_answers_come_for_the_plain_view_in_the_order_asked_for(tuned: Tuned, make_fitting: MakeFitting) -> None:
    fitting = make_fitting()
    plain = answer(tuned, fitting.views, ALL)
    fitting.views.maps[:, 1] = 0
    rows = ALL[::-1].copy()
    np.testing.assert_allclose(answer(tuned, fitting.views, rows), plain[rows], atol=1e-5)


def test_more_pictures_than_are_read_at_once_get_the_same_answers(tuned: Tuned, make_fitting: MakeFitting) -> None:
    fitting = make_fitting()
    many = answer(tuned, fitting.views, np.tile(ALL, 3))
    np.testing.assert_allclose(many, np.tile(answer(tuned, fitting.views, ALL), (3, 1)), atol=1e-5)


def test_no_pictures_have_no_answers(tuned: Tuned, make_fitting: MakeFitting) -> None:
    """A fold may have none to measure: all its pictures are of lone labels, and stay in the fit."""
    assert answer(tuned, make_fitting().views, ALL[:0]).shape == (0, 3)
