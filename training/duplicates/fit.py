"""Fits the pair network: all pairs of a few scenes in each step, each text encoded once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from models.networks.pairs import PairNetwork
from training.duplicates.config import DuplicateConfig
from training.duplicates.reading import ReadTexts

Ints = npt.NDArray[np.int64]
_WARM_UP = 0.15
# Fewer tell a pair of two categories apart: the text model has seen the category already.
_OTHER_CATEGORY, _STRANGERS = 0.4, 0.5


@dataclass(frozen=True, slots=True)
class PairSet:
    """Pairs of texts by their positions.

    Attributes:
        one, two: positions of the texts, shape (pairs,).
        same_fault: the truth, shape (pairs,).
        same_category: shape (pairs,).
        scene: the scene of each pair, shape (pairs,): where the two stand near one another.
        weight: shape (pairs,).
    """

    one: Ints
    two: Ints
    same_fault: npt.NDArray[np.bool_]
    same_category: npt.NDArray[np.bool_]
    scene: Ints
    weight: npt.NDArray[np.float64]

    def of(self, rows: npt.NDArray[np.bool_]) -> "PairSet":
        """The pairs that a mask keeps."""
        return PairSet(*(getattr(self, name)[rows] for name in self.__slots__))


def join_pairs(sets: Sequence[PairSet]) -> PairSet:
    """Several sets as one."""
    names = PairSet.__slots__
    return PairSet(*(np.concatenate([getattr(item, name) for item in sets]) for name in names))


def fit_network(
    texts: ReadTexts, pairs: PairSet, category: Ints, config: DuplicateConfig, advance: Callable[[], None]
) -> PairNetwork:
    """Fit a network to pairs; `category` is the true category of each text, -1 where it is unknown."""
    torch.manual_seed(config.seed)
    random = np.random.default_rng(config.seed)
    network = PairNetwork(texts.states.shape[2], config.narrow, config.dropout)
    optimizer = torch.optim.AdamW(network.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay)
    scenes = [np.flatnonzero(pairs.scene == scene) for scene in np.unique(pairs.scene)]
    steps = -(-len(scenes) // config.scenes)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, config.learning_rate, total_steps=config.epochs * steps + 1, pct_start=_WARM_UP
    )
    network.train()
    for _ in range(config.epochs):
        order = random.permutation(len(scenes))
        for step in range(steps):
            rows = np.concatenate([scenes[scene] for scene in order[step * config.scenes : (step + 1) * config.scenes]])
            batch = _with_strangers(pairs, rows, category, config.strangers, random)
            loss = _loss(network, texts, *batch)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            advance()
    return network.eval()


def steps_of(pairs: PairSet, config: DuplicateConfig) -> int:
    """How often `fit_network` advances."""
    return config.epochs * -(-len(np.unique(pairs.scene)) // config.scenes)


def _with_strangers(
    pairs: PairSet, rows: Ints, category: Ints, share: float, random: np.random.Generator
) -> tuple[Ints, Ints, Tensor, Tensor]:
    """The pairs of a step, and some of texts of two scenes and one category: two faults for sure."""
    one, two = pairs.one[rows], pairs.two[rows]
    weight = pairs.weight[rows] * np.where(pairs.same_category[rows], 1.0, _OTHER_CATEGORY)
    home = dict(zip(one.tolist(), pairs.scene[rows].tolist(), strict=True))
    home |= dict(zip(two.tolist(), pairs.scene[rows].tolist(), strict=True))
    known = np.array([text for text in home if category[text] >= 0], np.int64)
    wanted = int(len(rows) * share) if len(known) else 0
    first, second = (random.choice(known, wanted * 8) if wanted else known[:0] for _ in range(2))
    apart = np.array([home[a] != home[b] for a, b in zip(first, second, strict=True)], bool)
    kept = np.flatnonzero(apart & (category[first] == category[second]))[:wanted]
    truth = np.concatenate([pairs.same_fault[rows], np.zeros(len(kept), bool)])
    weights = np.concatenate([weight, np.full(len(kept), _STRANGERS)])
    one, two = np.concatenate([one, first[kept]]), np.concatenate([two, second[kept]])
    return one, two, torch.from_numpy(truth.astype(np.float32)), torch.from_numpy(weights.astype(np.float32))


def _loss(network: PairNetwork, texts: ReadTexts, one: Ints, two: Ints, truth: Tensor, weight: Tensor) -> Tensor:
    used, positions = np.unique(np.concatenate([one, two]), return_inverse=True)
    lengths = texts.lengths[used]
    longest = int(lengths.max())
    states = torch.from_numpy(texts.states[used, :longest].astype(np.float32))
    mask = torch.from_numpy((np.arange(longest)[None] < lengths[:, None]).astype(np.float32))
    narrow = network.encoder(states)
    first, second = positions[: len(one)], positions[len(one) :]
    logits = network.comparison(narrow[first], mask[first], narrow[second], mask[second])
    return binary_cross_entropy_with_logits(logits, truth, weight=weight)
