"""Which alerts each way of choosing looks at first."""

from collections.abc import Callable

import numpy as np
import pytest

from evaluation.benchmarks.learning.desk import DeskOrder
from evaluation.benchmarks.learning.strategies import (
    AtRandom,
    Interleaved,
    LeastConfident,
    Offered,
    SmallestMargin,
    Spread,
    Strategy,
    standard_strategies,
)
from evaluation.metrics import Integers
from triage.policy import Thresholds
from triage.review.rules import DEFAULT_RULES, load_review_rules
from triage.taxonomy import Taxonomy

MakeOffered = Callable[..., Offered]


class AsTheyCame:
    """The order in which they are offered."""

    def order(self, offered: Offered, generator: np.random.Generator) -> Integers:
        del generator
        return np.arange(len(offered.ids))


@pytest.fixture(scope="session")
def desk(taxonomy: Taxonomy) -> DeskOrder:
    thresholds = Thresholds(category=0.75, department=0.75, urgent=0.3, error_rate=0.05)
    return DeskOrder(taxonomy, thresholds, load_review_rules(DEFAULT_RULES, taxonomy))


def chosen(strategy: Strategy, offered: Offered, seed: int = 1) -> list[int]:
    return strategy.order(offered, np.random.default_rng(seed)).tolist()


def test_the_desk_looks_at_dangers_then_at_doubts_and_at_what_is_sure_last(
    desk: DeskOrder, make_offered: MakeOffered
) -> None:
    offered = make_offered([0.99, 0.6, 0.5, 0.9], ["basse", "normale", "normale", "critique"])
    assert chosen(desk, offered) == [3, 2, 1, 0]


def test_among_equal_doubts_the_desk_looks_first_where_a_mistake_costs_more(
    desk: DeskOrder, make_offered: MakeOffered
) -> None:
    assert chosen(desk, make_offered([0.7, 0.7, 0.7], ["basse", "haute", "normale"])) == [1, 2, 0]


def test_the_desk_looks_at_one_in_twelve_of_what_is_sure_before_slight_doubts(
    desk: DeskOrder, make_offered: MakeOffered
) -> None:
    offered = make_offered([0.99] * 1001, ["basse"] * 1001)
    offered.probabilities["category"][1000, :2] = 0.74, 0.26
    assert 50 < chosen(desk, offered).index(1000) < 110


def test_the_least_confident_come_first(make_offered: MakeOffered) -> None:
    assert chosen(LeastConfident(), make_offered([0.9, 0.4, 0.7])) == [1, 2, 0]


def test_the_closest_decisions_come_first(make_offered: MakeOffered) -> None:
    offered = make_offered([0.5, 0.5, 0.5])
    offered.probabilities["category"][1, 1] = 0.49
    assert chosen(SmallestMargin(), offered)[0] == 1


def test_by_turns_each_alert_comes_once(make_offered: MakeOffered) -> None:
    offered = make_offered([0.9, 0.8, 0.4, 0.7])
    assert chosen(Interleaved(AsTheyCame(), LeastConfident()), offered) == [0, 2, 1, 3]


def test_spread_takes_one_of_each_group_first(make_offered: MakeOffered) -> None:
    features = [[0.0, 0.0], [0.1, 0.0], [9.0, 9.0], [9.1, 9.0], [50.0, 0.0]]
    offered = make_offered([0.5] * 5, features=features)
    order = chosen(Spread(AsTheyCame(), 2), offered)
    assert order[:2] == [0, 2]
    assert sorted(order) == [0, 1, 2, 3, 4]


def test_every_way_orders_every_alert_once_and_the_same_way_for_a_seed(
    desk: DeskOrder, make_offered: MakeOffered
) -> None:
    generator = np.random.default_rng(3)
    offered = make_offered(generator.uniform(0.3, 1.0, 60), features=generator.normal(size=(60, 2)))
    for strategy in standard_strategies(desk, 10).values():
        assert sorted(chosen(strategy, offered)) == list(range(60))
        assert chosen(strategy, offered) == chosen(strategy, offered)


def test_chance_depends_on_the_seed_alone(make_offered: MakeOffered) -> None:
    offered = make_offered([0.5] * 30)
    assert chosen(AtRandom(), offered, 1) != chosen(AtRandom(), offered, 2)
