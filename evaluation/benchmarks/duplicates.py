"""Duplicates of a folder of scenes as the service finds them, beside the rules that cities use."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

from evaluation.duplicate_corpus import LinkedReport, open_pairs, true_pairs
from evaluation.duplicate_figures import (
    RULES,
    PairFigures,
    by_scene,
    expected_calibration_error,
    pair_figures,
)
from models.duplicates.finder import DuplicateFinder
from models.duplicates.replay import Replay, in_time
from models.predictor import Predictor
from triage.alert import Alert
from triage.duplicates.report import Report

_CHUNK = 256


@dataclass(frozen=True, slots=True)
class DuplicateTable:
    """Figures of the bundle and of each rule, and the calibration error over every pair that was compared."""

    found: PairFigures
    rules: dict[str, PairFigures]
    calibration_error: float
    compared: int


def bench_duplicates(
    predictor: Predictor, finder: DuplicateFinder, scenes: Sequence[LinkedReport], advance: Callable[[int], None]
) -> DuplicateTable:
    """Replay the reports of all scenes in the order of their time.

    The bundle predicts the categories that it needs; the rules are given the true ones.
    """
    reports: list[Report] = []
    for start in range(0, len(scenes), _CHUNK):
        chunk = [_alert(scene) for scene in scenes[start : start + _CHUNK]]
        reports += predictor.predict(chunk).reports
        advance(len(chunk))
    replay = Replay(finder)
    for report in in_time(reports):
        replay.take(report)
    grouped = {frozenset((one.id, two.id)) for members in replay.clusters() for one, two in combinations(members, 2)}
    truth, left_out = true_pairs(scenes), open_pairs(scenes)
    scored = [(frozenset((pair.id, pair.duplicate_of)), pair.probability) for pair in replay.scored()]
    scored = [(ids, value) for ids, value in scored if ids not in left_out]
    return DuplicateTable(
        found=pair_figures(grouped, scenes),
        rules={rule.name: pair_figures(by_scene(scenes, rule.pairs), scenes) for rule in RULES},
        calibration_error=expected_calibration_error(
            [value for _, value in scored], [ids in truth for ids, _ in scored]
        ),
        compared=len(scored),
    )


def _alert(scene: LinkedReport) -> Alert:
    return Alert(id=scene.id, text=scene.text, lat=scene.lat, lon=scene.lon, created_at=scene.created_at)
