"""The pair network: do two texts speak of the same fault?"""

import torch
from torch import Tensor, nn

_MASKED = -1e4


class TokenEncoder(nn.Module):
    """States of the text encoder, shape (texts, tokens, states), to narrow ones, shape (texts, tokens, width)."""

    def __init__(self, states: int, width: int, dropout: float) -> None:
        super().__init__()
        self.drop = nn.Dropout(dropout)
        self.project = nn.Linear(states, width)
        self.norm = nn.LayerNorm(width)

    def forward(self, states: Tensor) -> Tensor:
        """Narrow states, of zero mean and unit variance over the width before scale and shift."""
        return torch.clamp(self.norm(self.project(self.drop(states))), -4, 4)


class PairComparison(nn.Module):
    """Decomposable attention (Parikh et al., 2016, "A Decomposable Attention Model for Natural Language Inference").

    Every token is compared with what answers it in the other text; weights learned for each token say how much it
    matters. Both orders of a pair give the same logit. Inputs: two times narrow states, shape (pairs, tokens, width),
    and a mask, shape (pairs, tokens), 1 where a token is; output: logits, shape (pairs,).
    """

    def __init__(self, width: int, dropout: float) -> None:
        super().__init__()
        self.align = nn.Linear(width, width)
        self.compare = nn.Sequential(
            nn.Linear(4 * width, width), nn.GELU(), nn.Dropout(dropout), nn.Linear(width, width), nn.GELU()
        )
        self.matters = nn.Linear(width, 1)
        self.answer = nn.Sequential(nn.Linear(4 * width, width), nn.GELU(), nn.Dropout(dropout), nn.Linear(width, 1))

    def forward(self, one: Tensor, one_mask: Tensor, two: Tensor, two_mask: Tensor) -> Tensor:
        """The logit that both speak of the same fault."""
        towards, back = self.align(one) @ two.transpose(1, 2), self.align(two) @ one.transpose(1, 2)
        scores = (towards + back.transpose(1, 2)) / one.shape[-1] ** 0.5
        for_one = (scores + _MASKED * (1 - two_mask[:, None, :])).softmax(2) @ two
        for_two = (scores + _MASKED * (1 - one_mask[:, :, None])).softmax(1).transpose(1, 2) @ one
        first, second = self._join(one, for_one, one_mask), self._join(two, for_two, two_mask)
        joined = torch.cat([first + second, (first - second).abs()], dim=-1)
        logits: Tensor = self.answer(joined)
        return logits.squeeze(-1)

    def _join(self, tokens: Tensor, answers: Tensor, mask: Tensor) -> Tensor:
        compared = self.compare(torch.cat([tokens, answers, tokens - answers, tokens * answers], dim=-1))
        weights = (self.matters(tokens).squeeze(-1) + _MASKED * (1 - mask)).softmax(1)
        mean = mask / mask.sum(dim=1, keepdim=True).clamp(min=1)
        return torch.cat([weights[:, None, :] @ compared, mean[:, None, :] @ compared], dim=-1).squeeze(1)


class PairNetwork(nn.Module):
    """Encoder and comparison, trained together and exported apart: a text is encoded once, and compared often."""

    def __init__(self, states: int, width: int = 96, dropout: float = 0.3) -> None:
        super().__init__()
        self.encoder = TokenEncoder(states, width, dropout)
        self.comparison = PairComparison(width, dropout)
