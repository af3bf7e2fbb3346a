"""Measures the duplicate part on authors and cases that its models never saw, and chooses its threshold."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from evaluation.duplicate_corpus import LinkedReport, open_pairs, true_pairs
from evaluation.duplicate_figures import (
    RULES,
    Ids,
    PairFigures,
    by_scene,
    expected_calibration_error,
    pair_figures,
)
from models.duplicates.additive import AdditiveModel
from models.duplicates.finder import DuplicateFinder
from models.duplicates.replay import Replay, in_time
from training.duplicates.config import DuplicateConfig
from training.duplicates.examples import Examples
from training.duplicates.part import FittedPart, HeldOut, MeasuredCase, held_out_probabilities, pair_weights
from triage.duplicates.rules import DuplicateRules

_THRESHOLDS = tuple(round(0.3 + 0.05 * step, 2) for step in range(13))
_FINER = tuple(round(0.01 * step, 2) for step in (-4, -3, -2, -1, 1, 2, 3, 4))  # around the best of these


@dataclass(frozen=True, slots=True)
class ThresholdFigures:
    """What a threshold gives on held-out authors; `adjusted` counts false pairs as rare as in a street."""

    threshold: float
    raw: PairFigures
    adjusted: PairFigures


@dataclass(frozen=True, slots=True)
class DuplicateFigures:
    """Figures of a part on what its models never saw."""

    chosen: ThresholdFigures
    curve: tuple[ThresholdFigures, ...]
    rules: dict[str, PairFigures]
    calibration_error: float
    first: float
    first_five: float
    nearest_first: float
    nearest_five: float

    def metrics(self) -> dict[str, float]:
        """As MLflow and the manifest keep them."""
        return {
            "duplicates.f1": self.chosen.raw.f1,
            "duplicates.precision": self.chosen.raw.precision,
            "duplicates.recall": self.chosen.raw.recall,
            "duplicates.adjusted_f1": self.chosen.adjusted.f1,
            "duplicates.adjusted_precision": self.chosen.adjusted.precision,
            "duplicates.ece": self.calibration_error,
            "duplicates.link_first": self.first,
            "duplicates.link_first_five": self.first_five,
        }


def measure_part(
    config: DuplicateConfig,
    examples: Examples,
    rules: DuplicateRules,
    fitted: FittedPart,
    advance: Callable[[], None],
) -> DuplicateFigures:
    """Replay every fold with the models that never saw it, at each threshold, and choose one."""
    measured, cases = fitted.pairs, fitted.cases
    share = float(pair_weights(measured).min())
    replays = []
    for own, model in zip(fitted.held_out, fitted.models, strict=True):
        replays.append(_replayed(own, model, rules, len(examples.scenes)))
        advance()

    def at(threshold: float) -> ThresholdFigures:
        return _figures(threshold, _grouped(replays, threshold), examples.scenes, share)

    curve = [at(threshold) for threshold in _THRESHOLDS]
    coarse = _best(curve, config.least_precision)
    finer = [at(round(coarse.threshold + step, 2)) for step in _FINER]
    chosen = _best([coarse, *finer], config.least_precision)
    first, five = _ranked(cases, lambda case: [fitted.rankings[case.fold].logit(row) for row in case.rows])
    nearest, nearest_five = _ranked(cases, lambda case: [-(row["distance"] or 0.0) for row in case.rows])
    weights = pair_weights(measured)
    probabilities = held_out_probabilities(measured, fitted.models)
    return DuplicateFigures(
        chosen=chosen,
        curve=tuple(curve),
        rules={rule.name: pair_figures(by_scene(examples.scenes, rule.pairs), examples.scenes) for rule in RULES},
        calibration_error=expected_calibration_error(
            probabilities, measured.pairs.same_fault.tolist(), weights.tolist()
        ),
        first=first,
        first_five=five,
        nearest_first=nearest,
        nearest_five=nearest_five,
    )


def _best(curve: Sequence[ThresholdFigures], least_precision: float) -> ThresholdFigures:
    """The one with the highest adjusted F1 among those that are precise enough; among all where none is."""
    precise = [item for item in curve if item.adjusted.precision >= least_precision]
    return max(precise or curve, key=lambda item: item.adjusted.f1)


def _replayed(own: HeldOut, model: AdditiveModel, rules: DuplicateRules, scenes: int) -> Replay:
    description = own.scorer.description.model_copy(update={"pairs": model})
    finder = DuplicateFinder(own.scorer.with_description(description), rules, _refuse)
    replay = Replay(finder)
    for report in in_time([report for position, report in own.reports.items() if position < scenes]):
        replay.take(report)
    return replay


def _grouped(replays: Sequence[Replay], threshold: float) -> set[Ids]:
    clusters = (members for replay in replays for members in replay.clusters(threshold))
    return {frozenset((one.id, two.id)) for members in clusters for one, two in combinations(members, 2)}


def _refuse(texts: Sequence[str]) -> Sequence[bytes]:
    raise ValueError(f"{len(texts)} reports have not been read")


def _figures(threshold: float, found: set[Ids], scenes: Sequence[LinkedReport], share: float) -> ThresholdFigures:
    raw = pair_figures(found, scenes)
    truth = true_pairs(scenes)
    judged = found - open_pairs(scenes)
    right = len(judged & truth)
    wrong = share * (len(judged) - right)
    adjusted = PairFigures(
        right / max(1.0, right + wrong), right / max(1, len(truth)), 2 * right / max(1.0, right + wrong + len(truth))
    )
    return ThresholdFigures(threshold, raw, adjusted)


def _ranked(cases: Sequence[MeasuredCase], scores_of: Callable[[MeasuredCase], Sequence[float]]) -> tuple[float, float]:
    """The share of cases whose original comes first, and among the first five."""
    if not cases:
        return 0.0, 0.0
    places = []
    for case in cases:
        scores = np.array(scores_of(case))
        places.append(
            int((scores > scores[case.original]).sum() + (scores[: case.original] == scores[case.original]).sum())
        )
    return float(np.mean([place == 0 for place in places])), float(np.mean([place < 5 for place in places]))
