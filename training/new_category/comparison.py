"""Two bundles before the same rows: what the old categories lost, and what the new ones are worth."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from evaluation.answers import Answers, answer_rows
from models.predictor import Predictor
from training.data import TrainingData
from training.new_category.cost import Cost, OwnFigures, cost_of
from training.new_category.rehearsal import new_codes
from training.new_category.report import cost_report
from triage.corpus import LabelledAlert, Split
from triage.taxonomy import HEADS, Head, Taxonomy


@dataclass(frozen=True, slots=True)
class JudgedExample:
    """An example of a new category, and what a model answered that had not learned from it."""

    row: LabelledAlert
    category: str
    department: str


def compare(
    before: Predictor, after: Predictor, data: TrainingData, left_out: Sequence[JudgedExample]
) -> tuple[Cost, str]:
    """The figures and the report.

    Args:
        before: the bundle that was grown.
        after: the new one.
        data: whose test rows are asked; those with codes that only the new bundle knows judge these alone.
        left_out: every train example of a new category, with the answer of a fit that was left without it.
    """
    test = data.split(Split.TEST)
    fresh = new_codes(before.taxonomy, after.taxonomy)
    both = [row for row in test if _knows(before.taxonomy, row)]
    first, second = answer_rows(before, both), answer_rows(after, both)
    tested = _tested(after, [row for row in test if row.category in fresh])
    taken = Counter(_said(second))
    own = [_own(code, left_out, tested, taken[code]) for code in fresh]
    cost = cost_of(first, second, own)
    noticed = answer_rows(after, [row for row in data.split(Split.VALIDATION) if _knows(before.taxonomy, row)])
    answered = zip((*second.rows, *noticed.rows), (*_said(second), *_said(noticed)), strict=True)
    to_look_at = [(row.id, row.category, code) for row, code in answered if code in fresh]
    return cost, cost_report(cost, before.model_info.version, after.model_info.version, to_look_at)


def _knows(taxonomy: Taxonomy, row: LabelledAlert) -> bool:
    return all(row.label(head) in taxonomy.codes(head) for head in HEADS)


def _own(code: str, left_out: Sequence[JudgedExample], tested: Sequence[JudgedExample], taken: int) -> OwnFigures:
    """Figures of a new category: on the test split where that has rows of it, else on those left out."""
    learned = [item for item in left_out if item.row.category == code]
    judged = [item for item in tested if item.row.category == code] or learned
    return OwnFigures(
        code=code,
        examples=len(learned),
        judged=len(judged),
        found=sum(item.category == code for item in judged),
        department=sum(item.department == item.row.department for item in judged),
        taken=taken,
        left_out=judged is learned,
    )


def _tested(after: Predictor, rows: Sequence[LabelledAlert]) -> list[JudgedExample]:
    if not rows:
        return []
    answers = answer_rows(after, rows)
    departments = _said_by(answers, "department")
    return [JudgedExample(*item) for item in zip(rows, _said(answers), departments, strict=True)]


def _said(answers: Answers) -> list[str]:
    return _said_by(answers, "category")


def _said_by(answers: Answers, head: Head) -> list[str]:
    return [answers.codes[head][int(number)] for number in answers.heads[head].predicted]
