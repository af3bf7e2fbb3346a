"""The text network: one encoder, mean pooling, one linear head per question."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from transformers import BertModel

from triage.taxonomy import HEADS, Head


class QuantizedEmbedding(nn.Module):
    """A table of int8 rows with one scale each, in place of float32 at a quarter of the size.

    A scale per row keeps rare tokens exact, where one scale for the table would crush them.
    """

    weight: Tensor
    scale: Tensor

    def __init__(self, weight: Tensor) -> None:
        super().__init__()
        scale = weight.abs().amax(dim=1, keepdim=True).clamp(min=1e-8) / 127
        self.register_buffer("weight", torch.round(weight / scale).to(torch.int8))
        self.register_buffer("scale", scale)

    def forward(self, ids: Tensor) -> Tensor:
        """Rows of the table, shape (*ids.shape, width)."""
        return self.weight[ids].to(torch.float32) * self.scale[ids]


class TextNetwork(nn.Module):
    """Encoder with heads.

    `forward` takes `input_ids` and `attention_mask` of shape (texts, tokens) and returns the
    logits of each head in the order of `HEADS`, then those of the language (known, unknown),
    shape (texts, 2), then the embedding of unit length, shape (texts, width).
    """

    def __init__(self, encoder: BertModel, codes: Mapping[Head, int], dropout: float = 0.1) -> None:
        super().__init__()
        self.encoder = encoder
        self.codes = dict(codes)
        width = encoder.config.hidden_size
        self.dropout = nn.Dropout(dropout)
        self.heads = nn.ModuleDict({head: nn.Linear(width, codes[head]) for head in HEADS})
        self.language = nn.Linear(width, 2)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, ...]:
        """Logits per head and of the language, then the unit-length embedding."""
        hidden = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        mask = attention_mask.unsqueeze(-1).to(hidden.dtype)
        pooled = (hidden * mask).sum(dim=1) / mask.sum(dim=1).clamp(min=1e-9)
        logits = [self.heads[head](self.dropout(pooled)) for head in HEADS]
        return (*logits, self.language(self.dropout(pooled)), nn.functional.normalize(pooled, dim=1))
