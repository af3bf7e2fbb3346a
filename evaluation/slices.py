"""The same figures on parts of the rows, so that no group hides behind the mean."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from evaluation.answers import Answers
from evaluation.decisions import decision_figures
from evaluation.live.intervals import Share
from evaluation.metrics import Booleans, expected_calibration_error
from evaluation.typing_noise import has_accent
from triage.corpus import LabelledAlert

LEAST_ROWS = 30  # below, a figure says little
FRENCH = "fr"
_LENGTHS = (("up to 5 words", 1, 5), ("6 to 15 words", 6, 15), ("16 to 30 words", 16, 30), ("over 30 words", 31, None))


@dataclass(frozen=True, slots=True)
class SliceFigures:
    """Figures of the rows of one slice.

    Attributes:
        family: what the rows are sliced by.
        name: which slice.
        rows: how many rows.
        category_macro_f1: over the categories that occur; none where one category makes the slice.
        category: share of right categories.
        department: share of right departments.
        priority: share of right priorities.
        calibration_error: of the category.
        routed: alerts decided `route` among those that are not urgent.
        routed_error: wrong category or department among these.
    """

    family: str
    name: str
    rows: int
    category_macro_f1: float | None
    category: float
    department: float
    priority: float
    calibration_error: float
    routed: Share
    routed_error: Share

    @property
    def few(self) -> bool:
        """Whether there are too few rows to say much."""
        return self.rows < LEAST_ROWS


def slice_figures(answers: Answers) -> list[SliceFigures]:
    """Figures by language, French or not, length, accents and category; empty slices are left out."""
    return [
        _figures(answers, family, name, members) for family, name, members in members_by_slice(answers) if members.any()
    ]


def not_french(rows: tuple[LabelledAlert, ...]) -> Booleans:
    """Which rows are not French; a mix of languages is not."""
    return np.array([row.lang.partition("-")[0].lower() != FRENCH for row in rows])


def members_by_slice(answers: Answers) -> Iterator[tuple[str, str, Booleans]]:
    """Family, name and rows of each slice, also of empty ones."""
    rows = answers.rows

    def where(holds: Callable[[LabelledAlert], bool]) -> Booleans:
        return np.array([holds(row) for row in rows])

    foreign = not_french(rows)
    yield "French", "French", ~foreign
    yield "French", "not French", foreign
    languages = np.array([row.lang for row in rows])
    names, counts = np.unique(languages, return_counts=True)
    for name in names[np.argsort(-counts, kind="stable")]:
        yield "language", str(name), languages == name
    words = np.array([len(row.text.split()) for row in rows])
    for name, least, most in _LENGTHS:
        yield "length", name, (words >= least) & (words <= (most or words.max()))
    accents = where(lambda row: has_accent(row.masked_text))
    yield "accents", "with accents", accents
    yield "accents", "without accents", ~accents
    for code in answers.codes["category"]:
        yield "category", code, where(lambda row, code=code: row.category == code)  # type: ignore[misc]


def _figures(answers: Answers, family: str, name: str, members: Booleans) -> SliceFigures:
    part = answers.of(members)
    category = part.heads["category"]
    decisions = decision_figures(part)
    return SliceFigures(
        family=family,
        name=name,
        rows=len(part.rows),
        category_macro_f1=None if family == "category" else category.macro_f1,
        category=float(1 - category.wrong.mean()),
        department=float(1 - part.heads["department"].wrong.mean()),
        priority=float(1 - part.heads["priority"].wrong.mean()),
        calibration_error=expected_calibration_error(category.truth, category.probabilities),
        routed=decisions.routed,
        routed_error=decisions.routed_error,
    )
