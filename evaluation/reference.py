"""Makes the reference of a bundle: what the alerts were like that it was checked on."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from evaluation.live.drift.kernel import neighbourhood, shift, spread_evenly
from evaluation.live.drift.observed import Observed
from models.calibration import Floats
from models.embedding_reference import Directions
from models.language import LanguageReader
from models.predictor import Predictor
from models.reference import (
    TEXT_MODEL,
    Answered,
    Numbers,
    Reference,
    count_lengths,
    count_percents,
    pack_pieces,
    shares_unseen,
    unpack_pieces,
)
from models.text import TextModel
from triage.alert import Alert
from triage.corpus import LabelledAlert
from triage.prediction import Decision, Prediction
from triage.taxonomy import HEADS

# More texts say little more; their coordinates take most of the file.
MOST_TEXTS = 1_000
DIRECTIONS = 32
# The average of a category is no average of fewer.
_LEAST_OF_CATEGORY = 10

Places = npt.NDArray[np.integer]
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Checked:
    """The alerts that a bundle is checked on, and those that it was fitted to.

    Attributes:
        rows: with their labels, such as the validation split.
        fitted: whose words training met.
        data: what the rows are, in words.
    """

    rows: Sequence[LabelledAlert]
    fitted: Sequence[LabelledAlert]
    data: str


@dataclass(frozen=True, slots=True)
class Fitted:
    """What training left behind: the pieces of words that it met, and the directions in which its texts differ."""

    pieces: bytes
    directions: Directions

    @classmethod
    def of(cls, model: TextModel, rows: Sequence[LabelledAlert]) -> "Fitted":
        """Of the rows that a text model was trained on."""
        texts = [row.masked_text for row in rows]
        seen = {piece for row in model.tokenizer.encode(texts) for piece in row}
        places = np.linspace(0, len(texts) - 1, min(len(texts), MOST_TEXTS)).astype(np.int64)
        spread = [texts[place] for place in places]
        directions = Directions.of(model.predict(spread).embeddings, DIRECTIONS)
        return cls(pack_pieces(seen, model.tokenizer.size), directions)


@dataclass(frozen=True, slots=True)
class Looked:
    """Labelled alerts as drift is looked for among later ones; each list has one entry for each alert.

    Attributes:
        confidences: of the less sure of category and department.
        languages: codes; "" where it could not be told.
        lengths: characters of texts without personal data.
        unseen: shares of pieces of words that training never met.
        coordinates: shape (alerts, coordinates).
        decisions: of the bundle.
        wrong: whether any of its codes was wrong.
    """

    categories: Sequence[str]
    confidences: Sequence[float]
    languages: Sequence[str]
    lengths: Sequence[int]
    unseen: Sequence[float]
    coordinates: Floats
    decisions: Sequence[Decision]
    wrong: Sequence[bool]

    def some(self, places: Places) -> "Looked":
        """Those at some places, which may come twice."""
        return Looked(
            _at(self.categories, places),
            _at(self.confidences, places),
            _at(self.languages, places),
            _at(self.lengths, places),
            _at(self.unseen, places),
            self.coordinates[places],
            _at(self.decisions, places),
            _at(self.wrong, places),
        )

    def answers(self) -> dict[Decision, Answered]:
        """How often answers of each decision were wrong: what staff would have to change."""
        total, wrong = Counter(self.decisions), Counter[Decision]()
        for decision, is_wrong in zip(self.decisions, self.wrong, strict=True):
            wrong[decision] += is_wrong
        return {decision: Answered(alerts=number, wrong=wrong[decision]) for decision, number in sorted(total.items())}

    def observed(self) -> Observed:
        """The same alerts as if they had come in, all answered by staff."""
        return Observed(
            alerts=len(self.categories),
            categories=self.categories,
            confidences=self.confidences,
            languages=self.languages,
            lengths=self.lengths,
            unseen=self.unseen,
            coordinates=self.coordinates,
            answers=self.answers(),
        )


def make_reference(predictor: Predictor, model: TextModel, checked: Checked) -> Reference:
    """Look at labelled alerts as drift is looked for among later ones.

    Args:
        predictor: of the bundle.
        model: its text model.
        checked: the alerts.

    Returns:
        The same for the same bundle and alerts, to the bit.
    """
    fitted = Fitted.of(model, checked.fitted)
    text_sha256 = predictor.bundle.manifest.files[TEXT_MODEL].sha256
    return summarise(look_at(checked.rows, predictor, model, fitted), fitted, checked.data, text_sha256)


def look_at(rows: Sequence[LabelledAlert], predictor: Predictor, model: TextModel, fitted: Fitted) -> Looked:
    """Look at labelled alerts one by one."""
    texts = [row.masked_text for row in rows]
    alerts = [Alert.model_construct(id=row.id, text=text) for row, text in zip(rows, texts, strict=True)]
    predictions = predictor.predict(alerts).predictions
    reader = LanguageReader()
    return Looked(
        categories=[prediction.category.code for prediction in predictions],
        confidences=[min(answer.category.confidence, answer.department.confidence) for answer in predictions],
        languages=[reader.tell(text) or "" for text in texts],
        lengths=[len(text) for text in texts],
        unseen=shares_unseen(model.tokenizer.encode(texts), unpack_pieces(fitted.pieces)),
        coordinates=fitted.directions.project(model.predict(texts).embeddings),
        decisions=[prediction.decision for prediction in predictions],
        wrong=[_is_wrong(row, prediction) for row, prediction in zip(rows, predictions, strict=True)],
    )


def summarise(looked: Looked, fitted: Fitted, data: str, text_sha256: str) -> Reference:
    """What is kept of labelled alerts.

    Args:
        looked: the alerts.
        fitted: what they were looked at with.
        data: what they are, in words.
        text_sha256: the text model that read them.
    """
    kept = spread_evenly(looked.coordinates, MOST_TEXTS)
    bandwidth = neighbourhood(kept)
    one_category = _of_one_category(looked.coordinates, looked.categories, bandwidth)
    return Reference(
        data=data,
        text_sha256=text_sha256,
        alerts=len(looked.categories),
        categories=_counts(looked.categories),
        languages=_counts(looked.languages),
        confidences=_listed(count_percents(looked.confidences)),
        lengths=_listed(count_lengths(looked.lengths)),
        unseen=_listed(count_percents(looked.unseen)),
        answers=looked.answers(),
        seen_pieces=fitted.pieces,
        embeddings=fitted.directions.describe(kept, bandwidth, one_category),
    )


def _at(values: Sequence[Item], places: Places) -> list[Item]:
    return [values[place] for place in places]


def _is_wrong(row: LabelledAlert, prediction: Prediction) -> bool:
    heads = {"category": prediction.category, "department": prediction.department, "priority": prediction.priority}
    return any(heads[head].code != row.label(head) for head in HEADS)


def _of_one_category(coordinates: Floats, categories: Sequence[str], bandwidth: float) -> float:
    """How far the texts of a category lie from all texts, averaged over the categories with enough of them."""
    named = np.array(categories)
    distances = []
    for code, number in Counter(categories).items():
        if _LEAST_OF_CATEGORY <= number <= len(named) - _LEAST_OF_CATEGORY:
            own, rest = coordinates[named == code], coordinates[named != code]
            # The category is itself a part of all texts.
            distances.append(shift(rest, own, bandwidth) * (1 - number / len(named)))
    return float(np.mean(distances)) if distances and any(distances) else 1.0


def _counts(names: Iterable[str]) -> dict[str, int]:
    """How many there are of each, most first, so that a file reads well."""
    return dict(Counter(names).most_common())


def _listed(counts: Numbers) -> tuple[int, ...]:
    return tuple(counts.tolist())
