"""What the fusion learns: which texts name nothing, and when the photo has the say."""

from typing import Any

import numpy as np
import pytest

from evaluation.pairs import Joined, category_accuracy
from models.fusion import Fusion, Gate, Linear
from models.text import TextModel
from training.fusion.fit import fit_gate, fit_probe, text_answers, untrained
from triage.corpus import LabelledAlert
from triage.taxonomy import HEADS

# Probes


def test_a_probe_tells_two_kinds_of_embeddings_apart_and_one_that_lies_between_is_even() -> None:
    generator = np.random.default_rng(0)
    positive, negative = generator.normal(1, 0.3, (50, 4)), generator.normal(-1, 0.3, (400, 4))
    probe = fit_probe(positive, negative, 10.0, balanced=True)
    assert min(probe.logit(row) for row in positive) > 0 > max(probe.logit(row) for row in negative)
    assert abs(probe.logit(np.zeros(4))) < 2  # the larger side does not count more


def test_where_sides_are_not_balanced_the_larger_one_is_likelier() -> None:
    generator = np.random.default_rng(0)
    positive, negative = generator.normal(0, 1, (20, 4)), generator.normal(0, 1, (400, 4))
    even, uneven = (fit_probe(positive, negative, 1.0, balanced=balanced) for balanced in (True, False))
    assert abs(even.logit(np.zeros(4))) < 1 < -uneven.logit(np.zeros(4))


def test_a_stronger_probe_has_larger_weights() -> None:
    rows = np.random.default_rng(1).normal(0, 1, (60, 5))
    norms = [
        np.linalg.norm(fit_probe(rows[:20], rows[20:], strength, balanced=True).weights) for strength in (0.01, 10)
    ]
    assert norms[0] < 0.5 * norms[1]


def test_the_same_embeddings_give_the_same_probe() -> None:
    rows = np.random.default_rng(1).normal(0, 1, (60, 5))
    assert fit_probe(rows[:20], rows[20:], 3, balanced=True) == fit_probe(rows[:20], rows[20:], 3, balanced=True)


def test_a_probe_that_is_still_to_be_fitted_has_a_gate_without_weight() -> None:
    linear = Linear(weights=(1.0,), bias=0.0)
    assert set(untrained(linear, linear).gate.model_dump().values()) == {0.0}


# The gate


def likelihood(fusion: Fusion, world: Any) -> float:
    """The mean logarithm of the probability of the true category and department, each way of joining with its share."""
    found: dict[Joined, list[float]] = {}
    for pair in world.pairs:
        fused = fusion.fuse(world.texts[pair.text], world.photos[pair.picture]).probabilities
        value = sum(
            np.log(fused[head][world.codes[head].index(pair.labels[head])]) for head in ("category", "department")
        )
        found.setdefault(pair.joined, []).append(float(value))
    shares = [3.0 if way is Joined.CLEAR_WRONG else 1.0 for way in found]
    return float(np.average([np.mean(values) for values in found.values()], weights=shares))


def with_gate(fusion: Fusion, world: Any, gate: Gate) -> Fusion:
    return Fusion(fusion.description.model_copy(update={"gate": gate}), world.taxonomy, world.codes)


@pytest.fixture(scope="module")
def gate(unfitted: Fusion, hand_made: Any) -> Gate:
    return fit_gate(unfitted, hand_made.texts, hand_made.photos, hand_made.pairs, hand_made.codes)


def test_a_text_that_names_nothing_follows_a_sure_photo_and_a_clear_one_no_wrong_one(
    unfitted: Fusion, hand_made: Any, gate: Gate
) -> None:
    fused = [
        with_gate(unfitted, hand_made, gate).fuse(hand_made.texts[pair.text], hand_made.photos[pair.picture])
        for pair in hand_made.pairs
    ]
    codes = hand_made.codes["category"]
    both = category_accuracy(hand_made.pairs, [codes[int(item.probabilities["category"].argmax())] for item in fused])
    alone = category_accuracy(
        hand_made.pairs,
        [codes[int(hand_made.texts[pair.text].probabilities["category"].argmax())] for pair in hand_made.pairs],
    )
    assert both[Joined.VAGUE_FITTING] > 0.9
    assert alone[Joined.VAGUE_FITTING] < 0.2
    assert both[Joined.VAGUE_NOTHING] >= alone[Joined.VAGUE_NOTHING]
    for way in (Joined.CLEAR_WRONG, Joined.CLEAR_NOTHING):
        assert both[way] >= alone[way] - 0.03
    assert both[Joined.CLEAR_FITTING] >= alone[Joined.CLEAR_FITTING]


def test_the_gate_opens_with_texts_that_name_nothing(gate: Gate) -> None:
    assert gate.names_nothing > 0


def test_a_fitted_gate_is_better_than_an_even_one_and_than_its_neighbours(
    unfitted: Fusion, hand_made: Any, gate: Gate
) -> None:
    best = likelihood(with_gate(unfitted, hand_made, gate), hand_made)
    assert best > likelihood(unfitted, hand_made)
    for name, value in gate.model_dump().items():
        for change in (-1.0, 1.0):
            other = gate.model_copy(update={name: value + change})
            assert likelihood(with_gate(unfitted, hand_made, other), hand_made) < best + 0.01


def test_the_same_pairs_give_the_same_gate(unfitted: Fusion, hand_made: Any, gate: Gate) -> None:
    assert fit_gate(unfitted, hand_made.texts, hand_made.photos, hand_made.pairs, hand_made.codes) == gate


def test_a_way_of_joining_with_few_pairs_counts_as_much(unfitted: Fusion, hand_made: Any, gate: Gate) -> None:
    fitting = [pair for pair in hand_made.pairs if pair.joined is Joined.VAGUE_FITTING][::6]
    others = [pair for pair in hand_made.pairs if pair.joined is not Joined.VAGUE_FITTING]
    found = fit_gate(unfitted, hand_made.texts, hand_made.photos, [*fitting, *others], hand_made.codes)
    assert found.names_nothing == pytest.approx(gate.names_nothing, abs=1.0)


# The shipped text model


def test_texts_are_answered_masked_and_in_order(shipped_text_model: TextModel) -> None:
    labels = {"category": "voirie", "department": "voirie", "priority": "normale"}
    texts = ["trou rue Monge", "appelez le 06 12 34 56 78", "appelez le 07 98 76 54 32"]
    rows = [LabelledAlert(id=str(number), text=text, **labels) for number, text in enumerate(texts)]
    one, two, three = text_answers(shipped_text_model, rows)
    np.testing.assert_array_equal(two.embedding, three.embedding)
    assert not np.allclose(one.embedding, two.embedding)
    for answer in (one, two):
        assert answer.has_words
        assert all(answer.probabilities[head].sum() == pytest.approx(1, abs=1e-5) for head in HEADS)
    (alone,) = text_answers(shipped_text_model, rows[:1])
    np.testing.assert_allclose(alone.embedding, one.embedding, atol=0.02)
