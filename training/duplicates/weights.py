"""Fits the additive models with the package `interpret`, and turns them into what a bundle holds."""

import warnings
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from interpret.glassbox import ExplainableBoostingClassifier

from models.duplicates.additive import AdditiveModel, Term
from training.duplicates.config import DuplicateConfig

Measured = Sequence[dict[str, float | None]]

# What may only speak against (-1) or for (1) being one fault as it grows; noise must not make it do otherwise.
_DIRECTIONS = {
    "distance": -1,
    "meaning": 1,
    "words": 1,
    "letters": 1,
    "category": 1,
    "house": 1,
    "code": 1,
    "plate": 1,
    "name": 1,
    "number": 1,
}


def fit_weights(
    measured: Measured, truth: Sequence[bool], weight: Sequence[float], names: Sequence[str], config: DuplicateConfig
) -> AdditiveModel:
    """Fit an explainable boosting machine to measured pairs.

    Args:
        measured: the measures of each pair.
        truth: whether each is to be found.
        weight: of each pair.
        names: the measures to read.
        config: steps, interactions, bags and seed.
    """
    machine = ExplainableBoostingClassifier(
        feature_names=list(names),
        feature_types=["continuous"] * len(names),
        max_bins=config.steps,
        max_interaction_bins=min(config.steps, 32),
        interactions=config.interactions,
        outer_bags=config.bags,
        monotone_constraints=[_DIRECTIONS.get(name, 0) for name in names],
        max_rounds=1500,
        n_jobs=1,
        random_state=config.seed,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of measures that are missing or the same in every pair
        machine.fit(table(measured, names), np.array(truth), sample_weight=np.array(weight))
    return _exported(machine, names)


def table(measured: Measured, names: Sequence[str]) -> npt.NDArray[np.float64]:
    """Measures as rows of numbers, NaN where one is missing."""
    return np.array([[np.nan if row[name] is None else row[name] for name in names] for row in measured], float)


def _exported(machine: ExplainableBoostingClassifier, names: Sequence[str]) -> AdditiveModel:
    terms = []
    for features, scores in zip(machine.term_features_, machine.term_scores_, strict=True):
        cuts = []
        for feature in features:
            resolutions = machine.bins_[feature]
            cuts.append(tuple(float(cut) for cut in resolutions[min(len(features), len(resolutions)) - 1]))
        # The last bin of each measure is for values of an unknown kind, which numbers never are.
        known = scores[tuple(slice(0, -1) for _ in features)]
        terms.append(
            Term(
                measures=tuple(names[feature] for feature in features),
                edges=tuple(cuts),
                scores=tuple(round(float(score), 4) for score in np.asarray(known).ravel()),
            )
        )
    return AdditiveModel(intercept=round(float(machine.intercept_[0]), 4), terms=tuple(terms))
