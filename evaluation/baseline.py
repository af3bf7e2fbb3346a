"""The baseline of every report: tf-idf with logistic regression, what Amsterdam's Signalen runs."""

from collections.abc import Sequence

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from threadpoolctl import threadpool_limits

from evaluation.metrics import Floats
from triage.corpus import LabelledAlert
from triage.taxonomy import HEADS, Head, Taxonomy


class TfidfBaseline:
    """One tf-idf and logistic regression per head, over words and pairs of words."""

    def __init__(self, rows: Sequence[LabelledAlert], taxonomy: Taxonomy, seed: int = 13) -> None:
        texts = [row.masked_text for row in rows]
        # More threads only wait for each other here: 21 s with two, 4 s with one.
        with threadpool_limits(limits=1):
            self._pipelines = {head: _fit(texts, [row.label(head) for row in rows], seed) for head in HEADS}
        self._codes = {head: taxonomy.codes(head) for head in HEADS}

    def probabilities(self, rows: Sequence[LabelledAlert], head: Head) -> Floats:
        """Probabilities of shape (rows, codes), in the taxonomy's order of codes."""
        pipeline = self._pipelines[head]
        known = pipeline.predict_proba([row.masked_text for row in rows])
        ordered = np.zeros((len(rows), len(self._codes[head])), np.float64)
        for column, code in enumerate(pipeline.classes_):
            ordered[:, self._codes[head].index(code)] = known[:, column]
        return ordered


def _fit(texts: Sequence[str], labels: Sequence[str], seed: int) -> Pipeline:
    return make_pipeline(
        TfidfVectorizer(strip_accents="unicode", ngram_range=(1, 2), sublinear_tf=True),
        LogisticRegression(C=10.0, max_iter=1000, random_state=seed),
    ).fit(texts, labels)
