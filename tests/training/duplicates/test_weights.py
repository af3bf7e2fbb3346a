"""The additive model in a bundle answers as the machine that was fitted."""

import warnings

import numpy as np
import pytest
from interpret.glassbox import ExplainableBoostingClassifier

from models.duplicates.additive import probability
from training.duplicates.config import DuplicateConfig
from training.duplicates.weights import _exported, fit_weights, table

NAMES = ("distance", "meaning", "house")


def measured(count: int, seed: int = 3) -> tuple[list[dict[str, float | None]], list[bool]]:
    """Pairs that are one fault when near and alike; some have no text."""
    generator = np.random.default_rng(seed)
    rows: list[dict[str, float | None]] = []
    truth = []
    for _ in range(count):
        distance, meaning, house = generator.uniform(0, 200), generator.normal(), float(generator.integers(-1, 2))
        truth.append(bool(meaning - distance / 60 + house + generator.normal(0, 0.5) > -1))
        rows.append({"distance": distance, "meaning": None if generator.random() < 0.1 else meaning, "house": house})
    return rows, truth


@pytest.fixture(scope="module")
def machine() -> ExplainableBoostingClassifier:
    """A machine with two measures that count together, and as many steps as a bundle's."""
    rows, truth = measured(600)
    made = ExplainableBoostingClassifier(
        feature_names=list(NAMES),
        feature_types=["continuous"] * 3,
        max_bins=16,
        max_interaction_bins=6,
        interactions=2,
        outer_bags=1,
        max_rounds=100,
        n_jobs=1,
        random_state=1,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of measures that are missing
        made.fit(table(rows, NAMES), np.array(truth))
    return made


def test_what_is_exported_answers_as_the_machine(machine: ExplainableBoostingClassifier) -> None:
    model = _exported(machine, NAMES)
    assert any(len(term.measures) == 2 for term in model.terms)
    rows, _ = measured(300, seed=9)
    rows += [
        {"distance": -1e6, "meaning": 1e6, "house": None},
        {"distance": 1e6, "meaning": None, "house": 0.0},
        {"distance": None, "meaning": None, "house": None},
    ]
    expected = machine.decision_function(table(rows, NAMES))
    assert [model.logit(row) for row in rows] == pytest.approx(expected.tolist(), abs=0.01)


def test_a_value_on_an_edge_is_in_the_same_step(machine: ExplainableBoostingClassifier) -> None:
    model = _exported(machine, NAMES)
    edges = [edge for term in model.terms if term.measures == ("distance",) for edge in term.edges[0]]
    rows: list[dict[str, float | None]] = [{"distance": edge, "meaning": 0.1, "house": 0.0} for edge in edges]
    expected = machine.decision_function(table(rows, NAMES))
    assert [model.logit(row) for row in rows] == pytest.approx(expected.tolist(), abs=0.01)


def test_pairs_are_weighed_and_noise_cannot_turn_a_measure_round(duplicate_config: DuplicateConfig) -> None:
    rows, truth = measured(400)
    model = fit_weights(rows, truth, [1.0] * len(rows), NAMES, duplicate_config)
    steps = {term.measures[0]: term.scores[1:] for term in model.terms}
    assert list(steps["distance"]) == sorted(steps["distance"], reverse=True)
    assert list(steps["meaning"]) == sorted(steps["meaning"])
    right = [(probability(model.logit(row)) > 0.5) == one for row, one in zip(rows, truth, strict=True)]
    assert np.mean(right) > 0.8


def test_heavier_pairs_count_for_more(duplicate_config: DuplicateConfig) -> None:
    rows, truth = measured(400)
    light = fit_weights(rows, truth, [1.0 if one else 0.1 for one in truth], NAMES, duplicate_config)
    heavy = fit_weights(rows, truth, [0.1 if one else 1.0 for one in truth], NAMES, duplicate_config)
    middle = {"distance": 60.0, "meaning": 0.0, "house": 0.0}
    assert light.logit(middle) > heavy.logit(middle) + 1
