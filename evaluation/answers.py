"""What a predictor answered on labelled rows, as arrays that every figure is counted from."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from evaluation.metrics import Booleans, Floats, Integers, label_numbers, macro_f1
from models.predictor import Predictor
from triage.alert import Alert
from triage.corpus import LabelledAlert
from triage.policy import HOLDING
from triage.prediction import Decision, Prediction
from triage.taxonomy import HEADS, Head, Taxonomy

CHUNK = 256


@dataclass(frozen=True, slots=True)
class HeadAnswers:
    """True classes, shape (rows,), and probabilities, shape (rows, codes), in the taxonomy's order of codes."""

    truth: Integers
    probabilities: Floats

    @property
    def predicted(self) -> Integers:
        """The likeliest class of each row."""
        return self.probabilities.argmax(axis=1)

    @property
    def confidence(self) -> Floats:
        """The probability of the likeliest class of each row."""
        return self.probabilities.max(axis=1)

    @property
    def wrong(self) -> Booleans:
        """Whether the likeliest class is not the true one."""
        return self.predicted != self.truth

    @property
    def macro_f1(self) -> float:
        """F1 averaged over the classes that occur in the truth."""
        return macro_f1(self.truth, self.predicted)

    def of(self, rows: Integers | Booleans) -> "HeadAnswers":
        """The same of some rows."""
        return HeadAnswers(self.truth[rows], self.probabilities[rows])


@dataclass(frozen=True, slots=True)
class Answers:
    """Rows with what was answered, head by head, and what the policy decided."""

    rows: tuple[LabelledAlert, ...]
    codes: Mapping[Head, tuple[str, ...]]
    heads: Mapping[Head, HeadAnswers]
    decisions: tuple[Decision, ...]
    reasons: tuple[tuple[str, ...], ...]
    urgent_priority: str

    @property
    def macro_f1(self) -> dict[Head, float]:
        """Macro-F1 of each head."""
        return {head: answers.macro_f1 for head, answers in self.heads.items()}

    @property
    def urgent(self) -> Booleans:
        """Whether a row truly is urgent."""
        return np.array([row.priority == self.urgent_priority for row in self.rows])

    @property
    def flagged(self) -> Booleans:
        """Whether a row was answered as urgent, or decided `route_and_review` as possibly so."""
        both = np.array([decision is Decision.ROUTE_AND_REVIEW for decision in self.decisions])
        return both | (self.heads["priority"].predicted == self.codes["priority"].index(self.urgent_priority))

    @property
    def routed(self) -> Booleans:
        """Whether a row was decided `route`; `route_and_review` is none."""
        return np.array([decision is Decision.ROUTE for decision in self.decisions])

    @property
    def held(self) -> Booleans:
        """Whether no threshold on the confidence would route a row: flagged, or held for another reason."""
        return self.flagged | np.array([not HOLDING.isdisjoint(reasons) for reasons in self.reasons])

    @property
    def misrouted(self) -> Booleans:
        """Whether the category or the department is wrong, which is what sends an alert astray."""
        return self.heads["category"].wrong | self.heads["department"].wrong

    @property
    def routing_confidence(self) -> Floats:
        """The lesser confidence of category and department, which the policy compares with its threshold."""
        return np.minimum(self.heads["category"].confidence, self.heads["department"].confidence)

    def of(self, members: Booleans) -> "Answers":
        """The same of some rows."""
        return Answers(
            rows=tuple(itertools.compress(self.rows, members)),
            codes=self.codes,
            heads={head: answers.of(members) for head, answers in self.heads.items()},
            decisions=tuple(itertools.compress(self.decisions, members)),
            reasons=tuple(itertools.compress(self.reasons, members)),
            urgent_priority=self.urgent_priority,
        )


def answer_rows(predictor: Predictor, rows: Sequence[LabelledAlert]) -> Answers:
    """Ask a predictor about labelled rows."""
    taxonomy = predictor.taxonomy
    predictions = predict_rows(predictor, rows)
    return Answers(
        rows=tuple(rows),
        codes={head: taxonomy.codes(head) for head in HEADS},
        heads={
            head: HeadAnswers(label_numbers(rows, head, taxonomy), _probabilities(predictions, head, taxonomy))
            for head in HEADS
        },
        decisions=tuple(prediction.decision for prediction in predictions),
        reasons=tuple(prediction.reasons for prediction in predictions),
        urgent_priority=taxonomy.urgent_priority,
    )


def predict_rows(predictor: Predictor, rows: Sequence[LabelledAlert]) -> list[Prediction]:
    """Predictions of labelled rows, in their order."""
    alerts = [Alert(id=row.id, text=row.text) for row in rows]
    return [
        prediction
        for start in range(0, len(alerts), CHUNK)
        for prediction in predictor.predict(alerts[start : start + CHUNK]).predictions
    ]


def _probabilities(predictions: Sequence[Prediction], head: Head, taxonomy: Taxonomy) -> Floats:
    codes = taxonomy.codes(head)
    values = np.zeros((len(predictions), len(codes)))
    for line, prediction in enumerate(predictions):
        answer = getattr(prediction, head)
        for item in (answer, *answer.alternatives):
            values[line, codes.index(item.code)] = item.confidence
    return values
