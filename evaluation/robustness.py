"""The same rows as other thumbs would have typed them, or with contact details: how much each change costs."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from evaluation.answers import Answers, answer_rows
from evaluation.contact_details import with_contact
from evaluation.typing_noise import change_between_marks, slip_words, spaced_without_punctuation, strip_accents
from models.predictor import Predictor
from triage.corpus import LabelledAlert
from triage.taxonomy import HEADS, Head

TYPO_SHARE = 0.1

Change = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class RobustnessFigures:
    """Macro-F1 per head on the changed rows, and how much less than on the rows as they are."""

    code: str
    name: str
    macro_f1: Mapping[Head, float]
    drop: Mapping[Head, float]


def robustness_figures(predictor: Predictor, answers: Answers, seed: int = 13) -> list[RobustnessFigures]:
    """Ask a predictor about the same rows without accents and punctuation, with slips, in capitals, with a contact."""
    slips, contacts = random.Random(seed), random.Random(seed)
    rows = answers.rows
    changes: tuple[tuple[str, str, list[LabelledAlert]], ...] = (
        ("plain", "without accents and punctuation", changed_rows(rows, _without_accents_and_punctuation)),
        (
            "typos",
            f"typing noise in {TYPO_SHARE:.0%} of the words",
            changed_rows(rows, lambda text: slip_words(text, TYPO_SHARE, slips)),
        ),
        ("capitals", "in capitals", changed_rows(rows, str.upper)),
        ("contact", "with contact details before or after", rows_with_contact(rows, contacts)),
    )
    before = answers.macro_f1
    found = []
    for code, name, changed in changes:
        after = answer_rows(predictor, changed).macro_f1
        found.append(RobustnessFigures(code, name, after, {head: before[head] - after[head] for head in HEADS}))
    return found


def changed_rows(rows: Sequence[LabelledAlert], change: Change) -> list[LabelledAlert]:
    """The rows with their masked text changed, but not its marks; a text that would be empty stays as it is."""
    texts = [" ".join(change_between_marks(row.masked_text, [change]).split()) for row in rows]
    return [row.model_copy(update={"text": text or row.text}) for row, text in zip(rows, texts, strict=True)]


def rows_with_contact(rows: Sequence[LabelledAlert], generator: random.Random) -> list[LabelledAlert]:
    """The rows with a masked number, address or name in a sentence before or after their masked text."""
    return [row.model_copy(update={"text": with_contact(row.masked_text, generator)}) for row in rows]


def _without_accents_and_punctuation(piece: str) -> str:
    return spaced_without_punctuation(strip_accents(piece))
