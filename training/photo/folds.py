"""Leave-one-source-out: pictures of one source share camera, season and watermark, and are never split at random."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from training.photo.pictures import Integers, PictureSet, Texts

Booleans = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Fold:
    """The sources that are left out, and the positions of the pictures to fit and to measure."""

    sources: tuple[str, ...]
    train: Integers
    held_out: Integers


def leave_sources_out(pictures: PictureSet, folds: int, seed: int) -> Iterator[Fold]:
    """Folds that each leave whole sources out; together they measure every picture at most once.

    Sources are dealt out by size, so that folds are of like size. A label that one source alone has
    would be unknown without it: half of its pictures stay in the fit, and only the other half is
    measured, which flatters that label.
    """
    names, counts = np.unique(pictures.sources, return_counts=True)
    members: list[list[str]] = [[] for _ in range(min(folds, len(names)))]
    sizes = [0] * len(members)
    for index in np.argsort(-counts, kind="stable"):
        smallest = int(np.argmin(sizes))
        members[smallest].append(str(names[index]))
        sizes[smallest] += int(counts[index])
    lone = _lone(pictures)
    stays = lone & (np.random.default_rng(seed).random(len(lone)) < 0.5)
    for sources in members:
        left_out = np.isin(pictures.sources, sources)
        yield Fold(tuple(sources), np.flatnonzero(~left_out | stays), np.flatnonzero(left_out & ~stays))


def _lone(pictures: PictureSet) -> Booleans:
    """Whether each picture's label occurs in its source alone."""
    alone = {
        label for label in set(pictures.labels.tolist()) if len(set(pictures.sources[pictures.labels == label])) == 1
    }
    return np.isin(pictures.labels, sorted(alone))


def balanced_weights(labels: Integers, sources: Texts, power: float) -> npt.NDArray[np.float64]:
    """A weight for each picture that makes labels count alike, and within a label its sources.

    Args:
        labels: number of each label, shape (pictures,).
        sources: source of each picture, shape (pictures,).
        power: 0 lets every source of a label count alike, 1 every picture.

    Returns:
        Weights of mean 1, shape (pictures,).
    """
    weights = np.zeros(len(labels))
    for label in np.unique(labels):
        of_label = labels == label
        names, counts = np.unique(sources[of_label], return_counts=True)
        shares = counts**power / (counts**power).sum()
        for name, count, share in zip(names, counts, shares, strict=True):
            weights[of_label & (sources == name)] = share / count
    return np.asarray(weights / weights.mean())
