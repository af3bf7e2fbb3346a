"""The errors that a reader should look at: those of which the model was surest."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from evaluation.answers import Answers
from triage.taxonomy import HEADS, Head

WORST = 50


@dataclass(frozen=True, slots=True)
class HeadAnswer:
    """What was answered for one head, and what is true."""

    answer: str
    truth: str
    confidence: float

    @property
    def wrong(self) -> bool:
        """Whether they differ."""
        return self.answer != self.truth


@dataclass(frozen=True, slots=True)
class WorstError:
    """A row with a wrong answer; `text` is masked, and none where texts are left out."""

    id: str
    text: str | None
    decision: str
    confidence: float
    heads: Mapping[Head, HeadAnswer]


def worst_errors(answers: Answers, most: int = WORST, *, texts: bool = True) -> list[WorstError]:
    """Rows with a wrong answer, the surest first by the confidence of their surest wrong head."""
    surest = np.max([np.where(head.wrong, head.confidence, -1.0) for head in answers.heads.values()], axis=0)
    order = np.argsort(-surest, kind="stable")[:most]
    return [_error(answers, int(row), float(surest[row]), texts) for row in order if surest[row] >= 0]


def _error(answers: Answers, number: int, confidence: float, texts: bool) -> WorstError:
    row = answers.rows[number]
    return WorstError(
        id=row.id,
        text=row.masked_text if texts else None,
        decision=answers.decisions[number].value,
        confidence=confidence,
        heads={
            head: HeadAnswer(
                answer=answers.codes[head][answers.heads[head].predicted[number]],
                truth=row.label(head),
                confidence=float(answers.heads[head].confidence[number]),
            )
            for head in HEADS
        },
    )
