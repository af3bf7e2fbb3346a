"""Looks at alerts of a file as at those of a bundle's reference, with its models."""

from collections.abc import Sequence

import numpy as np

from evaluation.live.drift.kernel import MOST_TEXTS, spread_evenly
from evaluation.live.drift.observed import Observed
from models.language import LanguageReader
from models.predictor import Predictor
from models.reference import Photos, Reference, shares_unseen
from models.text import TextModel
from triage.alert import Alert
from triage.redaction import redact


class AlertObserver:
    """Takes alerts some at a time; texts count, photos are counted and not looked at.

    Args:
        predictor: of the bundle.
        model: its text model.
        reference: the bundle's.
    """

    def __init__(self, predictor: Predictor, model: TextModel, reference: Reference) -> None:
        self._predictor = predictor
        self._model = model
        self._reference = reference
        self._languages = LanguageReader()
        self._seen = reference.seen()
        self._alerts = self._with_photo = 0
        self._texts: list[str] = []
        self._categories: list[str] = []
        self._confidences: list[float] = []
        self._unseen: list[float] = []

    def add(self, alerts: Sequence[Alert]) -> None:
        """Look at some more."""
        self._alerts += len(alerts)
        self._with_photo += sum(bool(alert.photo) for alert in alerts)
        worded = [alert for alert in alerts if alert.has_words]
        if not worded:
            return
        texts = [redact(alert.text).text for alert in worded]
        answers = self._predictor.predict(worded).predictions
        self._texts += texts
        self._categories += [answer.category.code for answer in answers]
        self._confidences += [min(answer.category.confidence, answer.department.confidence) for answer in answers]
        self._unseen += shares_unseen(self._model.tokenizer.encode(texts), self._seen)

    def observed(self) -> Observed:
        """What all of them are like; nobody knows what staff make of them."""
        places = spread_evenly(np.arange(len(self._texts), dtype=np.float64), MOST_TEXTS).astype(np.int64)
        embeddings = self._model.predict([self._texts[place] for place in places]).embeddings
        return Observed(
            alerts=self._alerts,
            categories=self._categories,
            confidences=self._confidences,
            languages=[self._languages.tell(text) or "" for text in self._texts],
            lengths=[len(text) for text in self._texts],
            unseen=self._unseen,
            coordinates=self._reference.embeddings.project(embeddings),
            photos=Photos(alerts=self._alerts, with_photo=self._with_photo),
        )
