"""The simulation: what is told, what is measured, and that everybody starts alike."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from evaluation.benchmarks.learning.examples import Examples, thinned
from evaluation.benchmarks.learning.examples import make_examples as from_rows
from evaluation.benchmarks.learning.simulation import MEASURES, Curves, Plan, Simulation
from evaluation.benchmarks.learning.strategies import AtRandom, LeastConfident, Offered
from evaluation.metrics import Integers
from triage.corpus import LabelledAlert
from triage.errors import InvalidConfiguration
from triage.taxonomy import HEADS, Taxonomy

MakeExamples = Callable[..., Examples]
PLAN = Plan(start=20, batch=10, rounds=3, offered=40, seeds=2)


class Watched:
    """Takes the first alerts, and keeps what it was offered."""

    def __init__(self) -> None:
        self.offers: list[tuple[str, ...]] = []

    def order(self, offered: Offered, generator: np.random.Generator) -> Integers:
        del generator
        self.offers.append(offered.ids)
        return np.arange(len(offered.ids))


@pytest.fixture(scope="module")
def curves(make_examples: MakeExamples, taxonomy: Taxonomy) -> Curves:
    simulation = Simulation(make_examples(300, 1), make_examples(100, 2), taxonomy, PLAN)
    return simulation.run({"random": AtRandom(), "doubt": LeastConfident()}, lambda: None)


def test_every_strategy_seed_and_number_of_labels_is_measured(curves: Curves) -> None:
    assert curves.counts == (20, 30, 40, 50)
    assert list(curves.values) == ["random", "doubt"]
    for found in curves.values.values():
        assert list(found) == list(MEASURES)
        assert all(values.shape == (2, 4) for values in found.values())
        assert all(((values >= 0) & (values <= 1)).all() for values in found.values())


def test_all_strategies_start_alike_and_seeds_do_not(curves: Curves) -> None:
    random, doubt = (curves.values[name]["priority macro-F1"][:, 0] for name in ("random", "doubt"))
    assert random.tolist() == doubt.tolist()


def test_with_all_labels_the_classes_are_told_apart(curves: Curves) -> None:
    assert all(value > 0.9 for value in curves.full.values())


def test_the_bar_advances_as_often_as_it_was_told(make_examples: MakeExamples, taxonomy: Taxonomy) -> None:
    simulation = Simulation(make_examples(300, 1), make_examples(100, 2), taxonomy, PLAN)
    steps: list[int] = []
    simulation.run({"random": AtRandom()}, lambda: steps.append(1))
    assert len(steps) == simulation.steps(1)


def test_what_was_labelled_is_never_offered_again(make_examples: MakeExamples, taxonomy: Taxonomy) -> None:
    watched = Watched()
    plan = replace(PLAN, offered=None, seeds=1)
    Simulation(make_examples(100, 1), make_examples(50, 2), taxonomy, plan).run({"random": watched}, lambda: None)
    assert [len(offer) for offer in watched.offers] == [80, 70, 60]
    first, second, third = watched.offers
    assert set(first[:10]).isdisjoint(second)
    assert set(second[:10]).isdisjoint(third)


def test_no_more_are_offered_than_arrive(make_examples: MakeExamples, taxonomy: Taxonomy) -> None:
    watched = Watched()
    Simulation(make_examples(100, 1), make_examples(50, 2), taxonomy, PLAN).run({"random": watched}, lambda: None)
    assert {len(offer) for offer in watched.offers} == {40}


def test_a_pool_with_too_few_rows_is_refused(make_examples: MakeExamples, taxonomy: Taxonomy) -> None:
    with pytest.raises(InvalidConfiguration, match="45 rows"):
        Simulation(make_examples(45, 1), make_examples(50, 2), taxonomy, PLAN)


def test_fewer_alerts_than_a_round_labels_are_refused(make_examples: MakeExamples, taxonomy: Taxonomy) -> None:
    with pytest.raises(InvalidConfiguration, match="--offered"):
        Simulation(make_examples(100, 1), make_examples(50, 2), taxonomy, replace(PLAN, offered=5))


def test_thinning_leaves_the_first_category_whole_and_halves_the_second(make_examples: MakeExamples) -> None:
    pool = make_examples(4000, 1)
    before = np.bincount(pool.labels["category"])
    after = np.bincount(thinned(pool, 1.0, np.random.default_rng(0)).labels["category"])
    assert sorted(np.round(before / after).astype(int).tolist()) == [1, 2, 3, 4]
    assert len(thinned(pool, 0.0, np.random.default_rng(0))) == 4000


def test_features_are_fitted_on_the_pool_and_follow_the_rows(taxonomy: Taxonomy) -> None:
    labels = {"category": "voirie", "department": "voirie", "priority": "normale"}
    words = ("trou", "banc", "tag", "rat")
    rows = [LabelledAlert(id=f"r-{n}", text=f"un {words[n % 4]} dans la rue", **labels) for n in range(40)]
    embeddings = np.random.default_rng(1).normal(size=(44, 3))
    pool, test = from_rows(rows, rows[:4], taxonomy, (embeddings[:40], embeddings[40:]))
    assert len(pool) == len(pool.features) == 40
    assert test.ids == ("r-0", "r-1", "r-2", "r-3")
    # Equal words give equal numbers; what the encoder says stands beside them.
    assert pool.features[0, :-3] == pytest.approx(test.features[0, :-3], abs=1e-5)
    assert pool.features[:, -3:].mean(axis=0) == pytest.approx(np.zeros(3), abs=1e-5)
    alone, _ = from_rows(rows, rows[:4], taxonomy, None)
    assert alone.features.shape[1] == pool.features.shape[1] - 3
    assert {head: set(values.tolist()) for head, values in pool.labels.items()} == {
        head: {taxonomy.codes(head).index(labels[head])} for head in HEADS
    }
