"""Champion and challenger before the same frozen rows, each asked once."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from evaluation.answers import Answers, answer_rows
from evaluation.metrics import Booleans, Integers
from models.predictor import Predictor
from triage.corpus import LabelledAlert
from triage.taxonomy import HEADS, Head, Taxonomy


@dataclass(frozen=True, slots=True)
class TrainingTexts:
    """What a challenger was trained on, as far as it is known.

    Attributes:
        texts: those at hand, without personal data.
        proven: whether their digest is the one in the challenger's manifest, so that none is missing.
        doubts: sentences that say what could not be proven.
    """

    texts: tuple[str, ...]
    proven: bool
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Duel:
    """Both models' answers to the rows whose labels both know.

    Attributes:
        champion: its answers.
        challenger: its answers to the same rows.
        left_out: how many rows have a label that one of them does not know.
    """

    champion: Answers
    challenger: Answers
    left_out: int = 0

    @property
    def rows(self) -> int:
        """How many rows both answered."""
        return len(self.champion.rows)

    def codes(self, head: Head) -> tuple[str, ...]:
        """All codes of both models: the champion's, then those that the challenger adds."""
        return tuple(dict.fromkeys((*self.champion.codes[head], *self.challenger.codes[head])))

    def labels(self, head: Head) -> tuple[Integers, Integers, Integers]:
        """The true code of each row, the champion's and the challenger's, as numbers in `codes`."""
        number = {code: place for place, code in enumerate(self.codes(head))}
        theirs = np.array([number[code] for code in self.champion.codes[head]])
        ours = np.array([number[code] for code in self.challenger.codes[head]])
        before, after = self.champion.heads[head], self.challenger.heads[head]
        return theirs[before.truth], theirs[before.predicted], ours[after.predicted]

    def right(self, head: Head) -> tuple[Booleans, Booleans]:
        """Which rows the champion answers rightly, and which the challenger."""
        return ~self.champion.heads[head].wrong, ~self.challenger.heads[head].wrong


@dataclass(frozen=True)
class Contest:
    """Everything that the gates look at.

    Attributes:
        champion: what is served now.
        challenger: what shall be served.
        taxonomy: the city's own, which the service holds the challenger to; the champion's copy by default.
        test: the frozen test rows.
        reviews: the newest answers of staff to alerts drawn at random, which neither was trained on.
        training: what the challenger was trained on.
        behaviour: the folder of the behaviour suite; none where it is not installed.
    """

    champion: Predictor
    challenger: Predictor
    taxonomy: Taxonomy
    test: Sequence[LabelledAlert]
    training: TrainingTexts
    reviews: Sequence[LabelledAlert] = ()
    behaviour: Path | None = None

    @cached_property
    def on_test(self) -> Duel:
        """Their answers to the test rows."""
        return self._duel(self.test)

    @cached_property
    def on_reviews(self) -> Duel:
        """Their answers to the reviews."""
        return self._duel(self.reviews)

    def _duel(self, rows: Sequence[LabelledAlert]) -> Duel:
        both = (self.champion, self.challenger)
        known = [
            row
            for row in rows
            if all(row.label(head) in model.taxonomy.codes(head) for model in both for head in HEADS)
        ]
        return Duel(answer_rows(self.champion, known), answer_rows(self.challenger, known), len(rows) - len(known))
