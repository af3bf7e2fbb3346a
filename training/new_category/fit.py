"""Fits the upper layers and the heads of a text network to a grown taxonomy, without forgetting the old one.

The lower layers stay, and with them everything that reads their states. Rehearsed rows of the corpus are held to what
the bundle answered before (Li and Hoiem, 2018, "Learning without Forgetting") and to their labels; the few examples of
the new category are told several times an epoch.
"""

import copy
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from models.networks.text import TextNetwork
from models.text import TextDescription
from training.new_category.config import GrowthConfig
from training.new_category.states import ReadTexts, batches, padded
from triage.corpus import LabelledAlert
from triage.taxonomy import HEADS, Head, Taxonomy


@dataclass(frozen=True, slots=True)
class Material:
    """Rows with what the lower layers made of them; `known` tells which the bundle could answer before."""

    read: ReadTexts
    labels: dict[Head, np.ndarray]
    known: np.ndarray

    @classmethod
    def of(cls, rows: Sequence[LabelledAlert], read: ReadTexts, old: TextDescription, new: Taxonomy) -> "Material":
        """Rows with their labels as numbers of the new taxonomy's codes."""
        codes = _codes(new)
        labels = {head: np.array([codes[head].index(row.label(head)) for row in rows]) for head in HEADS}
        known = np.array([all(row.label(head) in old.codes[head] for head in HEADS) for row in rows])
        return cls(read, labels, known)

    def of_rows(self, places: Sequence[int]) -> "Material":
        """Some of the rows."""
        chosen = list(places)
        labels = {head: values[chosen] for head, values in self.labels.items()}
        return Material(self.read.of(chosen), labels, self.known[chosen])


def grow(network: TextNetwork, old: TextDescription, new: Taxonomy) -> TextNetwork:
    """A copy whose heads answer the new taxonomy: rows of known codes are kept, a new code starts as their mean."""
    grown = copy.deepcopy(network)
    for head, codes in _codes(new).items():
        before = cast(nn.Linear, network.heads[head])
        after = nn.Linear(before.in_features, len(codes))
        rows = [old.codes[head].index(code) if code in old.codes[head] else None for code in codes]
        with torch.no_grad():
            for place, row in enumerate(rows):
                after.weight[place] = before.weight.mean(dim=0) if row is None else before.weight[row]
                after.bias[place] = before.bias.mean() if row is None else before.bias[row]
        grown.heads[head] = after
    grown.codes = {head: len(codes) for head, codes in _codes(new).items()}
    return grown


def fit_grown(
    network: TextNetwork,
    material: Material,
    old: TextDescription,
    new: Taxonomy,
    config: GrowthConfig,
    epoch_ended: Callable[[float, int], None] = lambda _loss, _epoch: None,
) -> TextNetwork:
    """Fit a grown copy of a network; the network itself stays as it is.

    Args:
        network: of the bundle.
        material: rehearsed rows and examples.
        old: what the bundle answers.
        new: the grown taxonomy.
        config: choices.
        epoch_ended: receives the mean loss of an epoch and its number, counted from 1.
    """
    torch.manual_seed(config.seed)
    generator = random.Random(config.seed)
    grown = grow(network, old, new).train()
    first = _first_fitted(network, config)
    heads = list(grown.heads.parameters())
    upper = list(grown.encoder.encoder.layer[first:].parameters())
    optimizer = torch.optim.AdamW(
        [{"params": heads, "lr": config.head_learning_rate}, {"params": upper, "lr": config.learning_rate}],
        weight_decay=config.weight_decay,
    )
    order = _told(material, config)
    steps = config.epochs * -(-len(order) // config.batch_size)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, [config.head_learning_rate, config.learning_rate], steps + config.epochs * 8, pct_start=0.2
    )
    targets = _targets(material, old, new)
    for epoch in range(1, config.epochs + 1):
        generator.shuffle(order)
        losses = []
        for places in batches(material.read.states, order, config.batch_size):
            optimizer.zero_grad()
            loss = _loss(upper_logits(grown, [material.read.states[place] for place in places], first), targets, places)
            loss.backward()
            nn.utils.clip_grad_norm_(heads + upper, 1.0)
            optimizer.step()
            schedule.step()
            losses.append(loss.item())
        epoch_ended(float(np.mean(losses)), epoch)
    return grown.eval()


def answers(network: TextNetwork, read: ReadTexts, config: GrowthConfig) -> dict[Head, np.ndarray]:
    """Logits per head of a fitted network, shape (texts, codes)."""
    first = _first_fitted(network, config)
    found: dict[Head, np.ndarray] = {
        head: np.empty((len(read.states), network.codes[head]), np.float32) for head in HEADS
    }
    with torch.inference_mode():
        for places in batches(read.states, range(len(read.states)), 64):
            logits = upper_logits(network.eval(), [read.states[place] for place in places], first)
            for head in HEADS:
                found[head][places] = logits[head].numpy()
    return found


def upper_logits(network: TextNetwork, states: Sequence[np.ndarray], first: int) -> dict[Head, Tensor]:
    """Logits per head of texts that the layers below `first` have read."""
    hidden, mask = padded(states)
    hidden_from = (1 - mask)[:, None, None, :] * torch.finfo(hidden.dtype).min
    for layer in network.encoder.encoder.layer[first:]:
        hidden = layer(hidden, hidden_from)
    weights = mask.unsqueeze(-1)
    pooled = network.dropout((hidden * weights).sum(dim=1) / weights.sum(dim=1))
    return {head: network.heads[head](pooled) for head in HEADS}


def _codes(taxonomy: Taxonomy) -> dict[Head, tuple[str, ...]]:
    return {head: taxonomy.codes(head) for head in HEADS}


def _first_fitted(network: TextNetwork, config: GrowthConfig) -> int:
    return max(1, len(network.encoder.encoder.layer) - config.fitted_layers)


def _told(material: Material, config: GrowthConfig) -> list[int]:
    """Places of an epoch: each rehearsed row once, each example several times."""
    places = range(len(material.known))
    return [place for place in places for _ in range(1 if material.known[place] else config.repeats)]


def _targets(material: Material, old: TextDescription, new: Taxonomy) -> dict[Head, Tensor]:
    """Probabilities that each row is held to: its label, and for a known row half of it what was answered before."""
    targets: dict[Head, Tensor] = {}
    for head, codes in _codes(new).items():
        labels = functional.one_hot(torch.from_numpy(material.labels[head]), len(codes)).float()
        before = torch.zeros_like(labels)
        columns = [codes.index(code) for code in old.codes[head]]
        before[:, columns] = functional.softmax(torch.from_numpy(material.read.logits[head]), dim=1)
        known = torch.from_numpy(material.known)[:, None]
        targets[head] = torch.where(known, (labels + before) / 2, labels)
    return targets


def _loss(logits: dict[Head, Tensor], targets: dict[Head, Tensor], places: Sequence[int]) -> Tensor:
    total = torch.zeros(())
    for head in HEADS:
        total = total + functional.cross_entropy(logits[head], targets[head][list(places)])
    return total
