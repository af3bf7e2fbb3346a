"""What a new category cost the others: the same test rows before and after, and the examples when left out."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evaluation.answers import Answers
from evaluation.decisions import DecisionFigures, decision_figures
from evaluation.live.intervals import CONFIDENCE
from evaluation.metrics import Floats, Integers
from training.promotion.paired import resampled
from triage.taxonomy import HEADS, Head


@dataclass(frozen=True, slots=True)
class CategoryCost:
    """F1 of one category on the same rows; `low` and `high` bound the change in 90 % of paired bootstrap draws."""

    code: str
    rows: int
    before: float
    after: float
    low: float
    high: float

    @property
    def change(self) -> float:
        """Below 0, the others paid."""
        return self.after - self.before

    @property
    def worse(self) -> bool:
        """Whether it lost more than chance explains."""
        return self.high < 0


@dataclass(frozen=True, slots=True)
class OwnFigures:
    """The new category's own.

    Attributes:
        code: the category.
        examples: how many it was learned from.
        judged: examples of the test split, or those that a fit was left without.
        found: how many of these got the category.
        department: how many of these got their department.
        taken: test rows of other categories that got it.
        left_out: whether the judged were left out in turn, since the test split has none.
    """

    code: str
    examples: int
    judged: int
    found: int
    department: int
    taken: int
    left_out: bool

    @property
    def recall(self) -> float:
        """Share of the judged that got the category."""
        return self.found / self.judged if self.judged else 0.0

    @property
    def f1(self) -> float:
        """F1 among the judged and the test rows of all other categories."""
        total = self.judged + self.found + self.taken
        return 2 * self.found / total if total else 0.0


@dataclass(frozen=True, slots=True)
class Cost:
    """Everything that the report says; head figures are macro-F1 before and after over the codes known before."""

    categories: tuple[CategoryCost, ...]
    heads: dict[Head, tuple[float, float]]
    decisions: tuple[DecisionFigures, DecisionFigures]
    own: tuple[OwnFigures, ...]

    def metrics(self) -> dict[str, float]:
        """Flat figures for MLflow and the manifest."""
        flat = {f"cost_f1_change_{item.code}": item.change for item in self.categories}
        flat["cost_categories_worse"] = float(sum(item.worse for item in self.categories))
        flat |= {f"cost_{head}_macro_f1_change": after - before for head, (before, after) in self.heads.items()}
        for own in self.own:
            flat |= {f"new_{own.code}_f1": own.f1, f"new_{own.code}_recall": own.recall}
            flat[f"new_{own.code}_taken"] = float(own.taken)
        return flat


def cost_of(before: Answers, after: Answers, own: Sequence[OwnFigures]) -> Cost:
    """Compare answers to the same rows, all of which have codes that both know."""
    codes = after.codes["category"]
    truth, first, second = _renumbered(before, after, "category")
    return Cost(
        categories=tuple(_category_costs(truth, first, second, codes)),
        heads={head: _macro(*_renumbered(before, after, head)) for head in HEADS},
        decisions=(decision_figures(before), decision_figures(after)),
        own=tuple(own),
    )


def _renumbered(before: Answers, after: Answers, head: Head) -> tuple[Integers, Integers, Integers]:
    """Truth and both answers as numbers of the codes after."""
    number = {code: place for place, code in enumerate(after.codes[head])}
    moved = np.array([number[code] for code in before.codes[head]])
    return after.heads[head].truth, moved[before.heads[head].predicted], after.heads[head].predicted


def _category_costs(truth: Integers, first: Integers, second: Integers, codes: Sequence[str]) -> list[CategoryCost]:
    ones = np.eye(len(codes))
    columns = np.concatenate(
        [ones[truth], ones[first], ones[first] * ones[truth], ones[second], ones[second] * ones[truth]], axis=1
    )
    whole = _f1(columns.sum(axis=0)[None])[:, 0]
    draws = np.concatenate([_f1(sums) for sums in resampled(columns)], axis=1)
    low, high = np.nanquantile(draws[1] - draws[0], [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2], axis=0)
    counts = np.bincount(truth, minlength=len(codes))
    return [
        CategoryCost(code, int(counts[at]), float(whole[0, at]), float(whole[1, at]), float(low[at]), float(high[at]))
        for at, code in enumerate(codes)
        if counts[at]
    ]


def _f1(sums: Floats) -> Floats:
    """F1 before and after, shape (2, draws, codes), from sums of the columns; 0 where nothing was said or true."""
    true, first, first_right, second, second_right = np.split(sums, 5, axis=1)
    return np.stack(
        [2 * right / np.maximum(true + said, 1) for said, right in ((first, first_right), (second, second_right))]
    )


def _macro(truth: Integers, first: Integers, second: Integers) -> tuple[float, float]:
    """Macro-F1 of both over the codes that occur."""
    classes = int(max(truth.max(), first.max(), second.max())) + 1
    ones = np.eye(classes)
    sums = [
        np.concatenate([ones[truth].sum(0), ones[said].sum(0), (ones[said] * ones[truth]).sum(0)])
        for said in (first, second)
    ]
    occurs = np.bincount(truth, minlength=classes) > 0
    values = []
    for item in sums:
        true, answered, right = np.split(item, 3)
        values.append(float((2 * right / np.maximum(true + answered, 1))[occurs].mean()))
    return values[0], values[1]
