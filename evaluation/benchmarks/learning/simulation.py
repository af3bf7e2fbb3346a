"""Rounds of choosing, labelling, learning and measuring, for each strategy and seed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from evaluation.benchmarks.learning.examples import Examples, thinned
from evaluation.benchmarks.learning.learner import Learner
from evaluation.benchmarks.learning.strategies import Offered, Strategy
from evaluation.metrics import macro_f1
from triage.errors import InvalidConfiguration
from triage.taxonomy import HEADS, Head, Taxonomy

URGENT_RECALL = "urgent recall"
MEASURES = (*(f"{head} macro-F1" for head in HEADS), URGENT_RECALL)

Curve = npt.NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is labelled.

    Attributes:
        start: labels drawn at random before the first round.
        batch: labels of a round.
        rounds: how often the model is fitted again.
        offered: alerts that arrive in a round, from which the batch is chosen; none offers all that have no label.
        skew: how uneven the categories of the pool are, 0 as they are.
        seeds: repetitions; each has a start of its own, the same for every strategy.
    """

    start: int = 200
    batch: int = 150
    rounds: int = 12
    offered: int | None = 450
    skew: float = 0.0
    seeds: int = 5

    @property
    def counts(self) -> tuple[int, ...]:
        """The number of labels at each measurement."""
        return tuple(self.start + self.batch * number for number in range(self.rounds + 1))


@dataclass(frozen=True, slots=True)
class Curves:
    """What was measured: per strategy and measure, shape (seeds, measurements); `full` with every label told."""

    counts: tuple[int, ...]
    values: Mapping[str, Mapping[str, Curve]]
    full: Mapping[str, float]


class Simulation:
    """Labels are told only of what a strategy chose.

    Args:
        pool: rows whose labels are hidden.
        test: rows that are only measured.
        taxonomy: the heads' codes and the urgent priority.
        plan: how much is labelled.

    Raises:
        InvalidConfiguration: more labels are asked for than there are rows, or than alerts arrive in a round.
    """

    def __init__(self, pool: Examples, test: Examples, taxonomy: Taxonomy, plan: Plan) -> None:
        if plan.offered is not None and plan.offered < plan.batch:
            raise InvalidConfiguration(
                f"Of {plan.offered} alerts that arrive, {plan.batch} cannot be chosen; raise --offered"
                " or lower --batch."
            )
        self._pool = pool
        self._test = test
        self._plan = plan
        self._codes: dict[Head, int] = {head: len(taxonomy.codes(head)) for head in HEADS}
        self._pools = [_drawn_pool(pool, plan, seed) for seed in range(plan.seeds)]
        self._urgent = taxonomy.codes("priority").index(taxonomy.urgent_priority)

    def run(self, strategies: Mapping[str, Strategy], advance: Callable[[], None]) -> Curves:
        """Play every seed with every strategy; `advance` is called `steps` times."""
        # More threads wait for each other here, as in the baseline.
        with threadpool_limits(limits=1):
            played: dict[str, list[list[list[float]]]] = {name: [] for name in strategies}
            for seed, pool in enumerate(self._pools):
                for name, strategy in strategies.items():
                    played[name].append(self._play(pool, strategy, seed, advance))
            full = self._measure(Learner(self._pool, self._codes))
        values = {
            name: {measure: np.array(runs)[:, :, place] for place, measure in enumerate(MEASURES)}
            for name, runs in played.items()
        }
        return Curves(self._plan.counts, values, dict(zip(MEASURES, full, strict=True)))

    def steps(self, strategies: int) -> int:
        """How often `run` advances."""
        return strategies * self._plan.seeds * (self._plan.rounds + 1)

    def _play(self, pool: Examples, strategy: Strategy, seed: int, advance: Callable[[], None]) -> list[list[float]]:
        start, generator = np.random.default_rng((seed, 0)), np.random.default_rng((seed, 1))
        labelled = np.zeros(len(pool), np.bool_)
        labelled[_start(pool, self._plan.start, start)] = True
        found = []
        for number in range(self._plan.rounds + 1):
            learner = Learner(pool.of(np.flatnonzero(labelled)), self._codes)
            found.append(self._measure(learner))
            if number < self._plan.rounds:
                labelled[self._choose(pool, labelled, learner, strategy, generator)] = True
            advance()
        return found

    def _choose(
        self,
        pool: Examples,
        labelled: npt.NDArray[np.bool_],
        learner: Learner,
        strategy: Strategy,
        generator: np.random.Generator,
    ) -> npt.NDArray[np.integer]:
        waiting = np.flatnonzero(~labelled)
        if self._plan.offered is not None and self._plan.offered < len(waiting):
            waiting = generator.choice(waiting, self._plan.offered, replace=False)
        rows = pool.of(waiting)
        offered = Offered(rows.ids, rows.features, learner.probabilities(rows.features))
        return waiting[strategy.order(offered, generator)[: self._plan.batch]]

    def _measure(self, learner: Learner) -> list[float]:
        answers = {head: values.argmax(axis=1) for head, values in learner.probabilities(self._test.features).items()}
        truth = self._test.labels
        urgent = truth["priority"] == self._urgent
        recall = float((answers["priority"][urgent] == self._urgent).mean()) if urgent.any() else 1.0
        return [*(macro_f1(truth[head], answers[head]) for head in HEADS), recall]


def _start(pool: Examples, count: int, generator: np.random.Generator) -> npt.NDArray[np.integer]:
    """Rows at random: what a city that begins would have."""
    return generator.choice(len(pool), count, replace=False)


def _drawn_pool(pool: Examples, plan: Plan, seed: int) -> Examples:
    drawn = thinned(pool, plan.skew, np.random.default_rng(seed))
    most = plan.counts[-1]
    if len(drawn) < most:
        raise InvalidConfiguration(
            f"The pool has {len(drawn)} rows, and {most} labels are asked for; lower --start, --batch or --rounds."
        )
    return drawn
