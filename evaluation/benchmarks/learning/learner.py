"""A learner that is cheap enough to be fitted hundreds of times: logistic regression for each head."""

from collections.abc import Mapping

import numpy as np
from sklearn.linear_model import LogisticRegression

from evaluation.benchmarks.learning.examples import Examples
from evaluation.metrics import Floats
from triage.taxonomy import HEADS, Head

_INVERSE_DECAY = 10.0
_MOST_STEPS = 100

Probabilities = Mapping[Head, Floats]


class Learner:
    """Fitted to some labelled rows.

    Args:
        labelled: what it may know; of each head at least two codes.
        codes: how many codes each head has.
    """

    def __init__(self, labelled: Examples, codes: Mapping[Head, int]) -> None:
        self._codes = codes
        self._models = {
            head: LogisticRegression(C=_INVERSE_DECAY, max_iter=_MOST_STEPS).fit(
                labelled.features, labelled.labels[head]
            )
            for head in HEADS
        }

    def probabilities(self, features: Floats) -> Probabilities:
        """Probabilities per head of shape (rows, codes); 0 for a code that it has not seen yet."""
        found: dict[Head, Floats] = {}
        for head, model in self._models.items():
            found[head] = np.zeros((len(features), self._codes[head]))
            found[head][:, model.classes_] = model.predict_proba(features)
        return found
