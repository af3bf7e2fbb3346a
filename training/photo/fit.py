"""Fits the last stages and the head on cached views of pictures."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim.lr_scheduler import OneCycleLR
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from evaluation.metrics import Floats
from models.networks.photo import PhotoHead
from training.photo.config import PhotoConfig
from training.photo.folds import balanced_weights
from training.photo.pictures import Integers, PictureSet
from training.photo.views import CachedViews

READ_AT_ONCE = 64


class Tuned(nn.Module):
    """The part of the network that is fitted: last stages and head."""

    def __init__(self, stages: nn.Module, head: PhotoHead) -> None:
        super().__init__()
        self.stages = stages
        self.head = head

    def pooled(self, maps: Tensor) -> Tensor:
        """Features of shape (photos, width) from maps of the frozen stages."""
        features: Tensor = self.stages(maps)
        return features.mean((2, 3))

    def forward(self, maps: Tensor) -> Tensor:
        """Logits of shape (photos, labels)."""
        logits: Tensor = self.head(self.pooled(maps))
        return logits


@dataclass(frozen=True, slots=True)
class Fitting:
    """What a fit works on: pictures with their cached views, and the choices of the run."""

    pictures: PictureSet
    views: CachedViews
    config: PhotoConfig


def fit(tuned: Tuned, fitting: Fitting, rows: Integers, advance: Callable[[float], None]) -> Tuned:
    """Fit on some pictures; the network ends with the moving average of its weights.

    Every step draws pictures so that labels, and within a label its sources, come alike, one random
    view of each; pairs of them are mixed (Zhang et al., 2018, "mixup", on the maps of the frozen
    stages as in Verma et al., 2019, "Manifold Mixup"). Batch statistics stay those of ImageNet:
    those of a few sources would be the sources' own.

    Args:
        tuned: changed in place.
        fitting: pictures, views and choices.
        rows: positions of the pictures to fit.
        advance: called with the loss of each step, for a progress bar.
    """
    config, labels = fitting.config, fitting.pictures.labels[rows]
    torch.manual_seed(config.seed)
    generator = np.random.default_rng(config.seed)
    weights = balanced_weights(labels, fitting.pictures.sources[rows], config.source_power)
    with torch.inference_mode():
        tuned.eval()
        sample = generator.choice(rows, min(len(rows), 1024), replace=False)
        pooled = [tuned.pooled(fitting.views.batch(part, np.zeros(len(part), np.int64))) for part in _parts(sample)]
    tuned.head.standardize(torch.cat(pooled))
    steps = steps_of(config, len(rows))
    optimizer = torch.optim.AdamW(
        [
            {"params": tuned.stages.parameters(), "lr": config.learning_rate, "weight_decay": config.weight_decay},
            {
                "params": tuned.head.parameters(),
                "lr": config.head_learning_rate,
                "weight_decay": config.head_weight_decay,
            },
        ]
    )
    schedule = OneCycleLR(
        optimizer, [config.learning_rate, config.head_learning_rate], total_steps=steps, cycle_momentum=False
    )
    averaged = AveragedModel(tuned, multi_avg_fn=get_ema_multi_avg_fn(config.average_decay))
    loss_of = nn.CrossEntropyLoss(label_smoothing=config.label_smoothing)
    tuned.to(memory_format=torch.channels_last)
    tuned.head.train()
    for _ in range(steps):
        drawn = generator.choice(len(rows), config.batch_size, p=weights / weights.sum())
        maps = fitting.views.batch(rows[drawn], generator.integers(0, config.views + 1, config.batch_size))
        targets = nn.functional.one_hot(torch.from_numpy(labels[drawn]), tuned.head.linear.out_features).float()
        maps, targets = _mix(maps, targets, config.mixing, generator)
        loss = loss_of(tuned(maps), targets)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(tuned.parameters(), 5.0)
        optimizer.step()
        schedule.step()
        averaged.update_parameters(tuned)
        advance(float(loss.detach()))
    if config.average_decay:
        tuned.load_state_dict(averaged.module.state_dict())
    return tuned


def answer(tuned: Tuned, views: CachedViews, rows: Integers) -> Floats:
    """Logits of plain pictures, shape (rows, labels)."""
    tuned.eval()
    with torch.inference_mode():
        parts = [tuned(views.batch(part, np.zeros(len(part), np.int64))).numpy() for part in _parts(rows)]
    return np.concatenate(parts)


def steps_of(config: PhotoConfig, pictures: int) -> int:
    """Steps of one fit."""
    return max(2, config.epochs * pictures // config.batch_size)


def _parts(rows: Integers) -> list[Integers]:
    return [rows[start : start + READ_AT_ONCE] for start in range(0, max(1, len(rows)), READ_AT_ONCE)]


def _mix(maps: Tensor, targets: Tensor, strength: float, generator: np.random.Generator) -> tuple[Tensor, Tensor]:
    if not strength:
        return maps, targets
    share = float(generator.beta(strength, strength))
    others = torch.from_numpy(generator.permutation(len(maps)))
    return share * maps + (1 - share) * maps[others], share * targets + (1 - share) * targets[others]
