"""The targets of the text model, and which of them an evaluation reaches."""

import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from evaluation.evaluate import Evaluation
from evaluation.intervals import Interval
from evaluation.live.intervals import Share
from evaluation.slices import not_french
from models.text import PART
from triage.taxonomy import HEADS, Head

RARE = 5  # with fewer rows of a category, its F1 is chance, and accuracy is held to the target
CALIBRATION_LIMITS: dict[Head, float] = {"category": 0.04, "department": 0.04, "priority": 0.06}
INT8_LOSS = 0.005
MEGABYTES = 60  # of a whole bundle
_DROPS = {"plain": 0.02, "typos": 0.04, "capitals": 0.02, "contact": 0.02}
_TEXT_MEGABYTES = 40
_SPEEDUP = 6


@dataclass(frozen=True, slots=True)
class Target:
    """One line of the table of targets.

    Attributes:
        name: what is measured.
        goal: the target in words, such as `≥ 0.90`; empty for a figure that is only printed.
        found: the figure in words; empty where this evaluation did not measure it.
        bounds: how sure it is, in words.
        reached: none where there is no target or no figure.
    """

    name: str
    goal: str
    found: str
    bounds: str = ""
    reached: bool | None = None

    @property
    def status(self) -> str:
        """The outcome in a word or two."""
        if self.reached is None:
            return "printed only" if self.found else "not measured"
        return "reached" if self.reached else "missed"


def targets(evaluation: Evaluation) -> list[Target]:
    """The table of targets; a figure counts by its value, not by its bounds."""
    return [
        *_head_targets(evaluation),
        *_decision_targets(evaluation),
        *_robustness_targets(evaluation),
        *_bundle_targets(evaluation),
    ]


def _head_targets(evaluation: Evaluation) -> Iterator[Target]:
    category, department, priority = (evaluation.model[head] for head in HEADS)
    truth = evaluation.answers.heads["category"].truth
    rare = np.bincount(truth, minlength=len(evaluation.answers.codes["category"])).min() < RARE
    if rare:
        yield _at_least(f"category accuracy (a category has fewer than {RARE} rows)", 0.90, category.accuracy)
    else:
        yield _at_least("category macro-F1", 0.90, category.macro_f1)
    yield _at_least("department accuracy", 0.90, department.accuracy)
    yield _at_least("priority macro-F1", 0.78, priority.macro_f1)
    yield _at_least("top-3 category accuracy", 0.97, category.top_3)
    for head, limit in CALIBRATION_LIMITS.items():
        yield _at_most(f"{head} calibration error", limit, evaluation.model[head].calibration_error)


def _decision_targets(evaluation: Evaluation) -> Iterator[Target]:
    decisions, urgent = evaluation.decisions, evaluation.answers.urgent_priority
    yield _at_least(f"{urgent} caught", 0.95, decisions.urgent_caught)
    yield _at_most("others flagged with them", 0.12, decisions.others_flagged)
    yield _at_least(f"routed, of what is not {urgent}", 0.70, decisions.routed)
    yield _at_most("category or department wrong among these", 0.05, decisions.routed_error)


def _robustness_targets(evaluation: Evaluation) -> Iterator[Target]:
    for change in evaluation.robustness:
        limit = _DROPS[change.code]
        worst = max(HEADS, key=lambda head, drop=change.drop: drop[head])  # type: ignore[misc]
        drop = change.drop[worst]
        each = ", ".join(f"{head} {100 * change.drop[head]:+.2f}" for head in HEADS)
        yield Target(
            f"drop in macro-F1, {change.name}", f"≤ {100 * limit:g} points", f"{100 * drop:.2f}", each, drop <= limit
        )
    foreign = not_french(evaluation.answers.rows)
    head = evaluation.answers.heads["category"].of(foreign)
    score = f"{head.macro_f1:.3f}" if foreign.any() else ""
    yield Target("category macro-F1 on rows that are not French", "", score, f"rows: {foreign.sum()}")


def _bundle_targets(evaluation: Evaluation) -> Iterator[Target]:
    manifest, goal = evaluation.manifest, f"≤ {100 * INT8_LOSS:g} points"
    names = [f"int8_{head}_macro_f1_change" for head in HEADS]
    if all(name in manifest.metrics for name in names):
        losses = [-manifest.metrics[name] for name in names]
        each = ", ".join(f"{head} {100 * loss:+.2f}" for head, loss in zip(HEADS, losses, strict=True))
        reached = max(losses) <= INT8_LOSS
        yield Target("int8 against float32, loss of macro-F1", goal, f"{100 * max(losses):.2f}", each, reached)
    else:
        yield Target("int8 against float32, loss of macro-F1", goal, "")
    size = manifest.part_bytes(PART) / 1e6
    yield Target("encoder and heads on disk", f"≤ {_TEXT_MEGABYTES} MB", f"{size:.1f} MB", "", size <= _TEXT_MEGABYTES)
    yield Target("faster than PyTorch eager, one thread", f"≥ {_SPEEDUP} times", "", "see `triage bench inference`")


def _at_least(name: str, goal: float, figure: Interval | Share) -> Target:
    return _compared(name, f"≥ {goal:.2f}", figure, goal, operator.ge)


def _at_most(name: str, goal: float, figure: Interval | Share) -> Target:
    return _compared(name, f"≤ {goal:.2f}", figure, goal, operator.le)


def _compared(
    name: str, goal: str, figure: Interval | Share, limit: float, holds: Callable[[float, float], bool]
) -> Target:
    if isinstance(figure, Share) and not figure.total:
        return Target(name, goal, "")
    if isinstance(figure, Interval):
        bounds = f"{figure.low:.3f}–{figure.high:.3f}"
    elif holds is operator.ge:
        bounds = f"lower bound {figure.lower:.3f}, {figure.hits} of {figure.total}"
    else:
        bounds = f"upper bound {figure.upper:.3f}, {figure.hits} of {figure.total}"
    return Target(name, goal, f"{figure:.3f}", bounds, holds(figure.value, limit))
