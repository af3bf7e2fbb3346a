"""Ways to choose which alerts staff look at, from what the current model says of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from sklearn.cluster import MiniBatchKMeans

from evaluation.benchmarks.learning.learner import Probabilities
from evaluation.metrics import Floats, Integers
from triage.taxonomy import HEADS

# How many times as many alerts as are wanted a choice by variety looks at, best first.
_SPREAD_OVER = 2


@dataclass(frozen=True, slots=True)
class Offered:
    """Alerts without labels: their ids, features of shape (alerts, width), and the model's probabilities."""

    ids: tuple[str, ...]
    features: Floats
    probabilities: Probabilities


class Strategy(Protocol):
    """One way to choose."""

    def order(self, offered: Offered, generator: np.random.Generator) -> Integers:
        """The positions of the alerts in the order in which they are looked at."""


class AtRandom:
    """Any alert, as if staff drew lots."""

    def order(self, offered: Offered, generator: np.random.Generator) -> Integers:
        """Chance alone."""
        return generator.permutation(len(offered.ids))


class LeastConfident:
    """The least probable answers first, the mean of all heads."""

    def order(self, offered: Offered, generator: np.random.Generator) -> Integers:
        """By the probability of the likeliest codes."""
        return _ascending(np.sum([offered.probabilities[head].max(axis=1) for head in HEADS], axis=0), generator)


class SmallestMargin:
    """The closest decisions between two categories first."""

    def order(self, offered: Offered, generator: np.random.Generator) -> Integers:
        """By the distance of the two likeliest categories."""
        best = np.sort(offered.probabilities["category"], axis=1)
        return _ascending(best[:, -1] - best[:, -2], generator)


@dataclass(frozen=True, slots=True)
class Interleaved:
    """By turns the next alert of one way and of another."""

    first: Strategy
    second: Strategy

    def order(self, offered: Offered, generator: np.random.Generator) -> Integers:
        """Each alert once, where it comes up first."""
        orders = self.first.order(offered, generator), self.second.order(offered, generator)
        _, places = np.unique(mixed := np.stack(orders, axis=1).ravel(), return_index=True)
        return mixed[np.sort(places)]


@dataclass(frozen=True, slots=True)
class Spread:
    """Of the first alerts of another way, one of each group of similar texts.

    Args:
        inner: the other way.
        groups: how many alerts are looked at in a round.
    """

    inner: Strategy
    groups: int

    def order(self, offered: Offered, generator: np.random.Generator) -> Integers:
        """The first of each group, then the others."""
        inner = self.inner.order(offered, generator)
        first = inner[: _SPREAD_OVER * self.groups]
        if len(first) <= self.groups:
            return inner
        seed = int(generator.integers(2**31))
        groups = MiniBatchKMeans(self.groups, random_state=seed, n_init=1, batch_size=1024)
        _, leaders = np.unique(groups.fit_predict(offered.features[first]), return_index=True)
        leading = first[np.sort(leaders)]
        return np.concatenate([leading, inner[~np.isin(inner, leading)]])


def standard_strategies(desk: Strategy, batch: int) -> Mapping[str, Strategy]:
    """What is compared; the first is what the others are held against."""
    return {
        "random": AtRandom(),
        "desk": desk,
        "least confident": LeastConfident(),
        "smallest margin": SmallestMargin(),
        "desk, spread": Spread(desk, batch),
        "desk and margin by turns": Interleaved(desk, SmallestMargin()),
    }


def _ascending(values: Floats, generator: np.random.Generator) -> Integers:
    """Positions by value; chance decides between equals."""
    chance = generator.permutation(len(values))
    return chance[np.argsort(values[chance], kind="stable")]
