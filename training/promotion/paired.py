"""How two models differ on the same rows, beyond noise: a paired bootstrap over sums of rows."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from evaluation.metrics import Booleans, Floats, Integers

ROUNDS = 4000
CHANCE = 0.05  # that an equally good model is called worse
_BLOCK = 4_000_000  # weights held at once


@dataclass(frozen=True, slots=True)
class Change:
    """How much more the challenger has than the champion: in all rows, and at most in all but unlikely draws of them.

    Attributes:
        value: the difference; below 0, the challenger has less.
        high: with the chance stated, the difference of an equally good one lies higher; below 0, it is worse indeed.
    """

    value: float
    high: float


def resampled(columns: Floats, rounds: int = ROUNDS, seed: int = 13) -> Iterator[Floats]:
    """Sums of columns, shape (rows, columns), over rows drawn with replacement, block by block of draws.

    Equal seeds draw equal rows, so differences of columns are differences of models on the same rows.
    """
    rows = len(columns)
    generator = np.random.default_rng(seed)
    step = max(1, _BLOCK // max(1, rows))
    for start in range(0, rounds, step):
        weights = generator.multinomial(rows, np.full(rows, 1 / rows), min(step, rounds - start))
        yield weights @ columns


def change_of_share(champion: Booleans, challenger: Booleans, chance: float = CHANCE) -> Change:
    """The change of the share of rows that hold."""
    gained = challenger.astype(float) - champion.astype(float)
    draws = np.concatenate(list(resampled(gained[:, None]))).ravel() / len(gained)
    return Change(float(gained.mean()), float(np.quantile(draws, 1 - chance)))


def change_of_f1(truth: Integers, champion: Integers, challenger: Integers, chance: float = CHANCE) -> list[Change]:
    """The change of the F1 of each class from 0 to the largest; the chance holds for all of them together."""
    classes = int(max(truth.max(), champion.max(), challenger.max())) + 1
    draws = _f1_draws(truth, champion, challenger, classes)
    whole = _f1(_columns(truth, champion, challenger, classes).sum(axis=0)[None])
    # Where a class does not occur, neither model can be worse.
    values = np.nan_to_num(whole[1, 0] - whole[0, 0])
    highs = np.quantile(np.nan_to_num(draws[1] - draws[0]), 1 - chance / len(np.unique(truth)), axis=0)
    return [Change(float(value), float(high)) for value, high in zip(values, highs, strict=True)]


def change_of_macro_f1(truth: Integers, champion: Integers, challenger: Integers, chance: float = CHANCE) -> Change:
    """The change of macro-F1 over the classes that occur in the truth."""
    classes = int(max(truth.max(), champion.max(), challenger.max())) + 1
    means = np.nanmean(_f1_draws(truth, champion, challenger, classes), axis=2)
    whole = np.nanmean(_f1(_columns(truth, champion, challenger, classes).sum(axis=0)[None]), axis=2)
    return Change(float(whole[1, 0] - whole[0, 0]), float(np.quantile(means[1] - means[0], 1 - chance)))


def _columns(truth: Integers, champion: Integers, challenger: Integers, classes: int) -> Floats:
    """Of each row and class: whether it is that class, then for each model whether it said so and whether rightly."""
    ones = np.eye(classes)
    true, first, second = ones[truth], ones[champion], ones[challenger]
    return np.concatenate([true, first, first * true, second, second * true], axis=1)


def _f1_draws(truth: Integers, champion: Integers, challenger: Integers, classes: int) -> Floats:
    """F1 in each draw, shape (models, draws, classes)."""
    return np.concatenate([_f1(sums) for sums in resampled(_columns(truth, champion, challenger, classes))], axis=1)


def _f1(sums: Floats) -> Floats:
    """F1 of both models by class, from sums of `_columns`; not a number where a class does not occur in the truth."""
    true, first, first_right, second, second_right = np.split(sums, 5, axis=1)
    with np.errstate(invalid="ignore"):
        both = np.stack([2 * first_right / (true + first), 2 * second_right / (true + second)])
    return np.where(true > 0, both, np.nan)
