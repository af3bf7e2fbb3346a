"""How weights move: learning rates by layer, warm-up and decay, and a moving average of what was learned."""

from dataclasses import dataclass
from typing import cast

import torch
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from models.networks.text import TextNetwork
from training.config import TextConfig


@dataclass(frozen=True, slots=True)
class Schedule:
    """Optimizer, scheduler and average of one run; `averaged` is what is scored and kept."""

    optimizer: torch.optim.Optimizer
    scheduler: torch.optim.lr_scheduler.LRScheduler
    network: TextNetwork
    average: AveragedModel | None

    @classmethod
    def of(cls, network: TextNetwork, config: TextConfig, steps: int) -> "Schedule":
        """Everything for a run of so many steps."""
        optimizer = _optimizer(network, config)
        warmup = max(1, round(steps * config.warmup_share))
        scheduler = torch.optim.lr_scheduler.LambdaLR(
            optimizer, lambda step: min((step + 1) / warmup, max(0.02, (steps - step) / max(1, steps - warmup)))
        )
        decay = config.average_decay
        average = AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(decay)) if decay else None
        return cls(optimizer, scheduler, network, average)

    @property
    def averaged(self) -> TextNetwork:
        """The averaged network, or the network itself where nothing is averaged."""
        return cast(TextNetwork, self.average.module) if self.average else self.network

    def step(self) -> None:
        """One step of all."""
        self.optimizer.step()
        self.scheduler.step()
        if self.average:
            self.average.update_parameters(self.network)


def _optimizer(network: TextNetwork, config: TextConfig) -> torch.optim.Optimizer:
    layers = network.encoder.encoder.layer
    heads = [*network.heads.parameters(), *network.language.parameters()]
    groups = [{"params": heads, "lr": config.head_learning_rate}]
    # Lower layers hold what all languages share, so they move less (Howard and Ruder, 2018).
    for depth, layer in enumerate(reversed(layers)):
        groups.append({"params": list(layer.parameters()), "lr": config.learning_rate * config.layer_decay**depth})
    embeddings = [value for value in network.encoder.embeddings.parameters() if value.requires_grad]
    groups.append({"params": embeddings, "lr": config.learning_rate * config.layer_decay ** len(layers)})
    return torch.optim.AdamW(groups, weight_decay=config.weight_decay)
