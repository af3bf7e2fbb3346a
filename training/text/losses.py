"""What a step of training minimises: labels, the teacher's answers, and an embedding that stays useful."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from training.config import TextConfig
from training.text.examples import IGNORED, Example
from triage.taxonomy import HEADS, Head, Taxonomy

_EMBEDDING_TEMPERATURE = 0.05


@dataclass(frozen=True, slots=True)
class Targets:
    """Tensors of one batch, in its order of texts.

    `labels`: per head, shape (texts,). `language`: shape (texts,). `taught`: the teacher's logits
    per head, shape (texts, codes), NaN in the rows that it did not answer; none without a teacher.
    `anchors`: embeddings that another encoder gives the texts, shape (texts, width), NaN likewise.
    `weights`: how much each text counts, shape (texts,); all alike where there are none.
    """

    labels: Mapping[Head, Tensor]
    language: Tensor
    taught: Mapping[Head, Tensor] | None = None
    anchors: Tensor | None = None
    weights: Tensor | None = None

    @classmethod
    def of(cls, examples: Sequence[Example]) -> "Targets":
        """The labels alone."""
        labels = {head: torch.tensor([example.labels[head] for example in examples]) for head in HEADS}
        weights = torch.tensor([example.weight for example in examples])
        return cls(labels, torch.tensor([example.language for example in examples]), weights=weights)

    def to(self, device: torch.device) -> "Targets":
        """The same targets on a device."""
        return Targets(
            {head: values.to(device) for head, values in self.labels.items()},
            self.language.to(device),
            {head: values.to(device) for head, values in self.taught.items()} if self.taught else None,
            self.anchors.to(device) if self.anchors is not None else None,
            self.weights.to(device) if self.weights is not None else None,
        )


class TrainingLoss:
    """The weighted sum of all terms, from a network's outputs."""

    def __init__(self, config: TextConfig, taxonomy: Taxonomy) -> None:
        self._config = config
        self._costs = priority_costs(taxonomy, config.urgent_cost)

    def __call__(self, outputs: Sequence[Tensor], targets: Targets) -> Tensor:
        """The loss of one batch; `outputs` are what `TextNetwork.forward` returns."""
        config = self._config
        logits = {head: values.float() for head, values in zip(HEADS, outputs, strict=False)}
        language, embedding = outputs[len(HEADS)].float(), outputs[len(HEADS) + 1].float()
        weights = torch.ones_like(language[:, 0]) if targets.weights is None else targets.weights
        total = config.language_weight * functional.cross_entropy(language, targets.language)
        for head in HEADS:
            labelled = _known_mean(
                functional.cross_entropy(
                    logits[head],
                    targets.labels[head],
                    ignore_index=IGNORED,
                    label_smoothing=config.label_smoothing,
                    reduction="none",
                ),
                targets.labels[head] != IGNORED,
                weights,
            )
            share = config.teacher_share if targets.taught else 0.0
            total = total + (1 - share) * config.head_weights[head] * labelled
            if targets.taught:
                taught = distillation(logits[head], targets.taught[head], config.teacher_temperature, weights)
                total = total + share * config.head_weights[head] * taught
        cost = self._expected_cost(logits["priority"], targets.labels["priority"], weights)
        total = total + config.cost_weight * cost
        if targets.anchors is not None:
            total = total + config.contrast_weight * contrast(embedding, targets.anchors)
        return total

    def _expected_cost(self, logits: Tensor, truth: Tensor, weights: Tensor) -> Tensor:
        known = truth != IGNORED
        costs = self._costs.to(truth.device)[truth.clamp(min=0)]
        return _known_mean((functional.softmax(logits, dim=1) * costs).sum(dim=1), known, weights)


def priority_costs(taxonomy: Taxonomy, urgent_cost: float) -> Tensor:
    """What answering a column costs where the row is true: steps between ranks, dearest where an urgent one is missed.

    Shape (priorities, priorities), zero on the diagonal.
    """
    ranks = torch.tensor([float(priority.rank) for priority in taxonomy.priorities.values()])
    costs = (ranks[:, None] - ranks[None, :]).abs()
    urgent = taxonomy.codes("priority").index(taxonomy.urgent_priority)
    costs[urgent] *= urgent_cost
    return costs


def distillation(student: Tensor, teacher: Tensor, temperature: float, weights: Tensor | None = None) -> Tensor:
    """Divergence from the teacher's softened answers (Hinton et al., 2015), over the rows it answered.

    Args:
        student: logits, shape (texts, codes).
        teacher: logits of the same shape, NaN in rows without an answer.
        temperature: softens both.
        weights: how much each text counts, shape (texts,); all alike by default.
    """
    answered = ~teacher[:, 0].isnan()
    if not bool(answered.any()):
        return student.sum() * 0
    divergence = functional.kl_div(
        functional.log_softmax(student[answered] / temperature, dim=1),
        functional.log_softmax(teacher[answered] / temperature, dim=1),
        reduction="none",
        log_target=True,
    ).sum(dim=1)
    if weights is not None:
        divergence = divergence * weights[answered]
    return divergence.mean() * temperature**2


def contrast(embedding: Tensor, anchors: Tensor) -> Tensor:
    """How well each embedding is told apart by the anchor of its own text (InfoNCE; van den Oord et al., 2018)."""
    answered = ~anchors[:, 0].isnan()
    if int(answered.sum()) < 2:
        return embedding.sum() * 0
    similarity = embedding[answered] @ anchors[answered].T / _EMBEDDING_TEMPERATURE
    return functional.cross_entropy(similarity, torch.arange(len(similarity), device=similarity.device))


def _known_mean(losses: Tensor, known: Tensor, weights: Tensor) -> Tensor:
    # Divided by the number of rows, not by their weights: a batch of light rows must move the network less.
    return (losses * known * weights).sum() / known.sum().clamp(min=1)
