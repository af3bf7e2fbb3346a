"""The loss of a step: what is not known teaches nothing, and a missed danger costs most."""

import math
from typing import Any

import pytest
import torch
from torch import Tensor

from training.config import TextConfig
from training.text.examples import IGNORED, KNOWN, UNKNOWN, Example
from training.text.losses import Targets, TrainingLoss, contrast, distillation, priority_costs
from triage.taxonomy import HEADS, Taxonomy

NAN = float("nan")


def outputs_of(taxonomy: Taxonomy, rows: int, seed: int = 0) -> list[Tensor]:
    generator = torch.Generator().manual_seed(seed)
    sizes = [*(len(taxonomy.codes(head)) for head in HEADS), 2]
    logits = [torch.randn(rows, size, generator=generator) for size in sizes]
    return [*logits, torch.nn.functional.normalize(torch.randn(rows, 8, generator=generator), dim=1)]


def example(label: int = 0, language: int = KNOWN) -> Example:
    return Example("texte", dict.fromkeys(HEADS, label), language)


@pytest.fixture
def plain(smoke_config: TextConfig) -> TextConfig:
    """Labels alone."""
    return smoke_config.model_copy(update={"language_weight": 0.0, "cost_weight": 0.0, "label_smoothing": 0.0})


def test_the_plain_loss_is_the_weighted_cross_entropy(plain: TextConfig, taxonomy: Taxonomy) -> None:
    outputs = outputs_of(taxonomy, 3)
    targets = Targets.of([example(0), example(1), example(2)])
    expected = sum(
        plain.head_weights[head] * torch.nn.functional.cross_entropy(values, torch.tensor([0, 1, 2]))
        for head, values in zip(HEADS, outputs, strict=False)
    )
    assert TrainingLoss(plain, taxonomy)(outputs, targets).item() == pytest.approx(float(expected), rel=1e-5)


def test_rows_without_labels_change_nothing(plain: TextConfig, taxonomy: Taxonomy) -> None:
    loss = TrainingLoss(plain, taxonomy)
    outputs = outputs_of(taxonomy, 2)
    with_one = loss([values[:1] for values in outputs], Targets.of([example(1)]))
    with_both = loss(outputs, Targets.of([example(1), example(IGNORED)]))
    assert with_both.item() == pytest.approx(with_one.item(), rel=1e-5)


def test_a_batch_without_any_label_costs_nothing_and_is_a_number(plain: TextConfig, taxonomy: Taxonomy) -> None:
    assert TrainingLoss(plain, taxonomy)(outputs_of(taxonomy, 2), Targets.of([example(IGNORED)] * 2)).item() == 0


def test_the_language_is_learned_from_every_row(plain: TextConfig, taxonomy: Taxonomy) -> None:
    config = plain.model_copy(update={"language_weight": 1.0})
    outputs = outputs_of(taxonomy, 2)
    outputs[len(HEADS)] = torch.tensor([[0.0, 0.0], [0.0, 0.0]])
    loss = TrainingLoss(config, taxonomy)(outputs, Targets.of([example(IGNORED, UNKNOWN), example(IGNORED)]))
    assert loss.item() == pytest.approx(math.log(2))


def test_missing_the_urgent_priority_is_dearest(taxonomy: Taxonomy) -> None:
    costs = priority_costs(taxonomy, urgent_cost=3.0)
    urgent = taxonomy.codes("priority").index(taxonomy.urgent_priority)
    assert costs.diagonal().tolist() == [0.0] * 4
    assert costs[urgent].tolist() == [0.0, 3.0, 6.0, 9.0]
    assert costs[1].tolist() == [1.0, 0.0, 1.0, 2.0]


def test_the_expected_cost_falls_as_the_right_priority_grows_likelier(plain: TextConfig, taxonomy: Taxonomy) -> None:
    config = plain.model_copy(update={"cost_weight": 1.0, "head_weights": dict.fromkeys(HEADS, 0.0)})
    loss = TrainingLoss(config, taxonomy)
    outputs = outputs_of(taxonomy, 1)
    found = []
    for strength in (0.0, 2.0, 8.0):
        outputs[HEADS.index("priority")] = torch.tensor([[strength, 0.0, 0.0, 0.0]])
        found.append(loss(outputs, Targets.of([example(0)])).item())
    assert found[0] > found[1] > found[2] > 0


def test_a_student_that_answers_as_its_teacher_loses_nothing() -> None:
    logits = torch.tensor([[2.0, -1.0, 0.5], [0.0, 1.0, 2.0]])
    assert distillation(logits + 3.0, logits, temperature=2.0).item() == pytest.approx(0.0, abs=1e-6)
    assert distillation(-logits, logits, temperature=2.0).item() > 0.1


def test_rows_that_the_teacher_did_not_answer_are_left_out() -> None:
    student = torch.tensor([[2.0, 0.0], [5.0, -5.0]], requires_grad=True)
    teacher = torch.tensor([[0.0, 1.0], [NAN, NAN]])
    torch.autograd.backward(distillation(student, teacher, 1.0))
    assert student.grad is not None
    assert student.grad[0].abs().sum() > 0
    assert student.grad[1].abs().sum() == 0
    assert distillation(student, torch.full((2, 2), NAN), 1.0).item() == 0


def test_embeddings_are_drawn_to_their_own_anchor() -> None:
    anchors = torch.eye(3)
    right, wrong = contrast(torch.eye(3), anchors), contrast(torch.eye(3).roll(1, dims=0), anchors)
    assert right.item() < 0.01 < wrong.item()


def test_one_anchor_alone_teaches_nothing() -> None:
    anchors = torch.tensor([[1.0, 0.0], [NAN, NAN]])
    assert contrast(torch.eye(2), anchors).item() == 0


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_the_teachers_share_weighs_its_answers_against_the_labels(
    plain: TextConfig, taxonomy: Taxonomy, share: float
) -> None:
    config = plain.model_copy(update={"teacher_share": share})
    outputs = outputs_of(taxonomy, 2)
    taught: Any = dict(zip(HEADS, outputs, strict=False))  # the student answers as its teacher
    labels = Targets.of([example(0), example(1)])
    found = TrainingLoss(config, taxonomy)(outputs, Targets(labels.labels, labels.language, taught)).item()
    expected = 0.0 if share else TrainingLoss(plain, taxonomy)(outputs, labels).item()
    assert found == pytest.approx(expected, abs=1e-5)
