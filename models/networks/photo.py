"""The photo network: stages of an image backbone and a linear head that also says where it looked."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn


class PhotoNetwork(nn.Module):
    """Reads pictures as cameras store them; `frozen` and `tuned` together are the backbone.

    `forward` takes pictures of shape (photos, size, size, 3), values 0 to 255, and returns the
    logits, shape (photos, labels); the embedding of unit length, shape (photos, width); and the map
    of each label's score, shape (photos, labels, rows, columns), whose mean is the logit (class
    activation maps; Zhou et al., 2016, "Learning Deep Features for Discriminative Localization").
    """

    mean: Tensor
    deviation: Tensor

    def __init__(
        self, frozen: nn.Module, tuned: nn.Module, head: "PhotoHead", mean: Sequence[float], deviation: Sequence[float]
    ) -> None:
        super().__init__()
        self.frozen = frozen
        self.tuned = tuned
        self.head = head
        self.register_buffer("mean", torch.tensor(mean)[:, None, None] * 255)
        self.register_buffer("deviation", torch.tensor(deviation)[:, None, None] * 255)

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Logits, embedding and maps."""
        features = self.tuned(self.first(pictures))
        maps = self.head.maps(features)
        pooled = features.mean((2, 3))
        return self.head(pooled), nn.functional.normalize(pooled, dim=1), maps

    def first(self, pictures: Tensor) -> Tensor:
        """What the frozen stages make of pictures of shape (photos, size, size, 3)."""
        features: Tensor = self.frozen((pictures.permute(0, 3, 1, 2).float() - self.mean) / self.deviation)
        return features


class PhotoHead(nn.Module):
    """One score per label from pooled features, which are brought to one scale first.

    Features on one scale let a strong decay of weights act alike on all of them.
    """

    shift: Tensor
    scale: Tensor

    def __init__(self, width: int, labels: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.dropout = nn.Dropout(dropout)
        self.linear = nn.Linear(width, labels)
        nn.init.zeros_(self.linear.weight)
        nn.init.zeros_(self.linear.bias)
        self.register_buffer("shift", torch.zeros(width))
        self.register_buffer("scale", torch.ones(width))

    def standardize(self, pooled: Tensor) -> None:
        """Take the scale of features of shape (photos, width)."""
        self.shift.copy_(pooled.mean(0))
        self.scale.copy_(pooled.std(0) + 1e-3)

    def forward(self, pooled: Tensor) -> Tensor:
        """Logits of pooled features, shape (photos, labels)."""
        scores: Tensor = self.linear(self.dropout((pooled - self.shift) / self.scale))
        return scores

    def maps(self, features: Tensor) -> Tensor:
        """The score of each label by place, shape (photos, labels, rows, columns)."""
        scaled = (features.permute(0, 2, 3, 1) - self.shift) / self.scale
        scores: Tensor = self.linear(scaled)
        return scores.permute(0, 3, 1, 2)
